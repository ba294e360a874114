import type { FaultReportId, ReportStatus, Verdict } from '../model/fault-report.ts'
import type { IncidentId } from '../model/incident.ts'
import type { Actor } from '../model/incident-event.ts'

/** What can happen to a fault report. The customer's words are in the report only, never in its log. */
export type ReportEventBody =
  | { readonly type: 'submitted'; readonly verdict: Verdict }
  | {
      readonly type: 'matched'
      readonly incident: IncidentId
      readonly score: number
      readonly state: 'linked' | 'suggested'
    }
  /** Later findings do not explain the report any more. */
  | { readonly type: 'unmatched'; readonly incident: IncidentId }
  /** By a person. */
  | { readonly type: 'linked' | 'unlinked'; readonly incident: IncidentId }
  | { readonly type: 'verdict'; readonly from: Verdict; readonly to: Verdict }
  | { readonly type: 'evidence'; readonly coverage: number; readonly good: boolean }
  | {
      readonly type: 'status'
      readonly from: ReportStatus
      readonly to: ReportStatus
      readonly reason?: string
    }
  | { readonly type: 'edited'; readonly fields: readonly string[] }

/** A row of the append-only log; the sequence of the last one is the report's version. */
export type ReportEvent = ReportEventBody & {
  readonly report: FaultReportId
  readonly sequence: number
  readonly at: number
  readonly actor: Actor
}

/** Without what a person wrote. */
export function wordless(event: ReportEventBody): ReportEventBody {
  if (event.type !== 'status') return event
  const { reason: _, ...rest } = event
  return rest
}

/** The row as a sentence. */
export function reportEventText(event: ReportEventBody): string {
  switch (event.type) {
    case 'submitted':
      return `Submitted; the verdict was ${event.verdict}.`
    case 'matched':
      return event.state === 'linked'
        ? `Linked to incident ${event.incident} with a score of ${event.score.toFixed(2)}.`
        : `Incident ${event.incident} may explain it, with a score of ${event.score.toFixed(2)}.`
    case 'unmatched':
      return `Incident ${event.incident} does not explain it any more.`
    case 'linked':
      return `Linked to incident ${event.incident} by hand.`
    case 'unlinked':
      return `Unlinked from incident ${event.incident} by hand.`
    case 'verdict':
      return `The verdict changed from ${event.from} to ${event.to}.`
    case 'evidence':
      return `The path was probed: ${Math.round(event.coverage * 100)} % of it was measured${event.good ? ' and is good' : ''}.`
    case 'status':
      return `The status changed from ${event.from} to ${event.to}${event.reason === undefined ? '' : `: ${event.reason}`}.`
    case 'edited':
      return `Changed: ${event.fields.join(', ')}.`
  }
}
