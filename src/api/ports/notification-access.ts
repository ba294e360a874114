import type { CustomerId, Language } from '../../model/customer.ts'
import type { Incident, IncidentId } from '../../model/incident.ts'
import type { Notification, NotificationKind, NotificationState } from '../../model/notification.ts'
import type { ServiceId } from '../../model/service.ts'
import type { Page } from '../../platform/db/cursor.ts'
import type { PageFilter } from './page-filter.ts'

export interface NotificationAccess {
  list(
    filter: PageFilter & {
      readonly incident?: IncidentId
      readonly customer?: CustomerId
      readonly state?: NotificationState
    },
  ): Promise<Page<Notification>>
  countsOf(incident: IncidentId): Promise<{
    readonly customersTold: number
    readonly byKind: readonly {
      readonly kind: NotificationKind
      readonly state: NotificationState
      readonly count: number
    }[]
  }>
  /** Whom the incident as it stands would make us tell what; nothing is queued. */
  preview(incident: Incident, limit: number): Promise<NotificationPlan>
}

interface NotificationPlan {
  readonly customers: number
  readonly messages: readonly {
    readonly customer: CustomerId
    readonly kind: NotificationKind
    readonly language: Language
    readonly channel: string
    readonly services: readonly ServiceId[]
    readonly dueAt: number
    readonly subject: string
    readonly text: string
  }[]
}
