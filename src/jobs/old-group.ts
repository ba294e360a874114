import { portions, readJson } from '../platform/db/json-column.ts'
import type { StateDb } from '../platform/db/state-db.ts'

/** Incidents and fault reports that refer to each other, and to nothing else. With the version of each. */
export interface OldGroup {
  readonly incidents: ReadonlyMap<string, number>
  readonly reports: ReadonlyMap<string, number>
}

/** What of a log row names something else. */
interface Naming {
  readonly into?: string
  readonly from?: string
  readonly report?: string
  readonly incident?: string
}

const naming = ['merged', 'absorbed', 'split', 'splitFrom', 'reported'] as const
/** Nobody waits for these any more. */
const overReport = ['resolved', 'closed', 'cancelled', 'rejected'] as const

interface Row {
  readonly id: string
  readonly state: string
  readonly version: number
  readonly updated_at: number
}

const isOver = ({ state, updated_at }: Row, before: number, over: readonly string[]): boolean =>
  over.includes(state) && updated_at < before

async function incidentRows(db: StateDb, ids: readonly string[]): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const some of portions(ids))
    rows.push(
      ...(await db
        .selectFrom('incident')
        .select(['id', 'state', 'version', 'updated_at'])
        .where('id', 'in', some)
        .execute()),
    )
  return rows
}

async function reportRows(db: StateDb, ids: readonly string[]): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const some of portions(ids))
    rows.push(
      ...(await db
        .selectFrom('fault_report')
        .select(['id', 'status as state', 'version', 'updated_at'])
        .where('id', 'in', some)
        .execute()),
    )
  return rows
}

/** What incidents refer to, and what refers to them: other incidents by their logs and messages, reports by matches. */
async function tiedToIncidents(db: StateDb, ids: readonly string[]) {
  const incidents = new Set<string>()
  const reports = new Set<string>()
  for (const some of portions(ids)) {
    const events = await db
      .selectFrom('incident_event')
      .select(['incident', 'sequence', 'event_json'])
      .where('incident', 'in', some)
      .where('type', 'in', naming)
      .execute()
    for (const { incident, sequence, event_json } of events) {
      const { into, from, report } = readJson<Naming>(event_json, `incident event ${incident} ${sequence}`)
      if (into !== undefined) incidents.add(into)
      if (from !== undefined) incidents.add(from)
      if (report !== undefined) reports.add(report)
    }
    const matches = db.selectFrom('report_match').select('report').where('incident', 'in', some)
    for (const { report } of await matches.execute()) reports.add(report)
    for (const column of ['answers', 'covered_by'] as const) {
      const pairs = await db
        .selectFrom('notification as one')
        .innerJoin('notification as other', 'other.id', `one.${column}`)
        .select(['one.incident as from', 'other.incident as to'])
        .distinct()
        .whereRef('one.incident', '<>', 'other.incident')
        .where((where) => where.or([where('one.incident', 'in', some), where('other.incident', 'in', some)]))
        .execute()
      for (const { from, to } of pairs) incidents.add(from).add(to)
    }
  }
  return { incidents, reports }
}

async function tiedToReports(db: StateDb, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const incidents = new Set<string>()
  for (const some of portions(ids)) {
    const matches = db.selectFrom('report_match').select('incident').where('report', 'in', some)
    for (const { incident } of await matches.execute()) incidents.add(incident)
    const events = await db
      .selectFrom('fault_report_event')
      .select(['report', 'sequence', 'event_json'])
      .where('report', 'in', some)
      .execute()
    for (const { report, sequence, event_json } of events) {
      const { incident } = readJson<Naming>(event_json, `fault report event ${report} ${sequence}`)
      if (incident !== undefined) incidents.add(incident)
    }
  }
  return incidents
}

/**
 * All that is tied to an incident or a report, over any number of steps. Without a group when something of it is not
 * over, or changed at `before` or later: then all of it stays. `ids` are those that were found until then.
 */
export async function oldGroupOf(
  db: StateDb,
  seed: { readonly incident: string } | { readonly report: string },
  before: number,
): Promise<{ readonly ids: ReadonlySet<string>; readonly group?: OldGroup }> {
  const incidents = new Map<string, number>()
  const reports = new Map<string, number>()
  const asked = new Set<string>()
  let nextIncidents = new Set('incident' in seed ? [seed.incident] : [])
  let nextReports = new Set('report' in seed ? [seed.report] : [])
  while (nextIncidents.size > 0 || nextReports.size > 0) {
    for (const id of [...nextIncidents, ...nextReports]) asked.add(id)
    // One that is not there any more was removed with a group of before.
    const foundIncidents = await incidentRows(db, [...nextIncidents])
    const foundReports = await reportRows(db, [...nextReports])
    if (!foundIncidents.every((row) => isOver(row, before, ['closed']))) return { ids: asked }
    if (!foundReports.every((row) => isOver(row, before, overReport))) return { ids: asked }
    for (const { id, version } of foundIncidents) incidents.set(id, version)
    for (const { id, version } of foundReports) reports.set(id, version)
    const tied = await tiedToIncidents(
      db,
      foundIncidents.map(({ id }) => id),
    )
    const also = await tiedToReports(
      db,
      foundReports.map(({ id }) => id),
    )
    nextIncidents = tied.incidents.union(also).difference(asked)
    nextReports = tied.reports.difference(asked)
  }
  return { ids: asked, group: { incidents, reports } }
}

/** Whether it is as it was when it was found: nothing of it was changed, and nothing else was tied to it. */
export async function isUnchanged(db: StateDb, { incidents, reports }: OldGroup): Promise<boolean> {
  const same = (rows: readonly Row[], known: ReadonlyMap<string, number>) =>
    rows.every(({ id, version }) => known.get(id) === version)
  if (!same(await incidentRows(db, [...incidents.keys()]), incidents)) return false
  if (!same(await reportRows(db, [...reports.keys()]), reports)) return false
  for (const some of portions([...incidents.keys()])) {
    const matches = db.selectFrom('report_match').select('report').where('incident', 'in', some)
    for (const { report } of await matches.execute()) if (!reports.has(report)) return false
  }
  return true
}
