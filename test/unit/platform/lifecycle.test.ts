import { expect, it } from 'vitest'
import { Lifecycle } from '../../../src/platform/lifecycle.ts'
import { ManualClock } from '../../support/manual-clock.ts'

it('what was opened last is closed first, one after the other, and only once', async () => {
  const life = new Lifecycle()
  const told: string[] = []
  for (const name of ['store', 'queue', 'api'])
    life.onClose(name, async () => {
      told.push(`${name} closes`)
      await Promise.resolve()
      told.push(`${name} is closed`)
    })

  expect(await Promise.all([life.close(), life.close()])).toEqual([[], []])

  expect(told).toEqual([
    'api closes',
    'api is closed',
    'queue closes',
    'queue is closed',
    'store closes',
    'store is closed',
  ])
})

it('what fails to close, or takes too long, is named and holds nothing up', async () => {
  const clock = new ManualClock()
  const life = new Lifecycle(clock, 2_000)
  let isStoreClosed = false
  life.onClose('store', () => {
    isStoreClosed = true
  })
  const stuck = Promise.withResolvers<void>()
  life.onClose('queue', () => {
    stuck.resolve()
    return new Promise(() => {})
  })
  life.onClose('api', () => Promise.reject(new Error('port is stuck')))

  const closing = life.close()
  await stuck.promise
  await clock.advance(2_000)

  expect((await closing).map(({ message }) => message)).toEqual([
    'closing api: port is stuck',
    'closing queue: took longer than 2000 ms',
  ])
  expect(isStoreClosed).toBe(true)
})
