import type { CustomerId } from '../model/customer.ts'
import type { Evidence, FaultReport, Match, MatchReason, Verdict } from '../model/fault-report.ts'
import { type Incident, isBlind } from '../model/incident.ts'
import type { ElementId } from '../model/network-element.ts'
import type { ServiceId } from '../model/service.ts'
import {
  type Candidate,
  fitsSymptom,
  hundredths,
  otherReportsPoints,
  type ServicePath,
  symptomPoints,
  timePoints,
  topologyPoints,
  wasOverBefore,
  yieldTo,
} from './match-points.ts'

/** From here a report counts as explained by an incident, and from here it may be. */
const linkScore = 0.8
const suggestScore = 0.4

/** Less of a path measured than this, and nobody may say that all is well. */
const coverageNeeded = 0.8

/** Another customer's report, made about the same time. */
export interface NearbyReport {
  readonly customer: CustomerId
  readonly service?: ServiceId
  readonly element?: ElementId
  readonly reportedAt: number
}

export interface MatchInput {
  readonly report: FaultReport
  /** The service that the report names; all of the customer's when it names none. */
  readonly services: readonly ServicePath[]
  readonly siteOf: (element: ElementId) => string | undefined
  /** Incidents to judge, open and recent. */
  readonly incidents: readonly Candidate[]
  readonly nearbyReports: readonly NearbyReport[]
  /** What people have decided about this report; it is kept as it is. */
  readonly decided: readonly Match[]
  readonly evidence: Evidence
  readonly now: number
}

export interface MatchOutcome {
  /** Best first, those that a person unlinked last. */
  readonly matches: readonly Match[]
  readonly verdict: Verdict
  readonly evidence: Evidence
}

const nearMs = 2 * 3_600_000

/**
 * A silent agent hurts no customer; while we are cut off ourselves we know nothing of theirs; what a merged incident
 * explained, the one that took it over explains.
 */
const explainsReports = (incident: Incident) =>
  incident.kind !== 'agent' && incident.kind !== 'blind' && incident.mergedInto === undefined

const isGood = (evidence: Evidence): boolean => evidence.good && evidence.coverage >= coverageNeeded

/**
 * Which incidents explain a report, how well, and why. Pure: the same input gives the same rows. See `match-points.ts`
 * for the points.
 */
export function matchReport(input: MatchInput): MatchOutcome {
  const decided = new Set(input.decided.map((match) => match.incident))
  const judged = input.incidents
    .filter(({ incident }) => explainsReports(incident) && !decided.has(incident.id))
    .map((candidate) => bestMatch(input, candidate))
    .filter((match) => match !== undefined)
  const over = new Set(
    input.incidents
      .filter(({ incident }) => wasOverBefore(input.report, incident))
      .map(({ incident }) => incident.id),
  )
  const known = new Set(input.incidents.map(({ incident }) => incident.id))
  const lasting = [...input.decided, ...judged].filter(
    ({ state, incident }) => state === 'linked' && known.has(incident) && !over.has(incident),
  )
  const [best] = inOrder(lasting)
  const found = judged
    .map((match) => (over.has(match.incident) ? besideLasting(match, best) : match))
    .filter((match) => match !== undefined)
  const matches = inOrder([...input.decided, ...found])
  const blind = input.incidents.some(({ incident }) => isBlind(incident))
  return { matches, verdict: verdictOf(matches, input.evidence, blind), evidence: input.evidence }
}

/** What may be told: an explanation first, then our own blindness, then what was measured. */
export function verdictOf(matches: readonly Match[], evidence: Evidence, blind: boolean): Verdict {
  if (matches.some((match) => match.state === 'linked')) return 'matched'
  if (blind) return 'unknown'
  if (matches.some((match) => match.state === 'suggested')) return 'suspected'
  return isGood(evidence) ? 'no-fault-seen' : 'unknown'
}

export const inOrder = (matches: readonly Match[]): readonly Match[] =>
  matches.toSorted(
    (a, b) =>
      Number(a.state === 'unlinked') - Number(b.state === 'unlinked') ||
      b.score - a.score ||
      a.incident.localeCompare(b.incident),
  )

function bestMatch(input: MatchInput, candidate: Candidate): Match | undefined {
  let best: { score: number; reasons: readonly MatchReason[] } | undefined
  for (const service of input.services) {
    const reasons = reasonsFor(input, candidate, service)
    const score = scoreOf(reasons)
    if (reasons.length > 0 && (best === undefined || score > best.score)) best = { score, reasons }
  }
  if (best === undefined || best.score < suggestScore) return undefined
  return {
    report: input.report.id,
    incident: candidate.incident.id,
    score: best.score,
    reasons: best.reasons,
    state: best.score >= linkScore ? 'linked' : 'suggested',
    decidedBy: 'system',
    at: input.now,
  }
}

/** A match with what was over before the report: at most suggested where what lasted explains it as well or better. */
function besideLasting(match: Match, best: Match | undefined): Match | undefined {
  if (match.state !== 'linked' || best === undefined || best.score < match.score) return match
  const reasons = match.reasons.map((reason) =>
    reason.factor === 'time' ? yieldTo(reason, best.incident) : reason,
  )
  const score = scoreOf(reasons)
  return score < suggestScore ? undefined : { ...match, score, reasons, state: 'suggested' }
}

const scoreOf = (reasons: readonly MatchReason[]) =>
  hundredths(reasons.reduce((sum, { points }) => sum + points, 0))

function reasonsFor(input: MatchInput, candidate: Candidate, place: ServicePath): readonly MatchReason[] {
  const measuredGood = isGood(input.evidence)
  const topology = topologyPoints(place, candidate, input.siteOf, measuredGood)
  if (!topology) return []
  const symptom = symptomPoints(input.report.symptom, candidate, candidate.worst.get(place.service.id))
  const goodAt = measuredGood ? input.evidence.to : undefined
  return [
    topology,
    timePoints(input.report, candidate.incident, { goodAt, fits: fitsSymptom(symptom) }),
    symptom,
    otherReportsPoints(otherCustomers(input, candidate, place)),
  ]
}

/** Distinct other customers with a report near in time, on a service that this incident hit or on the same element. */
function otherCustomers(input: MatchInput, { worst }: Candidate, { service }: ServicePath): number {
  const { report } = input
  const others = input.nearbyReports.filter((nearby) => {
    const state = nearby.service === undefined ? undefined : worst.get(nearby.service)
    return (
      nearby.customer !== report.customer &&
      Math.abs(nearby.reportedAt - report.reportedAt) <= nearMs &&
      (state === 'down' || state === 'degraded' || nearby.element === service.element)
    )
  })
  return new Set(others.map((nearby) => nearby.customer)).size
}
