import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldIncident, foldUntil } from '../../../src/incident/fold-incident.ts'
import { impactHistory } from '../../../src/incident/impact-history.ts'
import type { Cover } from '../../../src/incident/maintenance/coverage.ts'
import type { Incident } from '../../../src/model/incident.ts'
import type { IncidentAction } from '../../../src/model/incident-action.ts'
import type { Finding } from '../../../src/model/incident-event.ts'
import { findingOf, impactOf } from '../../support/finding-of.ts'
import { trackerBench } from '../../support/tracker-bench.ts'

const element = fc.constantFrom('a', 'b', 'c', 'd')
const finding: fc.Arbitrary<Finding> = fc
  .record({
    root: element,
    shadowed: fc.uniqueArray(element),
    hit: fc.subarray(['s-1', 's-2', 's-3']),
    state: fc.constantFrom('down', 'degraded'),
    kind: fc.constantFrom('outage', 'outage', 'outage', 'blind'),
    onsetAt: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ root, shadowed, hit, state, kind, onsetAt }) =>
    findingOf(root, {
      kind,
      shadowed: shadowed.filter((id) => id !== root),
      impact: impactOf(state, ...hit),
      onsetAt,
    }),
  )
const findings = fc.uniqueArray(finding, { selector: ({ roots }) => JSON.stringify(roots), maxLength: 3 })

/** What only tells people something. The rest moves the incident to a state in which the system treats it otherwise. */
const telling: fc.Arbitrary<IncidentAction> = fc.oneof(
  fc.constantFrom<IncidentAction[]>(
    { type: 'acknowledge' },
    { type: 'start' },
    { type: 'start', assignee: 'wu' },
    { type: 'release' },
    { type: 'assign', assignee: null },
    { type: 'eta', etaAt: null },
  ),
  fc.constantFrom('li', 'wu').map((assignee): IncidentAction => ({ type: 'assign', assignee })),
  fc.string({ minLength: 1, maxLength: 9 }).map((text): IncidentAction => ({ type: 'note', text })),
  fc.constant<IncidentAction>({ type: 'hold', reason: 'no access' }),
  fc.integer({ min: 1, max: 9 }).map((days): IncidentAction => ({ type: 'eta', etaAt: days * 86_400_000 })),
)
const moving = fc.constantFrom<IncidentAction[]>(
  { type: 'resolve' },
  { type: 'reopen', reason: 'customers say no' },
  { type: 'close' },
)

type Act =
  | { readonly do: 'step'; readonly findings: readonly Finding[]; readonly covered: readonly string[] }
  | { readonly do: 'act'; readonly which: number; readonly action: IncidentAction; readonly stale: boolean }
  | { readonly do: 'told' | 'reported'; readonly which: number }
  /** Back, too: clocks are set. */
  | { readonly do: 'pass'; readonly ms: number }

const step = fc.record({ do: fc.constant('step'), findings, covered: fc.subarray(['a', 'b', 'c', 'd']) })
const acted = (action: fc.Arbitrary<IncidentAction>) =>
  fc.record({ do: fc.constant('act'), which: fc.nat(5), action, stale: fc.boolean() })
const heard = fc.record({ do: fc.constantFrom('told', 'reported'), which: fc.nat(5) })
const pass = fc.record({
  do: fc.constant('pass'),
  ms: fc.constantFrom(1_000, 30_000, 61_000, 700_000, -5_000),
})
const actsOf = (action: fc.Arbitrary<IncidentAction>) =>
  fc.array(fc.oneof(step, step, acted(action), heard, pass, pass), {
    minLength: 3,
    maxLength: 40,
  }) as fc.Arbitrary<Act[]>

const cover: Cover = { window: 'mw', downstream: true, start: 0, end: 1e12 }

/** Lives through all of it. `watch` sees what there is after each act. */
function live(
  acts: readonly Act[],
  watch: (now: number, incidents: ReadonlyMap<string, Incident>) => void = () => {},
) {
  const net = trackerBench()
  const accepted: string[] = []
  let now = 100_000
  for (const act of acts) {
    const id = 'which' in act ? [...net.incidents.keys()][act.which] : undefined
    if (act.do === 'pass') now += act.ms
    if (act.do === 'step')
      net.step(now, act.findings, [], [], {
        covers: new Map(act.covered.map((one) => [one, cover])),
        services: new Map(),
      })
    if (id !== undefined && act.do === 'told') net.record(id, { type: 'customersTold', toldAt: now }, now)
    if (id !== undefined && act.do === 'reported')
      net.record(id, { type: 'reported', report: 'r-1', reportedAt: now }, now)
    if (id !== undefined && act.do === 'act') {
      const version = net.get(id).version - Number(act.stale)
      const outcome = net.act(id, act.action, 'li', now, version)
      expect(outcome === 'PRECONDITION_FAILED').toBe(act.stale)
      if (net.get(id).version === version + 1 && !act.stale) accepted.push(`${id} ${version + 1} ${outcome}`)
    }
    watch(now, net.incidents)
  }
  return { ...net, accepted }
}

describe('the log of an incident', () => {
  it('gives the state of each moment, however people and the system take turns', () => {
    fc.assert(
      fc.property(actsOf(fc.oneof(telling, telling, moving)), (acts) => {
        const seen = new Map<string, Map<number, Incident>>()
        const { logs, accepted } = live(acts, (_, incidents) => {
          for (const [id, incident] of incidents)
            seen.set(id, (seen.get(id) ?? new Map()).set(incident.version, incident))
        })
        for (const [id, log] of logs) {
          // Nothing is lost, nothing is doubled, and time does not go back.
          expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1))
          for (const [index, event] of log.entries())
            expect(event.at).toBeGreaterThanOrEqual(log[index - 1]?.at ?? 0)
          for (const version of log.keys())
            expect(foldIncident(log.slice(0, version + 1)).version).toBe(version + 1)
          for (const [version, incident] of seen.get(id) ?? []) {
            expect(foldIncident(log.slice(0, version))).toEqual(incident)
            const isLastOfItsTime = (log[version]?.at ?? Infinity) > incident.updatedAt
            if (isLastOfItsTime) expect(foldUntil(log, incident.updatedAt)).toEqual(incident)
            const until = (log[version]?.at ?? incident.updatedAt + 2) - 1
            if (isLastOfItsTime) expect(foldUntil(log, until)).toEqual(incident)
          }
          expect(foldUntil(log, (log[0]?.at ?? 0) - 1)).toBeUndefined()
        }
        // What was said yes to is there, with the name of the one who did it.
        const written = [...logs].flatMap(([id, log]) =>
          log.filter(({ actor }) => actor === 'li').map(({ sequence, type }) => `${id} ${sequence} ${type}`),
        )
        expect(written.toSorted()).toEqual(accepted.toSorted())
      }),
      { numRuns: 150 },
    )
  })

  it('is the same when the same things happen again', () => {
    fc.assert(
      fc.property(actsOf(fc.oneof(telling, moving)), (acts) => {
        expect(live(acts).logs).toEqual(live(acts).logs)
      }),
      { numRuns: 60 },
    )
  })

  /** What the system says of the network; what it only hands on when one incident takes over another is people's. */
  const handedOn: readonly string[] = ['etaSet', 'acknowledged', 'assigned', 'started']
  const network = ({ logs }: ReturnType<typeof live>) =>
    [...logs].map(([id, log]) => ({
      id,
      log: log
        .filter(({ actor, type }) => actor === 'system' && !handedOn.includes(type))
        .map(({ sequence: _, ...event }) => event),
    }))
  const withoutPeople = (acts: readonly Act[]) => acts.filter((act) => act.do !== 'act')

  it('tells of the network what it would have told without people, who only tell each other something', () => {
    const forward = (acts: readonly Act[]) => acts.filter((act) => act.do !== 'pass' || act.ms > 0)
    fc.assert(
      fc.property(actsOf(telling).map(forward), (acts) => {
        expect(network(live(acts))).toEqual(network(live(withoutPeople(acts))))
      }),
      { numRuns: 100 },
    )
  })

  it('tells the same, and of no earlier time, when the clock is set back after what people did', () => {
    // Since times in a log never go back, one may be as late as what a person did by the old time; when it is filed or
    // opened again follows from it. Sums of 26 s, and 10 s less, are none of the times that the tracker waits for.
    const slow = (acts: readonly Act[]): readonly Act[] => {
      let backs = 0
      return acts.map((act) => {
        if (act.do !== 'pass') return act
        if (act.ms < 0) return { do: 'pass', ms: ++backs > 2 ? 26_000 : act.ms }
        return { do: 'pass', ms: act.ms === 700_000 ? 702_000 : act.ms === 61_000 ? 78_000 : 26_000 }
      })
    }
    fc.assert(
      fc.property(actsOf(telling).map(slow), (acts) => {
        const one = network(live(acts))
        const other = network(live(withoutPeople(acts)))
        const untimed = (all: typeof one) =>
          all.map(({ id, log }) => ({ id, log: log.map(({ at: _, ...event }) => event) }))
        expect(untimed(one)).toEqual(untimed(other))
        for (const [index, { log }] of one.entries())
          for (const [row, { at }] of log.entries()) {
            const later = at - (other[index]?.log[row]?.at ?? Number.NaN)
            expect(later).toBeGreaterThanOrEqual(0)
            expect(later).toBeLessThanOrEqual(10_000)
          }
      }),
      { numRuns: 100 },
    )
  })

  it('names on both sides what was joined and what was parted', () => {
    fc.assert(
      fc.property(actsOf(telling), (acts) => {
        const { logs } = live(acts)
        const pairs = (type: string, key: string) =>
          [...logs].flatMap(([id, log]) =>
            log.flatMap((event) =>
              event.type === type
                ? [[id, String(Object.entries(event).find(([name]) => name === key)?.[1])]]
                : [],
            ),
          )
        const swapped = (list: readonly (readonly string[])[]) =>
          list.map(([one, other]) => `${other} ${one}`)
        const straight = (list: readonly (readonly string[])[]) => list.map((pair) => pair.join(' '))
        expect(swapped(pairs('merged', 'into')).toSorted()).toEqual(
          straight(pairs('absorbed', 'from')).toSorted(),
        )
        expect(swapped(pairs('splitFrom', 'from')).toSorted()).toEqual(
          straight(pairs('split', 'into')).toSorted(),
        )
      }),
      { numRuns: 100 },
    )
  })

  it('adds up to the impact of each moment', () => {
    fc.assert(
      fc.property(actsOf(telling), (acts) => {
        const { logs } = live(acts)
        for (const [, log] of logs)
          for (const { sequence, impact, change } of impactHistory(log)) {
            expect(foldIncident(log.slice(0, sequence)).impact).toEqual(impact)
            expect(change.set.length + change.gone.length).toBeGreaterThan(0)
          }
      }),
      { numRuns: 60 },
    )
  })
})
