import type { ImpactState } from '../model/impact.ts'
import { countsAsTold, type Notification, type NotificationId } from '../model/notification.ts'
import type { ServiceId } from '../model/service.ts'

/** What a message says, as it was when it was planned. Times are UTC epoch milliseconds. */
export interface NotificationFacts {
  /** How each service suffers, or suffered: the worst state. */
  readonly states: Readonly<Record<ServiceId, ImpactState>>
  readonly onsetAt: number
  /** Promised time of restoration. */
  readonly etaAt?: number
  /** Restored messages only. */
  readonly restoredAt?: number
}

/** A row of the ledger with what the model does not show. */
export interface LedgerRow extends Notification {
  readonly facts: NotificationFacts
  /**
   * The outage message whose restored message will speak for this one too: two incidents told one customer of what
   * turned out to be one outage.
   */
  readonly coveredBy?: NotificationId
}

/** The columns that a plan may change in a row that is there. */
export type LedgerPatch = Partial<
  Pick<LedgerRow, 'incident' | 'state' | 'services' | 'facts' | 'dueAt' | 'reason' | 'coveredBy'>
>

/** What the planner wants done; `row` is the row afterwards. An update only takes hold while its state is `from`. */
export type LedgerChange =
  | { readonly kind: 'insert'; readonly row: LedgerRow }
  | {
      readonly kind: 'update'
      readonly from: Notification['state']
      readonly set: LedgerPatch
      readonly row: LedgerRow
    }

/** Told, or about to be: the customer must hear of the end. */
export const isOnItsWay = ({ state }: Pick<Notification, 'state'>): boolean =>
  state === 'sending' || countsAsTold(state)
