import type { AlarmType } from '../model/alarm.ts'
import type { FaultReport, MatchReason, Symptom } from '../model/fault-report.ts'
import type { ImpactState } from '../model/impact.ts'
import { type Incident, type IncidentId, type RootCause, rootElements, suspects } from '../model/incident.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Service, ServiceId } from '../model/service.ts'

/**
 * The points of a match. A score is their sum; 0.8 links, 0.4 suggests.
 *
 * | factor | points | when |
 * |---|---|---|
 * | topology | 0.60 | the service was down or degraded in the incident |
 * | topology | 0.35 | the fault is on the element that carries the service |
 * | topology | 0.30 | the fault lies on the service's path |
 * | topology | 0.20 | the fault is at the same site, and the path was not measured as good |
 * | topology | 0.10 | the service only lost its spare path |
 * | time | 0.20 … −0.60 | see `timePoints`: in the incident's time 0.20, outside it less |
 * | symptom | 0.15 … −0.30 | see `symptomPoints` |
 * | other-reports | 0.03, 0.05 | one, or more, other customers report the same |
 *
 * All that is possible without the service in the impact history is 0.35 + 0.20 + 0.15 + 0.05 = 0.75, so a site or a
 * neighbour alone can suggest and never link. All but time is 0.60 + 0.15 + 0.05 = 0.80, so with less than nothing for
 * the time an incident can suggest and never link.
 */
const minute = 60_000
const hour = 60 * minute

/** A slow fault is felt before a poll shows it: so much later its first bad sample may be. */
const noticedFirstMs = 10 * minute
/** The longest that a first bad sample waits for its poll, so the longest that a probe's own time is believed. */
const pollLagMs = 2 * minute
/** A symptom from here upwards is that of the incident. */
const fitsFrom = 0.1
const inTime = 0.2
const overBefore = -0.05
const farOff = -0.6

/** An incident as matching reads it, prepared once for many reports. */
export interface Candidate {
  readonly incident: Incident
  readonly alarmTypes: ReadonlySet<AlarmType>
  readonly worst: ReadonlyMap<ServiceId, ImpactState>
  readonly rootElements: ReadonlySet<ElementId>
  /** Elements that must all lie on a path for the root to lie on it: one, or the two ends of a link. */
  readonly rootSpans: readonly (readonly ElementId[])[]
  readonly sites: ReadonlySet<string>
}

/** A service with its path, from the gateway to its endpoint. */
export interface ServicePath {
  readonly service: Service
  readonly path: readonly ElementId[]
}

const spansOf = (root: RootCause): readonly (readonly ElementId[])[] =>
  root.kind === 'link' ? [rootElements(root)] : suspects(root).map((element) => [element])

export function candidateOf(
  incident: Incident,
  alarmTypes: ReadonlySet<AlarmType>,
  siteOf: (element: ElementId) => string | undefined,
): Candidate {
  const rootSpans = incident.roots.flatMap(spansOf)
  const rootElements = new Set(rootSpans.flat())
  const sites = [...rootElements].map(siteOf).filter((site) => site !== undefined)
  const worst = new Map(incident.impactHistory.map(({ service, state }) => [service, state]))
  return { incident, alarmTypes, worst, rootElements, rootSpans, sites: new Set(sites) }
}

const suffers = (state: ImpactState | undefined) => state === 'down' || state === 'degraded'

/** Undefined when nothing ties the service to the incident. `measuredGood`: its whole path was seen to work. */
export function topologyPoints(
  { service, path }: ServicePath,
  candidate: Candidate,
  siteOf: (element: ElementId) => string | undefined,
  measuredGood: boolean,
): MatchReason | undefined {
  const reason = (points: number, text: string): MatchReason => ({ factor: 'topology', points, text })
  const worst = candidate.worst.get(service.id)
  if (suffers(worst)) return reason(0.6, `Service ${service.id} was ${worst} in this incident.`)
  if (worst === 'atRisk')
    return reason(0.1, `Service ${service.id} only lost its spare path in this incident.`)
  const own = [service.element, service.endpoint].find((element) => candidate.rootElements.has(element))
  if (own !== undefined)
    return reason(
      0.35,
      `The fault is on ${own}, which carries service ${service.id}; no effect on it was measured.`,
    )
  const span = candidate.rootSpans.find((elements) => elements.every((element) => path.includes(element)))
  if (span) return reason(0.3, `The fault is on ${span.join(' – ')}, on the path of service ${service.id}.`)
  const site = siteOf(service.element)
  if (site !== undefined && candidate.sites.has(site) && !measuredGood)
    return reason(0.2, `The fault is at ${site}, the site of service ${service.id}.`)
  return undefined
}

const spanText = (ms: number) =>
  ms < 90 * minute ? `${Math.max(1, Math.round(ms / minute))} min` : `${Math.round(ms / hour)} h`

type Reported = Pick<FaultReport, 'reportedAt' | 'reportedOnsetAt' | 'symptom'>
type Lasting = Pick<Incident, 'onsetAt' | 'restoredAt' | 'resolvedAt' | 'closedAt'>

const endOf = (incident: Lasting) =>
  incident.restoredAt ?? incident.resolvedAt ?? incident.closedAt ?? Number.POSITIVE_INFINITY

const beganAt = ({ reportedAt, reportedOnsetAt }: Reported) => reportedOnsetAt ?? reportedAt

/** It was good again before the report came, and before it began for the customer where that is known. */
export const wasOverBefore = (report: Reported, incident: Lasting): boolean =>
  beganAt(report) > endOf(incident)

/** What else tells whether a time can be right. */
export interface TimeSetting {
  /** When the whole path was last measured as good for this report; undefined when it was bad or not seen. */
  readonly goodAt: number | undefined
  /** See `fitsSymptom`. */
  readonly fits: boolean
}

/**
 * Compares when it began for the customer (else when the report came) with the incident's own beginning and end.
 *
 * | points | when |
 * |---|---|
 * | 0.20 | while it lasted, or at most 10 minutes before the first bad sample |
 * | 0.40 less for each further hour (24 hours for "slow in the evening") | said to have begun earlier |
 * | −0.60 | the report came before the first bad sample, and the path was measured as good then |
 * | 0.40 less for each 5 minutes beyond 10 | the report came before the first bad sample, and the path was bad or not seen |
 * | 0.20, 0.60 less for each hour (0.40 for 24 hours for "slow in the evening") | over before the report; the symptom fits, and no later beginning is claimed |
 * | −0.05, 0.60 less for each hour | over before otherwise |
 * | −0.05 at most | over before, and what lasted explains the report as well or better (`yieldTo`) |
 */
export function timePoints(report: Reported, incident: Lasting, setting: TimeSetting): MatchReason {
  const began = beganAt(report)
  const said = report.reportedOnsetAt === undefined ? 'It was reported' : 'It is said to have begun'
  const reason = (points: number, text: string): MatchReason => ({
    factor: 'time',
    points: Math.max(farOff, hundredths(points)),
    text: `${said} ${text}.`,
  })
  const isEvening = report.symptom === 'slow-evening'
  if (wasOverBefore(report, incident)) {
    const late = began - endOf(incident)
    // A phone queue explains why a call comes late; nothing explains a beginning after the end.
    const isClear = setting.fits && report.reportedOnsetAt === undefined
    const fade = isClear && isEvening ? (0.4 * late) / (24 * hour) : (0.6 * late) / hour
    return reason((isClear ? inTime : overBefore) - fade, `${spanText(late)} after the fault was over`)
  }
  const early = incident.onsetAt - began
  if (early <= 0) return reason(inTime, 'while the fault lasted')
  const text = `${spanText(early)} before the first bad sample`
  const claimed = Math.max(0, Math.min(incident.onsetAt, report.reportedAt) - began - noticedFirstMs)
  const fade = (0.4 * claimed) / (isEvening ? 24 * hour : hour)
  const unseen = incident.onsetAt - report.reportedAt
  if (setting.goodAt === undefined)
    return reason(inTime - fade - (0.4 * Math.max(0, unseen - noticedFirstMs)) / (5 * minute), text)
  // What turned bad by the end of the report's own probe was there when the report came.
  if (unseen > Math.min(Math.max(0, setting.goodAt - report.reportedAt), pollLagMs))
    return reason(farOff, `${text}, and the path was measured as good when the report came`)
  return reason(inTime - fade, text)
}

/** The time reason of an incident that was over before, beside one that lasted and explains the report better. */
export const yieldTo = (time: MatchReason, better: IncidentId): MatchReason => ({
  ...time,
  points: Math.min(time.points, overBefore),
  text: `${time.text} Incident ${better} lasted then and explains it better.`,
})

export const hundredths = (value: number): number => Math.round(value * 100) / 100

const degradationSigns: Readonly<Record<Symptom, readonly AlarmType[]>> = {
  'no-service': [],
  slow: ['high-utilisation', 'congestion', 'packet-loss', 'high-latency', 'path-quality'],
  'slow-evening': ['high-utilisation', 'congestion', 'packet-loss', 'high-latency', 'path-quality'],
  intermittent: ['packet-loss', 'interface-down', 'unreachable'],
  latency: ['high-latency', 'high-jitter', 'path-quality', 'high-utilisation', 'congestion'],
  loss: ['packet-loss', 'path-quality', 'interface-errors', 'high-utilisation', 'congestion'],
  other: [],
}

/** How well a symptom fits what the incident does to the service (`state`; undefined: nothing that was measured). */
export function symptomPoints(
  symptom: Symptom,
  { incident, alarmTypes }: Pick<Candidate, 'incident' | 'alarmTypes'>,
  state: ImpactState | undefined,
): MatchReason {
  const reason = (points: number, text: string): MatchReason => ({ factor: 'symptom', points, text })
  if (symptom === 'other') return reason(0, 'The symptom tells nothing.')
  if (symptom === 'no-service') {
    if (state === 'atRisk' || incident.kind === 'redundancy')
      return reason(-0.3, 'A lost spare path does not explain "no service".')
    if (incident.kind === 'outage')
      return state === 'degraded'
        ? reason(0, 'There is an outage; the service itself was measured as degraded and not as down.')
        : reason(0.15, '"No service" is what an outage looks like.')
    return reason(-0.15, '"No service" is more than a degradation explains.')
  }
  const signs = degradationSigns[symptom].filter((type) => alarmTypes.has(type))
  if (signs.length > 0 && (incident.kind === 'degradation' || state === 'degraded'))
    return reason(0.15, `"${symptom}" fits the alarms: ${signs.join(', ')}.`)
  if (incident.kind === 'outage' && symptom === 'intermittent')
    return reason(0.1, 'An outage that comes and goes is felt as "intermittent".')
  if (incident.kind === 'degradation' || state === 'degraded')
    return reason(0.05, `"${symptom}" may come from a degradation.`)
  if (incident.kind === 'outage') return reason(0, `Some say "${symptom}" when there is an outage.`)
  return reason(0, `"${symptom}" says little about a ${incident.kind} incident.`)
}

/** The symptom is what this incident looks like, and not only what it may be called. */
export const fitsSymptom = (symptom: MatchReason): boolean => symptom.points >= fitsFrom

/** `others`: distinct other customers who report the same. */
export const otherReportsPoints = (others: number): MatchReason => ({
  factor: 'other-reports',
  points: others === 0 ? 0 : others === 1 ? 0.03 : 0.05,
  text:
    others === 0
      ? 'No other customer has reported it.'
      : `${others} other ${others === 1 ? 'customer has' : 'customers have'} reported it.`,
})
