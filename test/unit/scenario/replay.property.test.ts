import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gridPoller, type Turn } from '../../support/scenario/grid-poller.ts'
import { anyScenario, singleFault } from '../../support/scenario/random-scenario.ts'
import { runScenario } from '../../support/scenario/run-scenario.ts'

const limitMs = 120_000
const runs = (numRuns: number) => ({ numRuns, endOnFailure: true })

/** A number for each turn that depends on the seed alone. */
function numberOf(seed: number, { element, probe }: Turn): number {
  let hash = seed
  for (const byte of Buffer.from(`${element} ${probe}`)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
const shuffledBy =
  (seed: number) =>
  (turns: readonly Turn[]): readonly Turn[] =>
    turns.toSorted((one, other) => numberOf(seed, one) - numberOf(seed, other))

const sameTime = () => 0

describe('any scenario', () => {
  it(
    'has the same timeline when it is played again, and breaks no invariant',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyScenario, async ({ scenario }) => {
          const first = await runScenario(scenario)
          expect(first.problems).toEqual([])
          expect((await runScenario(scenario)).timeline).toBe(first.timeline)
        }),
        runs(4),
      )
    },
    limitMs,
  )

  it(
    'ends as it began, and whoever was told of an outage was told once of its end',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyScenario, async ({ scenario }) => {
          const { told, left, problems } = await runScenario(scenario)
          expect(problems).toEqual([])
          expect(left).toEqual([])
          for (const [, messages] of Map.groupBy(told, (message) => message.split(' ')[0])) {
            const kinds = messages.map((message) => message.split(' ')[1])
            expect(kinds).toEqual(kinds.map((_, index) => (index % 2 === 0 ? 'outage' : 'restored')))
            expect(kinds.length % 2).toBe(0)
          }
        }),
        runs(4),
      )
    },
    limitMs,
  )

  it(
    'has the same timeline for any order of the readings of one time',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyScenario, fc.nat(), fc.nat(), async ({ scenario }, one, other) => {
          const played = (seed: number) =>
            runScenario(scenario, {
              openPoller: gridPoller({ phaseOf: sameTime, order: shuffledBy(seed), hastens: false }),
            })
          const first = await played(one)
          expect(first.problems).toEqual([])
          expect((await played(other)).timeline).toBe(first.timeline)
        }),
        runs(4),
      )
    },
    limitMs,
  )
})

describe('one fault in a tree', () => {
  it(
    'has one incident with the right root, and never another, whenever each element is polled',
    async () => {
      await fc.assert(
        fc.asyncProperty(singleFault, fc.nat(), async ({ scenario, root }, seed) => {
          const phaseOf = (turn: Turn) => 1_000 * (numberOf(seed, turn) % 60)
          const openPoller = gridPoller({ phaseOf, order: shuffledBy(seed), hastens: true })
          const { timeline, problems } = await runScenario(scenario, { openPoller })
          expect(problems).toEqual([])
          const roots = [
            ...timeline.matchAll(/^ +(?:outage|degradation|redundancy|agent|blind) .*, root (.+)$/gm),
          ]
          expect(timeline.match(/#\d+ opened/g)).toEqual(['#1 opened'])
          expect([...new Set(roots.map(([, named]) => named))]).toEqual([root])
        }),
        runs(10),
      )
    },
    limitMs,
  )
})
