import type { AlarmId } from './alarm.ts'
import type { Impact } from './impact.ts'
import type { Link } from './link.ts'
import type { ElementId } from './network-element.ts'
import type { Severity } from './severity.ts'

export type IncidentId = string

/**
 * What explains the rest. `elementOrUplink` says that the evidence does not tell which of the two failed: the system
 * never guesses.
 */
export type RootCause =
  | { readonly kind: 'element'; readonly element: ElementId }
  | { readonly kind: 'link'; readonly link: Link }
  | { readonly kind: 'elementOrUplink'; readonly element: ElementId; readonly uplinks: readonly Link[] }

/**
 * `outage`: elements do not answer; `degradation`: they answer below target; `redundancy`: a spare path is lost and
 * all still works; `agent`: only the SNMP agent is silent; `blind`: the vantage itself is cut off, nothing is told.
 */
export type IncidentKind = 'outage' | 'degradation' | 'redundancy' | 'agent' | 'blind'

/** The states of TMF656 ServiceProblem that we use, and `open` before anyone has acknowledged. */
export const incidentStates = ['open', 'acknowledged', 'inProgress', 'held', 'resolved', 'closed'] as const
export type IncidentState = (typeof incidentStates)[number]

/** An unexpected interruption or degradation of service, holding the alarms that one cause explains. */
export interface Incident {
  readonly id: IncidentId
  readonly kind: IncidentKind
  readonly state: IncidentState
  readonly severity: Severity
  readonly roots: readonly RootCause[]
  /** Elements hidden behind the root: measured and recorded, not told. */
  readonly shadowed: readonly ElementId[]
  readonly alarms: readonly AlarmId[]
  /** What suffers now; `impactHistory` is the worst that each service ever suffered in this incident. */
  readonly impact: Impact
  readonly impactHistory: Impact
  /** Why these roots: which elements answered, which did not. One sentence each, in English. */
  readonly explanation: readonly string[]
  /** First bad sample. UTC epoch milliseconds, like all times. */
  readonly onsetAt: number
  readonly detectedAt: number
  readonly firstReportAt?: number
  readonly firstMessageAt?: number
  /** First good sample after the last bad one: ends the repair clock, not the end of verification. */
  readonly restoredAt?: number
  readonly resolvedAt?: number
  readonly closedAt?: number
  /** Promised time of restoration, set by a person. */
  readonly etaAt?: number
  readonly assignee?: string
  /** The older incident that took this one over. */
  readonly mergedInto?: IncidentId
  /** Counts the log rows; it is the ETag of optimistic concurrency. */
  readonly version: number
  readonly updatedAt: number
}

/** Open in the sense of "not over": everything but resolved and closed. */
export const isOpen = (incident: Pick<Incident, 'state'>): boolean =>
  incident.state !== 'resolved' && incident.state !== 'closed'

/** The resource named in a root cause, as a short text such as `agg1` or `agg1[to-core1]--core1[to-agg1]`. */
export const rootText = (root: RootCause): string =>
  root.kind === 'element'
    ? root.element
    : root.kind === 'link'
      ? root.link.id
      : `${root.element} or its uplink`
