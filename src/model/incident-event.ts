import type { Incident, IncidentId } from './incident.ts'

/** Who did it: the system, or the name of a token or person. */
export type Actor = string
export const systemActor: Actor = 'system'

/** What the system found, as one finding: the correlated part of an incident's state. */
export type Finding = Pick<
  Incident,
  'kind' | 'severity' | 'roots' | 'shadowed' | 'alarms' | 'impact' | 'explanation' | 'onsetAt'
>

/** What can happen to an incident. The state of an incident is a fold of these (`incident/fold-incident.ts`). */
export type IncidentEventBody =
  | { readonly type: 'opened'; readonly finding: Finding }
  | { readonly type: 'changed'; readonly finding: Finding }
  /** Metrics are good again since `restoredAt`; verification begins. */
  | { readonly type: 'restored'; readonly restoredAt: number }
  /** Bad again before it was resolved, or reopened within the window after it was. */
  | { readonly type: 'relapsed'; readonly finding: Finding }
  | { readonly type: 'resolved' }
  | { readonly type: 'closed' }
  | { readonly type: 'merged'; readonly into: IncidentId }
  | { readonly type: 'acknowledged' }
  | { readonly type: 'started'; readonly assignee?: string }
  | { readonly type: 'held'; readonly reason: string }
  | { readonly type: 'noted'; readonly text: string }
  | { readonly type: 'etaSet'; readonly etaAt: number | null }
  | { readonly type: 'reported'; readonly report: string; readonly reportedAt: number }
  | { readonly type: 'customersTold'; readonly toldAt: number }

/** A row of the append-only log. */
export type IncidentEvent = IncidentEventBody & {
  readonly incident: IncidentId
  /** 1, 2, 3 … within the incident. */
  readonly sequence: number
  readonly at: number
  readonly actor: Actor
}
