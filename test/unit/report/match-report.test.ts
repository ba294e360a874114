import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AlarmType } from '../../../src/model/alarm.ts'
import { alarmTypes } from '../../../src/model/alarm.ts'
import { type Evidence, type FaultReport, type Match, symptoms } from '../../../src/model/fault-report.ts'
import type { ImpactState } from '../../../src/model/impact.ts'
import type { Incident } from '../../../src/model/incident.ts'
import { linkBetween } from '../../../src/model/link.ts'
import { candidateOf } from '../../../src/report/match-points.ts'
import { matchReport, type NearbyReport } from '../../../src/report/match-report.ts'
import { incidentAt, smallInventory, smallPath } from '../../support/small-network.ts'

const minute = 60_000
const now = Date.parse('2026-03-01T08:00:00Z')
const siteOf = (element: string) => smallInventory.elements.get(element)?.site

const goodEvidence: Evidence = { state: 'measured', coverage: 1, good: true, from: 0, to: now, findings: [] }
const badEvidence: Evidence = { ...goodEvidence, good: false }

const report = (more: Partial<FaultReport> = {}): FaultReport => ({
  id: 'rep-1',
  kind: 'fault',
  customer: 'c-1',
  service: 's-1',
  symptom: 'no-service',
  description: '',
  channel: 'phone',
  status: 'acknowledged',
  reportedAt: now,
  verdict: 'unknown',
  evidence: goodEvidence,
  version: 1,
  updatedAt: now,
  ...more,
})

interface Setting {
  readonly types?: readonly AlarmType[]
  readonly nearby?: readonly NearbyReport[]
  readonly decided?: readonly Match[]
  readonly evidence?: Evidence
}

function outcome(of: FaultReport, incidents: readonly Incident[], setting: Setting = {}) {
  const { types = [], nearby = [], decided = [], evidence = badEvidence } = setting
  return matchReport({
    report: of,
    services: [...smallInventory.services.values()]
      .filter((service) =>
        of.service === undefined ? service.customer === of.customer : service.id === of.service,
      )
      .map((service) => ({ service, path: smallPath(service) })),
    siteOf,
    incidents: incidents.map((incident) => candidateOf(incident, new Set(types), siteOf)),
    nearbyReports: nearby,
    decided,
    evidence,
    now,
  })
}

const before = now - 10 * minute
const neighbour: NearbyReport = { customer: 'c-9', element: 'acc1', reportedAt: now }
const link = linkBetween({ element: 'agg1' }, { element: 'acc1' }, 'declared')

describe('matching a report to an incident', () => {
  it.for<[string, Partial<FaultReport>, Incident, Setting, Match['state'] | 'none']>([
    [
      'an outage that took the service down explains "no service"',
      {},
      incidentAt(before, { 's-1': 'down' }),
      {},
      'linked',
    ],
    [
      'some say "slow" when nothing works',
      { symptom: 'slow' },
      incidentAt(before, { 's-1': 'down' }),
      {},
      'linked',
    ],
    [
      'congestion that degrades the service explains "slow"',
      { symptom: 'slow' },
      incidentAt(before, { 's-1': 'degraded' }, { kind: 'degradation' }),
      { types: ['high-utilisation'] },
      'linked',
    ],
    [
      'a degradation is less than "no service"',
      {},
      incidentAt(before, { 's-1': 'degraded' }, { kind: 'degradation' }),
      { types: ['packet-loss'] },
      'suggested',
    ],
    [
      'the customer noticed before the first bad sample',
      { reportedAt: now },
      incidentAt(now + 5 * minute, { 's-1': 'down' }),
      {},
      'linked',
    ],
    [
      'a fault that was felt ten minutes before it could be measured explains it',
      {},
      incidentAt(now + 10 * minute, { 's-1': 'down' }),
      {},
      'linked',
    ],
    [
      'so it does when the path was not seen',
      {},
      incidentAt(now + 5 * minute, { 's-1': 'down' }),
      { evidence: { ...goodEvidence, coverage: 0.5 } },
      'linked',
    ],
    [
      'one that began a quarter of an hour after the report only may explain it',
      {},
      incidentAt(now + 15 * minute, { 's-1': 'down' }),
      {},
      'suggested',
    ],
    [
      'and half an hour after the report it does not',
      {},
      incidentAt(now + 30 * minute, { 's-1': 'down' }),
      {},
      'none',
    ],
    [
      'nor for evenings that were slow before',
      { symptom: 'slow-evening' },
      incidentAt(now + 30 * minute, { 's-1': 'degraded' }, { kind: 'degradation' }),
      { types: ['high-utilisation'] },
      'none',
    ],
    [
      'what began after the path was measured as good does not explain it',
      { symptom: 'slow' },
      incidentAt(now + 87_000, { 's-1': 'degraded' }, { kind: 'degradation' }),
      { types: ['packet-loss'], evidence: goodEvidence, nearby: [neighbour] },
      'none',
    ],
    [
      'not even when the customer says that it began long before',
      { symptom: 'slow', reportedOnsetAt: now - 5 * minute },
      incidentAt(now + minute, { 's-1': 'degraded' }, { kind: 'degradation' }),
      { types: ['packet-loss'], evidence: goodEvidence },
      'none',
    ],
    [
      'what turned bad while the path was being probed explains it',
      {},
      incidentAt(now + 1_000, { 's-1': 'down' }),
      { evidence: { ...goodEvidence, to: now + 2_500 } },
      'linked',
    ],
    [
      'an alarm that comes late, of a fault from before the report, explains it',
      { symptom: 'slow' },
      incidentAt(
        now - minute,
        { 's-1': 'degraded' },
        { kind: 'degradation', detectedAt: now + 4 * minute, updatedAt: now + 4 * minute },
      ),
      { types: ['packet-loss'], evidence: goodEvidence },
      'linked',
    ],
    [
      'a fault on the path without measured impact may explain it',
      {},
      incidentAt(before, {}, { roots: [{ kind: 'element', element: 'agg1' }] }),
      {},
      'suggested',
    ],
    [
      'so may a fault of a link on the path',
      {},
      incidentAt(before, {}, { roots: [{ kind: 'link', link }] }),
      {},
      'suggested',
    ],
    ['and a fault on the access element itself', {}, incidentAt(before, {}), {}, 'suggested'],
    [
      'a fault at the same site may explain it',
      { customer: 'c-2', service: 's-2' },
      incidentAt(before, {}),
      {},
      'suggested',
    ],
    [
      'but not when the own path was measured and is good',
      { customer: 'c-2', service: 's-2' },
      incidentAt(before, {}),
      { evidence: goodEvidence },
      'none',
    ],
    [
      'a lost spare path does not explain "no service"',
      {},
      incidentAt(before, { 's-1': 'atRisk' }, { kind: 'redundancy' }),
      {},
      'none',
    ],
    [
      'nor "slow"',
      { symptom: 'slow' },
      incidentAt(before, { 's-1': 'atRisk' }, { kind: 'redundancy' }),
      {},
      'none',
    ],
    [
      'a silent agent explains nothing',
      {},
      incidentAt(before, { 's-1': 'down' }, { kind: 'agent' }),
      {},
      'none',
    ],
    [
      'what was merged explains nothing, the survivor does',
      {},
      incidentAt(before, { 's-1': 'down' }, { mergedInto: 'inc-0' }),
      {},
      'none',
    ],
    [
      'an incident elsewhere explains nothing',
      {},
      incidentAt(before, { 's-9': 'down' }, { roots: [{ kind: 'element', element: 'cpe2' }] }),
      {},
      'none',
    ],
    [
      'a repair ten minutes before the call is still fresh',
      {},
      incidentAt(now - 60 * minute, { 's-1': 'down' }, { restoredAt: now - 10 * minute, state: 'resolved' }),
      {},
      'linked',
    ],
    [
      'so is one a queue of a quarter of an hour before',
      {},
      incidentAt(now - 60 * minute, { 's-1': 'down' }, { restoredAt: now - 15 * minute, state: 'resolved' }),
      {},
      'linked',
    ],
    [
      'not beyond that',
      {},
      incidentAt(now - 60 * minute, { 's-1': 'down' }, { restoredAt: now - 21 * minute, state: 'resolved' }),
      { nearby: [neighbour] },
      'suggested',
    ],
    [
      'an outage that was over before is not what "slow in the evening" means',
      { symptom: 'slow-evening' },
      incidentAt(now - 4 * minute, { 's-1': 'down' }, { restoredAt: now - 3 * minute }),
      { nearby: [neighbour] },
      'suggested',
    ],
    [
      'nor may it be what began after its end',
      { reportedOnsetAt: now - 2 * minute },
      incidentAt(now - 60 * minute, { 's-1': 'down' }, { restoredAt: now - 5 * minute }),
      { nearby: [neighbour] },
      'suggested',
    ],
    [
      'the congestion of this evening explains a slow evening also when it is over',
      { symptom: 'slow-evening' },
      incidentAt(
        now - 120 * minute,
        { 's-1': 'degraded' },
        { kind: 'degradation', restoredAt: now - 60 * minute, state: 'closed' },
      ),
      { types: ['high-utilisation'] },
      'linked',
    ],
    [
      'after 40 minutes it may explain it',
      {},
      incidentAt(now - 90 * minute, { 's-1': 'down' }, { restoredAt: now - 40 * minute, state: 'resolved' }),
      {},
      'suggested',
    ],
    [
      'after three hours it does not',
      {},
      incidentAt(now - 300 * minute, { 's-1': 'down' }, { restoredAt: now - 180 * minute, state: 'closed' }),
      {},
      'none',
    ],
    [
      'unless the customer says that it began then',
      { reportedOnsetAt: now - 200 * minute },
      incidentAt(now - 300 * minute, { 's-1': 'down' }, { restoredAt: now - 180 * minute, state: 'closed' }),
      {},
      'linked',
    ],
    [
      'slow evenings are compared with last evening',
      { symptom: 'slow-evening' },
      incidentAt(
        now - 14 * 60 * minute,
        { 's-1': 'degraded' },
        { kind: 'degradation', restoredAt: now - 10 * 60 * minute, state: 'closed' },
      ),
      { types: ['high-utilisation'] },
      'suggested',
    ],
  ])('%s', ([, facts, incident, setting, expected]) => {
    const { matches } = outcome(report(facts), [incident], setting)
    expect(matches[0]?.state ?? 'none').toBe(expected)
  })

  it('considers all services of a customer when the report names none', () => {
    const { service: _, ...customerOnly } = report()
    expect(outcome(customerOnly, [incidentAt(before, { 's-1': 'down' })]).matches[0]?.state).toBe('linked')
  })

  it('gives reasons whose points add up to the score', () => {
    const nearby = [neighbour]
    const [match] = outcome(report(), [incidentAt(before, { 's-1': 'down' })], { nearby }).matches
    expect(match?.score).toBe(0.98)
    expect(match?.reasons.map(({ factor, points, text }) => `${factor} ${points} ${text}`)).toEqual([
      'topology 0.6 Service s-1 was down in this incident.',
      'time 0.2 It was reported while the fault lasted.',
      'symptom 0.15 "No service" is what an outage looks like.',
      'other-reports 0.03 1 other customer has reported it.',
    ])
  })

  it('does not count the same customer, or a far time, as other reports', () => {
    const nearby = [
      { customer: 'c-1', element: 'acc1', reportedAt: now },
      { customer: 'c-9', element: 'acc1', reportedAt: now - 5 * 60 * minute },
    ]
    const [match] = outcome(report(), [incidentAt(before, { 's-1': 'down' })], { nearby }).matches
    expect(match?.score).toBe(0.95)
  })

  it('puts the best first', () => {
    const worse = incidentAt(before, {}, { id: 'inc-0', roots: [{ kind: 'element', element: 'agg1' }] })
    const { matches } = outcome(report(), [worse, incidentAt(before, { 's-1': 'down' })])
    expect(matches.map((match) => match.incident)).toEqual(['inc-1', 'inc-0'])
  })
})

describe('an incident that was over before', () => {
  const restoredAt = now - 3 * minute
  const over = (more: Partial<Incident> = {}) =>
    incidentAt(now - 30 * minute, { 's-1': 'down' }, { id: 'inc-over', restoredAt, ...more })
  const lasting = incidentAt(before, { 's-1': 'down' }, { id: 'inc-now' })
  const states = (matches: readonly Match[]) => matches.map(({ incident, state }) => `${incident} ${state}`)

  it('is linked alone, and only suggested beside one that lasts and explains the report better', () => {
    expect(states(outcome(report(), [over()]).matches)).toEqual(['inc-over linked'])
    for (const incidents of [
      [over(), lasting],
      [lasting, over()],
    ]) {
      const { matches } = outcome(report(), incidents)
      expect(states(matches)).toEqual(['inc-now linked', 'inc-over suggested'])
      expect(matches[1]?.score).toBe(0.7)
      expect(matches[1]?.reasons.find(({ factor }) => factor === 'time')?.text).toBe(
        'It was reported 3 min after the fault was over. Incident inc-now lasted then and explains it better.',
      )
    }
  })

  it('yields to what a person linked', () => {
    const decided: Match = {
      report: 'rep-1',
      incident: 'inc-now',
      score: 1,
      reasons: [],
      state: 'linked',
      decidedBy: 'person',
      at: now,
    }
    const { matches } = outcome(report(), [over(), lasting], { decided: [decided] })
    expect(states(matches)).toEqual(['inc-now linked', 'inc-over suggested'])
  })

  it('stays linked beside what explains the report less', () => {
    const onPath = incidentAt(before, {}, { id: 'inc-now', roots: [{ kind: 'element', element: 'agg1' }] })
    expect(states(outcome(report(), [over(), onPath]).matches)).toEqual([
      'inc-over linked',
      'inc-now suggested',
    ])
  })

  it('also yields when both are over by now', () => {
    const ended = { ...lasting, restoredAt: now + minute }
    expect(states(outcome(report(), [over(), ended]).matches)).toEqual([
      'inc-now linked',
      'inc-over suggested',
    ])
  })
})

describe('the verdict', () => {
  const linked = incidentAt(before, { 's-1': 'down' })
  const onPath = incidentAt(before, {}, { roots: [{ kind: 'element', element: 'agg1' }] })
  const blind = incidentAt(before, {}, { id: 'inc-blind', kind: 'blind', roots: [] })
  const half = { ...goodEvidence, coverage: 0.79 }

  it.for<[string, readonly Incident[], Evidence, string]>([
    ['is matched with a linked incident', [linked], goodEvidence, 'matched'],
    ['is suspected with a suggested one', [onPath], badEvidence, 'suspected'],
    ['says that no fault was seen when all was measured and good', [], goodEvidence, 'no-fault-seen'],
    ['is unknown when too little was measured', [], half, 'unknown'],
    ['is unknown when something measured is bad and nothing explains it', [], badEvidence, 'unknown'],
    ['is unknown while we are blind, whatever the evidence', [blind], goodEvidence, 'unknown'],
    ['is unknown while we are blind, whatever is suggested', [blind, onPath], badEvidence, 'unknown'],
    [
      'stays that no fault was seen when a fault begins after that',
      [incidentAt(now + 87_000, { 's-1': 'down' })],
      goodEvidence,
      'no-fault-seen',
    ],
    ['stays matched while we are blind', [blind, linked], badEvidence, 'matched'],
  ])('%s', ([, incidents, evidence, verdict]) => {
    expect(outcome(report(), incidents, { evidence }).verdict).toBe(verdict)
  })
})

describe('what a person decided', () => {
  const decision = (state: 'linked' | 'unlinked'): Match => ({
    report: 'rep-1',
    incident: 'inc-1',
    score: state === 'linked' ? 1 : 0,
    reasons: [],
    state,
    decidedBy: 'person',
    at: now - minute,
  })

  it('keeps an incident unlinked that explains everything', () => {
    const decided = [decision('unlinked')]
    const { matches, verdict } = outcome(report(), [incidentAt(before, { 's-1': 'down' })], { decided })
    expect(matches).toEqual(decided)
    expect(verdict).toBe('unknown')
  })

  it('keeps an incident linked that explains nothing', () => {
    const decided = [decision('linked')]
    const { matches, verdict } = outcome(report(), [], { decided })
    expect(matches).toEqual(decided)
    expect(verdict).toBe('matched')
  })
})

describe('any score', () => {
  const state = fc.constantFrom<ImpactState | 'none'>('down', 'degraded', 'atRisk', 'none')
  const anything = fc.record({
    symptom: fc.constantFrom(...symptoms),
    state,
    kind: fc.constantFrom<Incident['kind']>('outage', 'degradation', 'redundancy'),
    root: fc.constantFrom('core1', 'agg1', 'acc1', 'acc2', 'cpe1', 'cpe2'),
    onset: fc.integer({ min: -300, max: 300 }),
    lasted: fc.option(fc.integer({ min: 0, max: 600 }), { nil: undefined }),
    types: fc.subarray([...alarmTypes]),
    others: fc.integer({ min: 0, max: 5 }),
    decided: fc.option(fc.constantFrom<'linked' | 'unlinked'>('linked', 'unlinked'), { nil: undefined }),
    good: fc.boolean(),
  })
  type Anything = typeof anything extends fc.Arbitrary<infer T> ? T : never

  function judge(of: Anything, others = of.others, extraLate = 0) {
    const onsetAt = now + of.onset * minute
    const incident = incidentAt(onsetAt, of.state === 'none' ? {} : { 's-1': of.state }, {
      kind: of.kind,
      roots: [{ kind: 'element', element: of.root }],
      ...(of.lasted === undefined ? {} : { restoredAt: onsetAt + of.lasted * minute }),
    })
    return outcome(report({ symptom: of.symptom, reportedAt: now + extraLate * minute }), [incident], {
      types: of.types,
      evidence: of.good ? goodEvidence : badEvidence,
      nearby: Array.from({ length: others }, (_, i) => ({
        customer: `n-${i}`,
        element: 'acc1',
        reportedAt: now,
      })),
      decided:
        of.decided === undefined
          ? []
          : [
              {
                report: 'rep-1',
                incident: 'inc-1',
                score: 0,
                reasons: [],
                state: of.decided,
                decidedBy: 'person',
                at: 0,
              },
            ],
    })
  }
  const scoreOf = (matches: readonly Match[]) => matches[0]?.score ?? 0

  it('lies in 0..1, adds up, and links only what was hit', () => {
    fc.assert(
      fc.property(anything, (of) => {
        for (const match of judge(of).matches) {
          expect(match.score).toBeGreaterThanOrEqual(0)
          expect(match.score).toBeLessThanOrEqual(1)
          if (match.decidedBy === 'person') {
            expect(match.state).toBe(of.decided)
            continue
          }
          const sum = match.reasons.reduce((total, reason) => total + reason.points, 0)
          expect(match.score).toBeCloseTo(sum, 6)
          if (match.state === 'linked') expect(['down', 'degraded']).toContain(of.state)
          expect(match.score).toBeGreaterThanOrEqual(match.state === 'linked' ? 0.8 : 0.4)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('never links what began after the path was measured as good', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 300 }), (of, after) => {
        expect(judge({ ...of, decided: undefined, good: true, onset: after }).matches).toEqual([])
      }),
    )
  })

  it('never links what was over an hour before, but for slow evenings', () => {
    fc.assert(
      fc.property(anything, (of) => {
        const over = { ...of, decided: undefined, onset: -300, lasted: 240 }
        if (of.symptom === 'slow-evening') return
        expect(judge(over).matches.map(({ state }) => state)).not.toContain('linked')
      }),
    )
  })

  it('never falls when more customers report the same', () => {
    fc.assert(
      fc.property(anything, (of) => {
        const undecided = { ...of, decided: undefined }
        expect(scoreOf(judge(undecided, of.others + 1).matches)).toBeGreaterThanOrEqual(
          scoreOf(judge(undecided).matches),
        )
      }),
    )
  })

  it('never rises when the call comes later after the repair', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 100 }), (of, later) => {
        const over = { ...of, decided: undefined, others: 0, onset: -300, lasted: 250 }
        expect(scoreOf(judge(over, 0, later).matches)).toBeLessThanOrEqual(scoreOf(judge(over).matches))
      }),
    )
  })
})
