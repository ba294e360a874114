import { type Incident, type IncidentId, incidentStates, isOpen } from '../model/incident.ts'
import { portions, readJson } from '../platform/db/json-column.ts'
import type { StateDb } from '../platform/db/state-db.ts'

/** Whether anything that an incident rests on is measured now. */
export type IsMeasured = (incident: Incident) => boolean

/** The open incidents of which nothing is measured: what is due waits. */
export type UnmeasuredIncidents = (db: StateDb) => Promise<readonly IncidentId[]>

const openStates = incidentStates.filter((state) => isOpen({ state }))

/** Reads an incident when it has changed: it is asked before each message, and in a storm incidents are large. */
export function createUnmeasuredIncidents(isMeasured: IsMeasured): UnmeasuredIncidents {
  let known = new Map<IncidentId, Incident>()
  return async (db) => {
    const versions = await db
      .selectFrom('incident')
      .select(['id', 'version'])
      .where('state', 'in', openStates)
      .execute()
    const fresh = new Map<IncidentId, Incident>()
    const unread: IncidentId[] = []
    for (const { id, version } of versions) {
      const incident = known.get(id)
      if (incident?.version === version) fresh.set(id, incident)
      else unread.push(id)
    }
    for (const ids of portions(unread))
      for (const row of await db
        .selectFrom('incident')
        .select(['id', 'incident_json'])
        .where('id', 'in', ids)
        .execute())
        fresh.set(
          row.id,
          readJson<Incident>(row.incident_json, `incident ${row.id}`, 'id', 'roots', 'shadowed', 'alarms'),
        )
    known = fresh
    return [...fresh.values()].filter((incident) => !isMeasured(incident)).map(({ id }) => id)
  }
}
