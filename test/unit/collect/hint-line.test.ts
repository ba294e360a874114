import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createHintLine } from '../../../src/collect/traps/hint-line.ts'
import { ManualClock } from '../../support/manual-clock.ts'

/** @param begun when the poll began that a hint is answered by; default: at the hint */
function bench(poll?: (element: string) => Promise<void>, begun?: () => number) {
  const clock = new ManualClock(0)
  const polled: string[] = []
  const renewed: string[] = []
  const line = createHintLine({
    clock,
    log: pino({ enabled: false }),
    poll: async (element) => {
      polled.push(`${element}@${clock.now()}`)
      const at = begun?.() ?? clock.now()
      await poll?.(element)
      return [{ at }]
    },
    renew: (element) => renewed.push(element),
  })
  return { clock, polled, renewed, line }
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

  it('is followed by one more poll where one was running that began before it', async () => {
    let runningSince: number | undefined = 9_000
    const { clock, polled, line } = bench(undefined, () => runningSince ?? clock.now())
    await clock.advance(10_000)
    line.hint('a', 'linkDown')
    await setImmediate()
    runningSince = undefined
    await clock.advance(60_000)
    expect(polled).toEqual(['a@10000', 'a@15000'])
    line.stop()
  })

  it('has the neighbours read anew when it is of LLDP, and only then', () => {
    const { renewed, line } = bench()
    line.hint('a', 'linkUp')
    line.hint('b', 'lldpChange')
    line.hint('b', 'lldpChange')
    line.hint('c', 'other')
    expect(renewed).toEqual(['b', 'b'])
    line.stop()
    line.hint('b', 'lldpChange')
    expect(renewed).toHaveLength(2)
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
