import type { Generated } from 'kysely'

/**
 * The tables of the state store. The same on every engine: text, and integers within 2^53; times are UTC epoch
 * milliseconds; nested data is JSON in a text column (`*_json`), validated where it comes in.
 */
export interface Database {
  alarm: AlarmTable
  alarm_transition: AlarmTransitionTable
  alarm_shelf: AlarmShelfTable
  incident: IncidentTable
  incident_event: IncidentEventTable
  fault_report: FaultReportTable
  fault_report_event: FaultReportEventTable
  report_match: ReportMatchTable
  notification: NotificationTable
  notification_attempt: NotificationAttemptTable
  api_token: ApiTokenTable
  audit: AuditTable
  agent_memory: AgentMemoryTable
  maintenance_window: MaintenanceWindowTable
  maintenance_window_event: MaintenanceWindowEventTable
}

export interface AlarmTable {
  id: string
  /** `alarmKey`: unique among active alarms. */
  key: string
  /** Empty where it is about Faultline itself; `interface` is then the part. */
  element: string
  interface: string | null
  type: string
  severity: string
  state: string
  onset_at: number
  raised_at: number
  restored_at: number | null
  cleared_at: number | null
  /** `raised` or `flapping`; null when cleared, and in rows of before. */
  phase: string | null
  /** Counts the transitions. */
  version: Generated<number>
  acknowledged_by: string | null
  acknowledged_at: number | null
  /** The maintenance window that covers it. */
  maintenance: string | null
  /** The whole Alarm, but for what people did with it and the columns above. */
  alarm_json: string
}

/** Append-only: what happened to each alarm, and what people did with it. */
export interface AlarmTransitionTable {
  alarm: string
  sequence: number
  at: number
  actor: string
  kind: string
  severity: string
  value: number | null
  until_at: number | null
  reason: string | null
}

/** What is put aside, by key: alarms that are raised on it meanwhile are shelved too. Its row goes when the time is over. */
export interface AlarmShelfTable {
  key: string
  /** On which it was done. */
  alarm: string
  actor: string
  at: number
  until_at: number
  reason: string
}

/** The folded state of each incident; it can be made again from `incident_event`. */
export interface IncidentTable {
  id: string
  state: string
  kind: string
  severity: string
  onset_at: number
  updated_at: number
  version: number
  /** The whole Incident. */
  incident_json: string
}

/** Append-only. */
export interface IncidentEventTable {
  incident: string
  sequence: number
  at: number
  actor: string
  type: string
  event_json: string
}

export interface FaultReportTable {
  id: string
  external_id: string | null
  customer: string
  service: string | null
  status: string
  verdict: string
  reported_at: number
  updated_at: number
  version: number
  report_json: string
}

/** Append-only. */
export interface FaultReportEventTable {
  report: string
  sequence: number
  at: number
  actor: string
  type: string
  event_json: string
}

export interface ReportMatchTable {
  report: string
  incident: string
  score: number
  state: string
  decided_by: string
  at: number
  reasons_json: string
}

/** The ledger, which is also the outbox. */
export interface NotificationTable {
  id: string
  incident: string
  customer: string
  kind: string
  state: string
  due_at: number
  answers: string | null
  /** An outage message only: the other outage message whose restored message speaks for this one too. */
  covered_by: string | null
  channel: string | null
  reference: string | null
  attempts: number
  reason: string | null
  queued_at: number
  sent_at: number | null
  updated_at: number
  services_json: string
  /** Facts that the message was planned from: states of the services, onset, restored, eta. */
  facts_json: string
}

/** Append-only: each try on each channel. */
export interface NotificationAttemptTable {
  id: Generated<number>
  notification: string
  channel: string
  at: number
  outcome: string
  reference: string | null
  reason: string | null
}

export interface ApiTokenTable {
  id: string
  name: string
  role: string
  /** SHA-256 of the token, hex: a token has 256 random bits, so a slow hash adds nothing. */
  hash: string
  created_at: number
  last_used_at: number | null
  revoked_at: number | null
}

/** Append-only: who read or changed what. */
export interface AuditTable {
  id: Generated<number>
  at: number
  actor: string
  action: string
  subject: string
  details_json: string
}

/** What polling learned of an agent: lost, it is learned again. */
export interface AgentMemoryTable {
  element: string
  /** What it is about: `snmp`. */
  key: string
  value_json: string
  updated_at: number
}

/** The folded state of each maintenance window; it can be made again from `maintenance_window_event`. */
export interface MaintenanceWindowTable {
  id: string
  /** Unique: the same again is the same window. */
  external_id: string | null
  created_at: number
  /** When its last occurrence ends; null when there is always another. */
  over_at: number | null
  version: number
  updated_at: number
  /** The whole MaintenanceWindow. */
  window_json: string
}

/** Append-only. */
export interface MaintenanceWindowEventTable {
  maintenance_window: string
  sequence: number
  at: number
  actor: string
  type: string
  event_json: string
}
