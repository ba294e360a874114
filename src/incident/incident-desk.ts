import type { Incident, IncidentId } from '../model/incident.ts'
import type { IncidentAction } from '../model/incident-action.ts'
import type { Actor } from '../model/incident-event.ts'
import type { Clock } from '../platform/clock.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import { afterEvent } from './fold-incident.ts'
import { incidentAction } from './incident-action.ts'
import type { IncidentChange } from './incident-change.ts'
import type { IncidentStore } from './incident-store.ts'

export interface IncidentDeskDeps<Followed> {
  readonly db: StateDb
  readonly clock: Clock
  readonly incidents: IncidentStore
  /** What follows from a change within the same transaction: messages, matches. */
  readonly follow: (tx: StateTx, changes: readonly IncidentChange[], now: number) => Promise<Followed>
  /** Told once the change is on disk, with what followed. */
  readonly afterCommit: (change: IncidentChange, followed: Followed) => void
}

export interface IncidentDesk {
  /**
   * Carries out a person's action: log row, state, audit row and what follows, in one transaction.
   * @throws FaultlineError NOT_FOUND, CONFLICT, PRECONDITION_FAILED or REQUEST_INVALID; nothing is changed then.
   */
  act(id: IncidentId, action: IncidentAction, actor: Actor, expectedVersion?: number): Promise<Incident>
}

export function createIncidentDesk<Followed>({
  db,
  clock,
  incidents,
  follow,
  afterCommit,
}: IncidentDeskDeps<Followed>): IncidentDesk {
  return {
    async act(id, action, actor, expectedVersion) {
      const { change, followed } = await db.transaction().execute(async (tx) => {
        const before = await incidents.get(tx, id)
        if (!before) throw new FaultlineError('NOT_FOUND', `there is no incident ${id}`, { incident: id })
        const now = clock.now()
        const event = incidentAction(before, action, actor, now, expectedVersion)
        if (event instanceof FaultlineError) throw event
        const change: IncidentChange = { incident: afterEvent(before, event), before, events: [event] }
        await incidents.append(tx, [change])
        await tx
          .insertInto('audit')
          .values({
            at: now,
            actor,
            action: `incident.${action.type}`,
            subject: id,
            details_json: JSON.stringify({ version: change.incident.version }),
          })
          .execute()
        return { change, followed: await follow(tx, [change], now) }
      })
      afterCommit(change, followed)
      return change.incident
    },
  }
}
