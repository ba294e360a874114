import type { AlarmId } from './alarm.ts'
import type { Impact } from './impact.ts'
import type { Link } from './link.ts'
import type { ElementId } from './network-element.ts'
import type { Severity } from './severity.ts'

export type IncidentId = string

/** What is wrong with a root that still answers or carries: too much traffic, or frames that are damaged on the way. */
export type Trouble = 'congestion' | 'errors'

/**
 * What explains the rest. `elementOrUplink` says that the evidence does not tell which of the two failed: the system
 * never guesses. `site`: all that is polled there fell silent at once, over several ways in that have nothing else in
 * common; `elements` are those.
 */
export type RootCause =
  | { readonly kind: 'element'; readonly element: ElementId; readonly trouble?: Trouble }
  | { readonly kind: 'link'; readonly link: Link; readonly trouble?: Trouble }
  | { readonly kind: 'elementOrUplink'; readonly element: ElementId; readonly uplinks: readonly Link[] }
  | { readonly kind: 'site'; readonly site: string; readonly elements: readonly ElementId[] }

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
  /** It did not end by good metrics: a person shelved what it rested on. */
  readonly resolvedBecause?: 'shelved'
  readonly closedAt?: number
  /** Promised time of restoration, set by a person. */
  readonly etaAt?: number
  readonly assignee?: string
  readonly acknowledged?: { readonly by: string; readonly at: number }
  /** What work waits for. Absent unless the incident is held. */
  readonly hold?: { readonly by: string; readonly at: number; readonly reason: string }
  /** A person opened it again although it is measured to be good: only a person, or a relapse, ends that. */
  readonly reopened?: { readonly by: string; readonly at: number; readonly reason: string }
  /** The maintenance window that it lies wholly inside of. */
  readonly planned?: string
  /** The older incident that took this one over. */
  readonly mergedInto?: IncidentId
  /** The incident that this one was a part of, until they turned out to be two. */
  readonly splitFrom?: IncidentId
  /** Counts the log rows; it is the ETag of optimistic concurrency. */
  readonly version: number
  readonly updatedAt: number
}

/** Open in the sense of "not over": everything but resolved and closed. */
export const isOpen = (incident: Pick<Incident, 'state'>): boolean =>
  incident.state !== 'resolved' && incident.state !== 'closed'

/** The vantage is cut off now: nothing is known of the network. While it is only being verified we see again. */
export const isBlind = (incident: Pick<Incident, 'kind' | 'state' | 'restoredAt'>): boolean =>
  incident.kind === 'blind' && isOpen(incident) && incident.restoredAt === undefined

/**
 * The resource named in a root cause, as a short text such as `agg1`, `agg1[to-core1]--core1[to-agg1]` or `site north`.
 */
export function rootText(root: RootCause): string {
  switch (root.kind) {
    case 'element':
      return root.element
    case 'link':
      return root.link.id
    case 'elementOrUplink':
      return `${root.element} or its uplink`
    case 'site':
      return `site ${root.site}`
  }
}

/** The elements that may have failed themselves: of a link none. */
export function suspects(root: RootCause): readonly ElementId[] {
  switch (root.kind) {
    case 'element':
    case 'elementOrUplink':
      return [root.element]
    case 'link':
      return []
    case 'site':
      return root.elements
  }
}

/** The elements where a root cause lies: for a link its two ends. */
export const rootElements = (root: RootCause): readonly ElementId[] =>
  root.kind === 'link' ? [root.link.a.element, root.link.b.element] : suspects(root)
