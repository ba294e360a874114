import { type Incident, type IncidentId, type IncidentState, incidentStates } from '../model/incident.ts'
import {
  type Actor,
  type IncidentEvent,
  type IncidentEventBody,
  systemActor,
} from '../model/incident-event.ts'
import { beyond, decodeCursor, type Page, pageOf, rowsToAsk } from '../platform/db/cursor.ts'
import { portions, readJson } from '../platform/db/json-column.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import { happen, type IncidentChange } from './incident-change.ts'

export interface IncidentFilter {
  /** All states when absent. */
  readonly states?: readonly IncidentState[]
  readonly limit: number
  readonly cursor?: string
}

const notOver = incidentStates.filter((state) => state !== 'resolved' && state !== 'closed')

const toIncident = (row: { readonly id: string; readonly incident_json: string }): Incident =>
  readJson<Incident>(row.incident_json, `incident ${row.id}`, 'id', 'state', 'impact', 'version')

/** The log and the folded state of incidents. Every function takes the store, or a transaction to be part of. */
export function createIncidentStore() {
  const get = async (db: StateDb, id: IncidentId): Promise<Incident | undefined> => {
    const row = await db.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst()
    return row && toIncident(row)
  }

  /**
   * Adds log rows and puts the new state in place of the one that the change began from. Call it in the transaction in
   * which that state was read.
   * @throws FaultlineError CONFLICT when an incident has changed since: nothing may be kept of the transaction.
   */
  const append = async (tx: StateTx, changes: readonly IncidentChange[]): Promise<void> => {
    const rowOf = (incident: Incident) => ({
      id: incident.id,
      state: incident.state,
      kind: incident.kind,
      severity: incident.severity,
      onset_at: incident.onsetAt,
      updated_at: incident.updatedAt,
      version: incident.version,
      incident_json: JSON.stringify(incident),
    })
    const opened = changes.filter((change) => change.before === undefined)
    for (const portion of portions(opened))
      await tx
        .insertInto('incident')
        .values(portion.map((change) => rowOf(change.incident)))
        .execute()
    for (const { before, incident } of changes) {
      if (before === undefined) continue
      const { numUpdatedRows } = await tx
        .updateTable('incident')
        .set(rowOf(incident))
        .where('id', '=', incident.id)
        .where('version', '=', before.version)
        .executeTakeFirst()
      if (numUpdatedRows === 0n)
        throw new FaultlineError('CONFLICT', 'the incident was changed meanwhile', { incident: incident.id })
    }
    for (const portion of portions(changes.flatMap((change) => change.events)))
      await tx
        .insertInto('incident_event')
        .values(
          portion.map((event) => ({
            incident: event.incident,
            sequence: event.sequence,
            at: event.at,
            actor: event.actor,
            type: event.type,
            event_json: JSON.stringify(event),
          })),
        )
        .execute()
  }

  /**
   * Lets one thing happen to an incident, whatever its state.
   * @throws FaultlineError NOT_FOUND.
   */
  const record = async (
    tx: StateTx,
    id: IncidentId,
    body: IncidentEventBody,
    actor: Actor,
    now: number,
  ): Promise<IncidentChange> => {
    const before = await get(tx, id)
    const change = before && happen(before, [body], actor, now)
    if (!change) throw new FaultlineError('NOT_FOUND', `there is no incident ${id}`, { incident: id })
    await append(tx, [change])
    return change
  }

  return {
    append,
    get,
    record,

    /** The time of the first message to a customer; undefined when an earlier one is known already. */
    async customersTold(tx: StateTx, id: IncidentId, toldAt: number): Promise<IncidentChange | undefined> {
      const incident = await get(tx, id)
      if (!incident || (incident.firstMessageAt ?? Infinity) <= toldAt) return undefined
      return record(tx, id, { type: 'customersTold', toldAt }, systemActor, toldAt)
    },

    /** Those that are not over, oldest first. */
    async open(db: StateDb): Promise<readonly Incident[]> {
      const rows = await db
        .selectFrom('incident')
        .select(['id', 'incident_json'])
        .where('state', 'in', notOver)
        .orderBy('onset_at')
        .orderBy('id')
        .execute()
      return rows.map(toIncident)
    },

    /** Those that are over and changed at or after that time, and those that are resolved and not closed yet. */
    async recent(db: StateDb, since: number): Promise<readonly Incident[]> {
      const rows = await db
        .selectFrom('incident')
        .select(['id', 'incident_json'])
        .where((where) =>
          where.or([
            where('state', '=', 'resolved'),
            where.and([where('state', '=', 'closed'), where('updated_at', '>=', since)]),
          ]),
        )
        .orderBy('onset_at')
        .orderBy('id')
        .execute()
      return rows.map(toIncident)
    },

    /**
     * A page, latest onset first.
     * @throws FaultlineError REQUEST_INVALID for a wrong cursor.
     */
    async list(db: StateDb, filter: IncidentFilter): Promise<Page<Incident>> {
      let query = db
        .selectFrom('incident')
        .select(['id', 'onset_at', 'incident_json'])
        .orderBy('onset_at', 'desc')
        .orderBy('id', 'desc')
        .limit(rowsToAsk(filter.limit))
      if (filter.states) query = query.where('state', 'in', [...filter.states])
      if (filter.cursor !== undefined) query = query.where(beyond(decodeCursor(filter.cursor), 'onset_at'))
      return pageOf(
        await query.execute(),
        filter.limit,
        (row) => ({ at: row.onset_at, id: row.id }),
        toIncident,
      )
    },

    /** The log, in order. */
    async events(db: StateDb, id: IncidentId): Promise<readonly IncidentEvent[]> {
      const rows = await db
        .selectFrom('incident_event')
        .select(['sequence', 'event_json'])
        .where('incident', '=', id)
        .orderBy('sequence')
        .execute()
      return rows.map((row) =>
        readJson<IncidentEvent>(
          row.event_json,
          `incident event ${id} ${row.sequence}`,
          'incident',
          'sequence',
          'type',
          'at',
        ),
      )
    },
  }
}

export type IncidentStore = ReturnType<typeof createIncidentStore>
