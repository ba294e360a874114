import type { CustomerId } from '../model/customer.ts'
import type { FaultReport, FaultReportId, ReportStatus } from '../model/fault-report.ts'
import type { IncidentId } from '../model/incident.ts'
import type { Actor } from '../model/incident-event.ts'
import type { ServiceId } from '../model/service.ts'
import { beyond, decodeCursor, type Page, pageOf, rowsToAsk } from '../platform/db/cursor.ts'
import { portions, readJson } from '../platform/db/json-column.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ReportEvent, ReportEventBody } from './report-event.ts'
import { matches, matchesOf, saveMatches } from './report-matches.ts'
import { openStatuses } from './report-status.ts'

export interface ReportFilter {
  readonly status?: ReportStatus
  readonly customer?: CustomerId
  readonly service?: ServiceId
  /** Changed at or after; the list is then in order of change, oldest first, so that a puller can go on from the last. */
  readonly updatedSince?: number
  readonly limit: number
  readonly cursor?: string
}

export type ReportStore = ReturnType<typeof createReportStore>

/** Fault reports, their matches and their log in the state store. Each function takes the store or a transaction. */
export function createReportStore() {
  return {
    get,
    byExternalId,
    list,
    open,
    near,
    linkedTo,
    insert,
    update,
    matches,
    matchesOf,
    saveMatches,
    events,
  }
}

const fromRow = (row: { readonly id: string; readonly report_json: string }): FaultReport =>
  readJson<FaultReport>(row.report_json, `fault report ${row.id}`, 'id', 'customer', 'status', 'version')

const toRow = (report: FaultReport) => ({
  id: report.id,
  external_id: report.externalId ?? null,
  customer: report.customer,
  service: report.service ?? null,
  status: report.status,
  verdict: report.verdict,
  reported_at: report.reportedAt,
  updated_at: report.updatedAt,
  version: report.version,
  report_json: JSON.stringify(report),
})

const findBy =
  (column: 'id' | 'external_id') =>
  async (db: StateDb, value: string): Promise<FaultReport | undefined> => {
    const row = await db
      .selectFrom('fault_report')
      .select(['id', 'report_json'])
      .where(column, '=', value)
      .executeTakeFirst()
    return row && fromRow(row)
  }
const get = findBy('id')
const byExternalId = findBy('external_id')

/**
 * Newest first, or in order of change with `updatedSince`.
 * @throws FaultlineError REQUEST_INVALID when the cursor is not one of ours.
 */
async function list(db: StateDb, filter: ReportFilter): Promise<Page<FaultReport>> {
  const byChange = filter.updatedSince !== undefined
  const key = byChange ? 'updated_at' : 'reported_at'
  const order = byChange ? 'asc' : 'desc'
  let query = db
    .selectFrom('fault_report')
    .select(['id', 'updated_at', 'reported_at', 'report_json'])
    .orderBy(key, order)
    .orderBy('id', order)
    .limit(rowsToAsk(filter.limit))
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.customer !== undefined) query = query.where('customer', '=', filter.customer)
  if (filter.service !== undefined) query = query.where('service', '=', filter.service)
  if (filter.updatedSince !== undefined) query = query.where('updated_at', '>=', filter.updatedSince)
  if (filter.cursor !== undefined) query = query.where(beyond(decodeCursor(filter.cursor), key, { order }))
  const place = (row: {
    readonly id: string
    readonly updated_at: number
    readonly reported_at: number
  }) => ({
    at: row[key],
    id: row.id,
  })
  return pageOf(await query.execute(), filter.limit, place, fromRow)
}

/** Those that someone still waits on, newest first. */
async function open(db: StateDb, since: number, limit: number): Promise<readonly FaultReport[]> {
  const rows = await db
    .selectFrom('fault_report')
    .select(['id', 'report_json'])
    .where('status', 'in', openStatuses)
    .where('reported_at', '>=', since)
    .orderBy('reported_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** Who reported what at about that time, newest first; cancelled and rejected reports are left out. */
async function near(db: StateDb, from: number, to: number, limit: number) {
  return db
    .selectFrom('fault_report')
    .select(['customer', 'service', 'reported_at as reportedAt'])
    .where('reported_at', '>=', from)
    .where('reported_at', '<=', to)
    .where('status', 'not in', ['cancelled', 'rejected'])
    .orderBy('reported_at', 'desc')
    .limit(limit)
    .execute()
}

async function linkedTo(db: StateDb, incidents: readonly IncidentId[]): Promise<readonly FaultReport[]> {
  const found: FaultReport[] = []
  for (const part of portions(incidents)) {
    const rows = await db
      .selectFrom('fault_report')
      .select(['id', 'report_json'])
      .where('id', 'in', (of) =>
        of
          .selectFrom('report_match')
          .select('report')
          .where('incident', 'in', part)
          .where('state', '=', 'linked'),
      )
      .execute()
    found.push(...rows.map(fromRow))
  }
  return found
}

/** Writes a new report with its first log rows; its version becomes their number. */
async function insert(
  tx: StateTx,
  report: FaultReport,
  log: readonly ReportEventBody[],
  actor: Actor,
  now: number,
): Promise<FaultReport> {
  const written = { ...report, version: log.length, updatedAt: now }
  await tx.insertInto('fault_report').values(toRow(written)).execute()
  await appendEvents(tx, report.id, 0, log, actor, now)
  return written
}

/**
 * Writes a changed report with the log rows that say what changed.
 * @throws FaultlineError PRECONDITION_FAILED when the stored version is not the one that `report` was read at.
 */
async function update(
  tx: StateTx,
  report: FaultReport,
  log: readonly ReportEventBody[],
  actor: Actor,
  now: number,
): Promise<FaultReport> {
  const written = { ...report, version: report.version + log.length, updatedAt: now }
  const result = await tx
    .updateTable('fault_report')
    .set(toRow(written))
    .where('id', '=', report.id)
    .where('version', '=', report.version)
    .executeTakeFirst()
  if (result.numUpdatedRows !== 1n) throw new FaultlineError('PRECONDITION_FAILED')
  await appendEvents(tx, report.id, report.version, log, actor, now)
  return written
}

async function appendEvents(
  tx: StateTx,
  report: FaultReportId,
  after: number,
  log: readonly ReportEventBody[],
  actor: Actor,
  now: number,
): Promise<void> {
  if (log.length === 0) return
  const rows = log.map((body, i) => ({
    report,
    sequence: after + i + 1,
    at: now,
    actor,
    type: body.type,
    event_json: JSON.stringify(body),
  }))
  await tx.insertInto('fault_report_event').values(rows).execute()
}

async function events(db: StateDb, report: FaultReportId): Promise<readonly ReportEvent[]> {
  const rows = await db
    .selectFrom('fault_report_event')
    .selectAll()
    .where('report', '=', report)
    .orderBy('sequence')
    .execute()
  return rows.map((row) => ({
    ...readJson<ReportEventBody>(row.event_json, `fault report event ${report} ${row.sequence}`, 'type'),
    report: row.report,
    sequence: row.sequence,
    at: row.at,
    actor: row.actor,
  }))
}
