import type { FaultReportId, Match } from '../model/fault-report.ts'
import type { IncidentId } from '../model/incident.ts'
import { portions } from '../platform/db/json-column.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { inOrder } from './match-report.ts'

const matchFromRow = (row: {
  readonly report: string
  readonly incident: string
  readonly score: number
  readonly state: string
  readonly decided_by: string
  readonly at: number
  readonly reasons_json: string
}): Match => ({
  report: row.report,
  incident: row.incident,
  score: row.score,
  reasons: JSON.parse(row.reasons_json) as Match['reasons'],
  state: row.state as Match['state'],
  decidedBy: row.decided_by as Match['decidedBy'],
  at: row.at,
})

/** The matches of several reports, best first in each. */
export async function matches(
  db: StateDb,
  reports: readonly FaultReportId[],
): Promise<ReadonlyMap<FaultReportId, readonly Match[]>> {
  const found: Match[] = []
  for (const part of portions(reports)) {
    const rows = await db.selectFrom('report_match').selectAll().where('report', 'in', part).execute()
    found.push(...rows.map(matchFromRow))
  }
  return new Map([...Map.groupBy(found, (match) => match.report)].map(([id, all]) => [id, inOrder(all)]))
}

/** The reports that an incident explains, or may explain. */
export async function matchesOf(db: StateDb, incident: IncidentId, limit: number): Promise<readonly Match[]> {
  const rows = await db
    .selectFrom('report_match')
    .selectAll()
    .where('incident', '=', incident)
    .where('state', '!=', 'unlinked')
    .orderBy('score', 'desc')
    .orderBy('report')
    .limit(limit)
    .execute()
  return rows.map(matchFromRow)
}

/** Makes `next` the matches of a report. */
export async function saveMatches(tx: StateTx, report: FaultReportId, next: readonly Match[]): Promise<void> {
  await tx.deleteFrom('report_match').where('report', '=', report).execute()
  if (next.length === 0) return
  const rows = next.map((match) => ({
    report,
    incident: match.incident,
    score: match.score,
    state: match.state,
    decided_by: match.decidedBy,
    at: match.at,
    reasons_json: JSON.stringify(match.reasons),
  }))
  await tx.insertInto('report_match').values(rows).execute()
}
