import type { CustomerId } from './customer.ts'
import type { IncidentId } from './incident.ts'
import type { ServiceId } from './service.ts'

export type NotificationId = string

/**
 * queued → sending → sent → delivered | failed | uncertain | expired | withdrawn. `uncertain`: the process died between
 * sending and recording, so the customer counts as told and nothing is sent again. `withdrawn`: not needed any more
 * before it was sent (the outage was shorter than the hold, or its outage message never left).
 */
export const notificationStates = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'failed',
  'uncertain',
  'expired',
  'withdrawn',
] as const
export type NotificationState = (typeof notificationStates)[number]

/** The customer has, or may have, read it. */
export const countsAsTold = (state: NotificationState): boolean =>
  state === 'sent' || state === 'delivered' || state === 'uncertain'

export type NotificationKind = 'outage' | 'progress' | 'restored'

/** A row of the ledger: one message to one customer about one incident. */
export interface Notification {
  readonly id: NotificationId
  readonly incident: IncidentId
  readonly customer: CustomerId
  readonly kind: NotificationKind
  /** The services that it speaks of; several of one customer are merged into one message. */
  readonly services: readonly ServiceId[]
  readonly state: NotificationState
  /** Not sent before this: the hold of an outage message, the back-off of a retry. */
  readonly dueAt: number
  /** A restored message names the outage message that it answers, and waits for its fate. */
  readonly answers?: NotificationId
  readonly channel?: string
  /** The provider's own reference: an SMTP message id, a file name. */
  readonly reference?: string
  readonly attempts: number
  /** Why the last attempt failed, or why it was withdrawn. */
  readonly reason?: string
  readonly queuedAt: number
  readonly sentAt?: number
  readonly updatedAt: number
}
