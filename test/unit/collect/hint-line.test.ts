import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createHintLine } from '../../../src/collect/traps/hint-line.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function bench(poll?: (element: string) => Promise<void>) {
  const clock = new ManualClock(0)
  const polled: string[] = []
  const line = createHintLine({
    clock,
    log: pino({ enabled: false }),
    poll: async (element) => {
      polled.push(`${element}@${clock.now()}`)
      await poll?.(element)
    },
  })
  return { clock, polled, line }
}

describe('a hint', () => {
  it('makes its element be polled at once, and once more after those that follow', async () => {
    const { clock, polled, line } = bench()
    line.hint('a', 'linkDown')
    expect(polled).toEqual(['a@0'])
    await setImmediate()
    await clock.advance(1_000)
    for (let n = 0; n < 1_000; n++) line.hint('a', 'linkUp')
    line.hint('b', 'coldStart')
    expect(polled).toEqual(['a@0', 'b@1000'])
    await setImmediate()
    await clock.advance(4_000)
    expect(polled).toEqual(['a@0', 'b@1000', 'a@5000'])
    await clock.advance(60_000)
    expect(polled).toHaveLength(3)
    line.stop()
  })

  it('is none when it says nothing about the network', () => {
    const { polled, line } = bench()
    line.hint('a', 'authenticationFailure')
    line.hint('a', 'other')
    expect(polled).toEqual([])
  })

  it('waits while twenty are polled, and is not lost when one fails', async () => {
    const gates = new Map<string, PromiseWithResolvers<void>>()
    const { clock, polled, line } = bench((element) => {
      const gate = Promise.withResolvers<void>()
      gates.set(element, gate)
      return gate.promise
    })
    for (let n = 0; n < 30; n++) line.hint(`e${n}`, 'linkDown')
    expect(polled).toHaveLength(20)
    gates.get('e3')?.reject(new Error('broken'))
    await setImmediate()
    expect(polled).toHaveLength(21)
    for (const gate of gates.values()) gate.resolve()
    await setImmediate()
    await clock.advance(10_000)
    expect(polled).toHaveLength(30)
    for (const gate of gates.values()) gate.resolve()
    line.stop()
  })

  it('after the end does nothing', () => {
    const { polled, line } = bench()
    line.stop()
    line.hint('a', 'linkDown')
    expect(polled).toEqual([])
  })
})
