import type { Impact } from './impact.ts'
import type { Incident, IncidentId } from './incident.ts'
import type { ServiceId } from './service.ts'

/** Who did it: the system, or the name of a token or person. */
export type Actor = string
export const systemActor: Actor = 'system'

/** What the system found, as one finding: the correlated part of an incident's state. */
export type Finding = Pick<
  Incident,
  'kind' | 'severity' | 'roots' | 'shadowed' | 'alarms' | 'impact' | 'explanation' | 'onsetAt' | 'planned'
>

/** How impact grew and shrank. In a storm a log of whole lists would be many times as large. */
export interface ImpactChange {
  /** Services that suffer, or suffer otherwise than before. */
  readonly set: Impact
  /** Services that do not suffer any more. */
  readonly gone: readonly ServiceId[]
}

/** Who did something, and when. */
export interface Signature {
  readonly by: Actor
  readonly at: number
}

/** What can happen to an incident. The state of an incident is a fold of these (`incident/fold-incident.ts`). */
export type IncidentEventBody =
  | { readonly type: 'opened'; readonly finding: Finding }
  /** What of the finding is new; impact as the difference. */
  | { readonly type: 'changed'; readonly finding: Partial<Finding>; readonly impact?: ImpactChange }
  /** Metrics are good again since `restoredAt`; verification begins. */
  | { readonly type: 'restored'; readonly restoredAt: number }
  /** Bad again before it was resolved, or reopened within the window after it was. */
  | { readonly type: 'relapsed'; readonly finding: Finding }
  /** `shelved`: what it rested on was put aside by a person. Nothing was measured to be good, so nothing is restored. */
  | { readonly type: 'resolved'; readonly because?: 'shelved' }
  | { readonly type: 'closed' }
  /** This one goes on in an older one, which logs `absorbed`. */
  | { readonly type: 'merged'; readonly into: IncidentId }
  | { readonly type: 'absorbed'; readonly from: IncidentId }
  /**
   * What was found as one is found as several: this one goes on with a part, `into` with another, and logs `splitFrom`.
   */
  | { readonly type: 'split'; readonly into: IncidentId }
  | { readonly type: 'splitFrom'; readonly from: IncidentId }
  /** Not planned work any more: the window is over and the fault is not, or it reaches beyond what the window covers. */
  | { readonly type: 'unplanned'; readonly window: string; readonly reason: 'overrun' | 'beyond' }
  /** `absorbed`: by whom and when, in the incident that this one took over. */
  | { readonly type: 'acknowledged'; readonly absorbed?: Signature & { readonly from: IncidentId } }
  | { readonly type: 'started'; readonly assignee?: string }
  | { readonly type: 'assigned'; readonly assignee: string | null }
  | { readonly type: 'held'; readonly reason: string }
  | { readonly type: 'released' }
  /** A person opened a resolved one again. */
  | { readonly type: 'reopened'; readonly reason: string }
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

/** How the impact was changed by one event, and what it was then. */
export interface ImpactStep {
  readonly sequence: number
  readonly at: number
  readonly type: IncidentEvent['type']
  readonly change: ImpactChange
  readonly impact: Impact
}
