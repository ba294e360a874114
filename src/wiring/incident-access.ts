import type { IncidentAccess } from '../api/ports/incident-access.ts'
import { foldUntil } from '../incident/fold-incident.ts'
import { impactHistory } from '../incident/impact-history.ts'
import type { IncidentDesk } from '../incident/incident-desk.ts'
import type { IncidentStore } from '../incident/incident-store.ts'
import type { StateDb } from '../platform/db/state-db.ts'

/** What the API reads of incidents, and how people act on them. */
export const createIncidentAccess = (
  db: StateDb,
  incidents: IncidentStore,
  desk: IncidentDesk,
): IncidentAccess => ({
  open: () => incidents.open(db),
  list: (filter) => incidents.list(db, filter),
  get: (id) => incidents.get(db, id),
  events: (id) => incidents.events(db, id),
  stateIn: foldUntil,
  impactSteps: impactHistory,
  act: (id, action, actor, expectedVersion) => desk.act(id, action, actor, expectedVersion),
})
