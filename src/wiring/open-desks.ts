import { type AlarmDesk, createAlarmDesk } from '../incident/alarm-desk.ts'
import { createIncidentDesk, type IncidentDesk } from '../incident/incident-desk.ts'
import type { Outcome, Pipeline } from '../pipeline.ts'
import type { Foundation } from './foundation.ts'
import type { State } from './open-state.ts'

/** Where people act on alarms and incidents. */
export interface Desks {
  readonly incidentDesk: IncidentDesk
  readonly alarmDesk: AlarmDesk
}

/** What people change is followed up like what the pipeline changes. */
export function openDesks(
  { clock, publish }: Pick<Foundation, 'clock' | 'publish'>,
  { db, alarms, incidents }: Pick<State, 'db' | 'alarms' | 'incidents'>,
  { follow, step }: Pick<Pipeline, 'follow' | 'step'>,
  committed: (outcome: Outcome) => void,
): Desks {
  const incidentDesk = createIncidentDesk({
    db,
    clock,
    incidents,
    follow,
    afterCommit: (change, reports) =>
      committed({ at: clock.now(), alarms: [], incidents: [change], reports, reach: [] }),
  })
  const alarmDesk = createAlarmDesk({
    db,
    clock,
    alarms,
    openIncidents: (tx) => incidents.open(tx),
    afterCommit: (alarm, what) => {
      publish('alarm', alarm.id, what)
      void step()
    },
  })
  return { incidentDesk, alarmDesk }
}
