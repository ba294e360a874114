import type { RequestHandler } from 'express'
import type { Clock } from '../platform/clock.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import type { EventHub } from '../platform/event-hub.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { AlarmAccess } from './ports/alarm-access.ts'
import type { IncidentAccess } from './ports/incident-access.ts'
import type { MaintenanceAccess } from './ports/maintenance-access.ts'
import type { NetworkAccess } from './ports/network-access.ts'
import type { NotificationAccess } from './ports/notification-access.ts'
import type { Readiness } from './ports/readiness.ts'
import type { ReportAccess } from './ports/report-access.ts'
import type { SampleAccess } from './ports/sample-access.ts'

/** What the API reads and whom it asks; it decides nothing about the network itself. */
export interface ApiDeps extends NetworkAccess, SampleAccess {
  readonly version: string
  /** The console says plainly that this is the demo network. */
  readonly demo: boolean
  /** IANA zone of the times in sentences for customers. */
  readonly timeZone: string
  /** Where people reach the API when it is not the address that it listens on. */
  readonly publicUrl?: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Whether callers are asked for a token once there is one; when not, the API listens on loopback only. */
  readonly tokens: boolean
  /** For tokens and the audit log. */
  readonly db: StateDb
  readonly events: EventHub
  /** Serves the console's files; called for every GET outside `/api`. */
  readonly console?: RequestHandler
  ready(): Promise<Readiness>

  readonly alarms: AlarmAccess
  readonly incidents: IncidentAccess
  readonly maintenance: MaintenanceAccess
  readonly reports: ReportAccess
  readonly notifications: NotificationAccess
}
