import type { CustomerId } from './customer.ts'
import type { IncidentId } from './incident.ts'
import type { ServiceId } from './service.ts'

export type FaultReportId = string

export const symptoms = [
  'no-service',
  'slow',
  'slow-evening',
  'intermittent',
  'latency',
  'loss',
  'other',
] as const
export type Symptom = (typeof symptoms)[number]

/** Ticket status words of TMF621. */
export const reportStatuses = [
  'acknowledged',
  'rejected',
  'pending',
  'held',
  'inProgress',
  'cancelled',
  'resolved',
  'closed',
] as const
export type ReportStatus = (typeof reportStatuses)[number]

/**
 * What the network says to a report: `matched` an incident explains it; `suspected` one may; `no-fault-seen` the path
 * was measured and is good; `unknown` we were blind, so nobody may say that all is well.
 */
export type Verdict = 'matched' | 'suspected' | 'no-fault-seen' | 'unknown'

/** One factor of a score, as a row that a person can read. Points may be negative; the score is their sum in 0..1. */
export interface MatchReason {
  readonly factor: 'topology' | 'time' | 'symptom' | 'other-reports' | 'person'
  readonly points: number
  readonly text: string
}

/** A tie between a report and an incident. */
export interface Match {
  readonly report: FaultReportId
  readonly incident: IncidentId
  readonly score: number
  readonly reasons: readonly MatchReason[]
  /** `linked` at 0.8 and above or by a person; `suggested` from 0.4; `unlinked` by a person, and that is kept. */
  readonly state: 'linked' | 'suggested' | 'unlinked'
  readonly decidedBy: 'system' | 'person'
  readonly at: number
}

/** What was measured on the service's path around the report. */
export interface Evidence {
  readonly state: 'pending' | 'measured'
  /** Path elements with a poll result in the window, divided by all of them that are polled: 0..1. */
  readonly coverage: number
  /** Every element that was measured is good. Says nothing without `coverage`. */
  readonly good: boolean
  readonly from: number
  readonly to: number
  /** One sentence an element, worst first. */
  readonly findings: readonly string[]
}

/** The record that people read and work on (TMF621 TroubleTicket): paper about a fault, not the fault. */
export interface FaultReport {
  readonly id: FaultReportId
  readonly kind: 'fault' | 'complaint'
  /** The number in the desk's own system; the same number again is the same report. */
  readonly externalId?: string
  readonly customer: CustomerId
  readonly service?: ServiceId
  readonly symptom: Symptom
  /** In the customer's own words. Hostile text. */
  readonly description: string
  /** `phone`, `web`, `app`, `status-page`, … */
  readonly channel: string
  readonly status: ReportStatus
  readonly reportedAt: number
  /** When the customer says that it began. */
  readonly reportedOnsetAt?: number
  readonly verdict: Verdict
  readonly evidence: Evidence
  readonly version: number
  readonly updatedAt: number
}
