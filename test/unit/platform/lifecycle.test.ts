import { describe, expect, it } from 'vitest'
import { Lifecycle } from '../../../src/platform/lifecycle.ts'
import { createLogger } from '../../../src/platform/logger.ts'
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

function bench() {
  const lines: Record<string, unknown>[] = []
  const log = createLogger('info', { write: (line: string) => lines.push(JSON.parse(line)) })
  return { life: new Lifecycle(), log, lines }
}

describe('the end of a daemon', () => {
  it('is told once in the log, however often it is asked for', async () => {
    const { life, log, lines } = bench()
    life.onClose('one', () => {})
    await Promise.all([life.close(log), life.close(log)])
    expect(lines).toMatchObject([{ msg: 'stopped', durationMs: expect.any(Number) }])
  })

  it('names what would not close', async () => {
    const { life, log, lines } = bench()
    life.onClose('state store', () => Promise.reject(new Error('disk I/O error')))
    expect(await life.close(log)).toHaveLength(1)
    expect(lines).toMatchObject([
      { msg: 'stopped, and not everything would close', failures: ['closing state store: disk I/O error'] },
    ])
  })
})
