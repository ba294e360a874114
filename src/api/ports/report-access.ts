import type { CustomerId } from '../../model/customer.ts'
import type { Evidence, FaultReport, FaultReportId, Match } from '../../model/fault-report.ts'
import type { IncidentId } from '../../model/incident.ts'
import type { Actor } from '../../model/incident-event.ts'
import type { Service, ServiceId } from '../../model/service.ts'
import type { Page } from '../../platform/db/cursor.ts'
import type { PageFilter } from './page-filter.ts'

export interface MatchedReport {
  readonly report: FaultReport
  readonly matches: readonly Match[]
}

interface ReportListFilter extends PageFilter {
  readonly status?: FaultReport['status']
  readonly customer?: CustomerId
  readonly service?: ServiceId
  /** The list is then in order of change, oldest first. */
  readonly updatedSince?: number
}

type NewReport = Pick<FaultReport, 'kind' | 'symptom' | 'description' | 'channel'> &
  Partial<Pick<FaultReport, 'customer' | 'service' | 'reportedOnsetAt' | 'externalId'>>

/** Changes write their own audit rows, and throw NOT_FOUND, CONFLICT, PRECONDITION_FAILED or REQUEST_INVALID. */
export interface ReportAccess {
  list(filter: ReportListFilter): Promise<Page<FaultReport>>
  get(id: FaultReportId): Promise<MatchedReport | undefined>
  matches(ids: readonly FaultReportId[]): Promise<ReadonlyMap<FaultReportId, readonly Match[]>>
  /** The matches of an incident that no person undid, best first. */
  matchesOf(incident: IncidentId, limit: number): Promise<readonly Match[]>
  /** `withWords`: with the reasons that people gave. */
  log(id: FaultReportId, withWords: boolean): Promise<readonly ReportLogRow[]>
  submit(
    input: NewReport,
    actor: Actor,
    options: { readonly waitMs?: number },
  ): Promise<MatchedReport & { readonly created: boolean }>
  patch(
    id: FaultReportId,
    change: {
      readonly status?: FaultReport['status'] | undefined
      readonly statusReason?: string | undefined
      readonly description?: string | undefined
      readonly symptom?: FaultReport['symptom'] | undefined
    },
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MatchedReport>
  link(
    id: FaultReportId,
    incident: IncidentId,
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MatchedReport>
  unlink(
    id: FaultReportId,
    incident: IncidentId,
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MatchedReport>
  /** What the polls say now about the path of a service. */
  evidenceFor(service: Service): Promise<Evidence>
}

interface ReportLogRow {
  readonly sequence: number
  readonly at: number
  readonly actor: Actor
  readonly type: string
  readonly text: string
}
