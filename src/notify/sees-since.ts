import { type Incident, isBlind } from '../model/incident.ts'
import { readJson } from '../platform/db/json-column.ts'
import type { StateDb } from '../platform/db/state-db.ts'

/**
 * Since when the vantage has seen the network, UTC epoch ms: 0 when it always has, undefined while it is blind. What is
 * due while it is blind waits.
 */
export async function seesSince(db: StateDb): Promise<number | undefined> {
  const rows = await db
    .selectFrom('incident')
    .select(['id', 'incident_json'])
    .where('kind', '=', 'blind')
    .where('state', '<>', 'closed')
    .execute()
  const incidents = rows.map((row) =>
    readJson<Incident>(row.incident_json, `incident ${row.id}`, 'id', 'kind', 'state'),
  )
  return incidents.some(isBlind)
    ? undefined
    : Math.max(0, ...incidents.map(({ restoredAt = 0 }) => restoredAt))
}
