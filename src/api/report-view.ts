import type { Evidence, FaultReport, FaultReportId, Match } from '../model/fault-report.ts'
import type { Incident, IncidentId } from '../model/incident.ts'
import type { Inventory } from '../model/inventory.ts'
import type { ApiDeps } from './api-deps.ts'
import { maybeTime, rfc3339 } from './parameters.ts'
import type { MatchedReport } from './ports/report-access.ts'
import { incidentTitle } from './root-cause-view.ts'
import type { EvidenceView, FaultReportView, MatchView } from './views/fault-report-schemas.ts'

export interface ReportViewer {
  readonly deps: Pick<ApiDeps, 'inventory' | 'incidents' | 'reports'>
  /** Whether the caller may read names and the customer's own words. */
  readonly withNames: boolean
}

export const evidenceView = (evidence: Evidence): EvidenceView => ({
  state: evidence.state,
  coverage: evidence.coverage,
  good: evidence.good,
  from: rfc3339(evidence.from),
  to: rfc3339(evidence.to),
  findings: [...evidence.findings],
})

export function matchView(
  match: Match,
  incident: Incident | undefined,
  inventory: Pick<Inventory, 'elements'>,
): MatchView {
  return {
    incident: match.incident,
    score: match.score,
    state: match.state,
    decidedBy: match.decidedBy,
    at: rfc3339(match.at),
    reasons: match.reasons.map((reason) => ({ ...reason })),
    incidentTitle: incident && incidentTitle(incident, inventory),
    incidentState: incident?.state,
    etaAt: maybeTime(incident?.etaAt),
  }
}

/** Reports with their matches, each incident looked up once. */
export async function reportViews(
  { deps, withNames }: ReportViewer,
  reports: readonly MatchedReport[],
): Promise<FaultReportView[]> {
  const inventory = deps.inventory()
  const incidents = new Map<IncidentId, Incident | undefined>()
  for (const { matches } of reports)
    for (const { incident } of matches)
      if (!incidents.has(incident)) incidents.set(incident, await deps.incidents.get(incident))
  return reports.map(({ report, matches }) => ({
    id: report.id,
    kind: report.kind,
    externalId: withNames ? report.externalId : undefined,
    customer: report.customer,
    customerName: withNames ? inventory.customers.get(report.customer)?.name : undefined,
    service: report.service,
    symptom: report.symptom,
    description: withNames ? report.description : undefined,
    channel: report.channel,
    status: report.status,
    reportedAt: rfc3339(report.reportedAt),
    reportedOnsetAt: maybeTime(report.reportedOnsetAt),
    verdict: report.verdict,
    evidence: evidenceView(report.evidence),
    matches: matches.map((match) => matchView(match, incidents.get(match.incident), inventory)),
    version: report.version,
    updatedAt: rfc3339(report.updatedAt),
  }))
}

/** Adds the matches to reports that were listed without them. */
export async function matched(
  deps: Pick<ApiDeps, 'reports'>,
  reports: readonly FaultReport[],
): Promise<readonly MatchedReport[]> {
  const ids: readonly FaultReportId[] = reports.map((report) => report.id)
  const matches = await deps.reports.matches(ids)
  return reports.map((report) => ({ report, matches: matches.get(report.id) ?? [] }))
}
