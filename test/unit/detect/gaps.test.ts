import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { usualFlapping } from '../../../src/detect/flapping.ts'
import type { AlarmChange } from '../../../src/model/alarm.ts'
import { detectorBench, element, port } from './detector-bench.ts'

const both = element('a', { icmp: true, snmp: true })

/** What is measured in one round of ten seconds; the agent is asked in every sixth. */
interface Round {
  readonly loss: number
  readonly rttMs: number
  readonly portUp: boolean
}

const wordsOf = (change: AlarmChange): string =>
  `${change.kind === 'changed' ? change.what : change.kind} ${change.alarm.type}`

/** Plays rounds, with a time without any poll before the round `at`. Gives what was told in each round. */
function play(rounds: readonly Round[], gap?: { readonly at: number; readonly seconds: number }) {
  const bench = detectorBench([both], { flapping: { ...usualFlapping, suppress: Number.POSITIVE_INFINITY } })
  let second = 0
  let whileAway: readonly AlarmChange[] = []
  const told = rounds.map(({ loss, rttMs, portUp }, index) => {
    if (index === gap?.at) {
      for (const end = second + gap.seconds; second < end; second += 10) bench.tick(second)
      whileAway = bench.told.splice(0)
    }
    bench.burst(second, 'a', loss, rttMs)
    if (loss === 1) bench.poll(second + 1, 'a', 'snmp', 'timeout')
    else if (index % 6 === 0) bench.agent(second + 1, 'a', [port('a', 'x', portUp ? 'up' : 'down')])
    bench.tick(second + 2)
    second += 10
    return bench.told.splice(0)
  })
  return { told, whileAway, active: bench.detector.active() }
}

const gaps = (rounds: number) =>
  fc.record({ at: fc.nat(Math.max(0, rounds - 1)), seconds: fc.constantFrom(190, 400, 3_600, 86_400) })

const isAboutData = (change: AlarmChange) =>
  change.kind === 'changed' && (change.what === 'indeterminate' || change.what === 'measured')

describe('a time without polls', () => {
  const round = fc.record({
    loss: fc.constantFrom(0, 0, 0.03, 0.07, 0.2, 0.5, 1),
    rttMs: fc.constantFrom(10, 90, 150, 300),
    portUp: fc.boolean(),
  })
  const some = fc
    .array(round, { minLength: 2, maxLength: 60 })
    .chain((rounds) => fc.tuple(fc.constant(rounds), gaps(rounds.length)))

  it('raises nothing and clears nothing: alarms are indeterminate, that is all', () => {
    fc.assert(
      fc.property(some, ([rounds, gap]) => {
        const { whileAway } = play(rounds, gap)
        expect(whileAway.map(wordsOf).filter((words) => !words.startsWith('indeterminate '))).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  it('lends nothing to what comes after it: raising and clearing take as many samples as ever', () => {
    fc.assert(
      fc.property(some, ([rounds, gap]) => {
        const { told } = play(rounds, gap)
        for (const [index, changes] of told.entries()) {
          if (index < gap.at) continue
          const since = rounds.slice(gap.at, index + 1)
          for (const change of changes.map(wordsOf)) {
            if (change === 'raised unreachable')
              expect(since.filter(({ loss }) => loss === 1).length).toBeGreaterThanOrEqual(2)
            if (change === 'raised packet-loss')
              expect(since.filter(({ loss }) => loss >= 0.05).length).toBeGreaterThanOrEqual(3)
            if (change === 'cleared packet-loss')
              expect(since.filter(({ loss }) => loss < 0.02).length).toBeGreaterThanOrEqual(3)
            if (change === 'raised high-latency')
              expect(since.filter(({ rttMs }) => rttMs >= 100).length).toBeGreaterThanOrEqual(3)
            if (change === 'cleared high-latency')
              expect(since.filter(({ rttMs }) => rttMs < 80).length).toBeGreaterThanOrEqual(3)
          }
        }
      }),
      { numRuns: 150 },
    )
  })

  /** Conditions that last for a while each, as faults do. */
  const lasting = fc
    .array(
      fc.record({
        loss: fc.constantFrom(0, 0.2, 1),
        rttMs: fc.constantFrom(10, 150),
        portUp: fc.boolean(),
        rounds: fc.integer({ min: 18, max: 30 }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((parts) =>
      parts.flatMap(({ rounds, ...one }) => Array.from({ length: rounds }, (): Round => ({ ...one }))),
    )
    .chain((rounds) => fc.tuple(fc.constant(rounds), gaps(rounds.length)))

  it('put in anywhere changes nothing of what happens but the time', () => {
    fc.assert(
      fc.property(lasting, ([rounds, gap]) => {
        const whole = play(rounds)
        const holed = play(rounds, gap)
        const inOrder = ({ told }: ReturnType<typeof play>) =>
          told.flatMap((changes, index) =>
            changes.filter((one) => !isAboutData(one)).map((one) => ({ words: wordsOf(one), index })),
          )
        // Different things may come about in another order, since not all of them count as many samples.
        for (const type of ['unreachable', 'packet-loss', 'high-latency', 'interface-down', 'agent-silent']) {
          const of = (one: ReturnType<typeof play>) =>
            inOrder(one).filter(({ words }) => words.endsWith(` ${type}`))
          const [expected, found] = [of(whole), of(holed)]
          expect(found.map(({ words }) => words)).toEqual(expected.map(({ words }) => words))
          for (const [n, { index }] of found.entries())
            expect(index).toBeGreaterThanOrEqual(expected[n]?.index ?? 0)
        }
        expect(holed.active.map(({ type }) => type).toSorted()).toEqual(
          whole.active.map(({ type }) => type).toSorted(),
        )
      }),
      { numRuns: 150 },
    )
  })
})
