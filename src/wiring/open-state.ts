import { type AlarmStore, createAlarmStore } from '../incident/alarm-store.ts'
import { createIncidentStore, type IncidentStore } from '../incident/incident-store.ts'
import { openStateDb, type StateStore } from '../platform/db/state-db.ts'
import { lockState } from '../platform/db/state-lock.ts'
import { createReportStore, type ReportStore } from '../report/report-store.ts'
import type { Foundation } from './foundation.ts'

/** The state store, and what is kept in it by noun. */
export interface State {
  readonly db: StateStore
  readonly alarms: AlarmStore
  readonly incidents: IncidentStore
  readonly reports: ReportStore
}

export const stateIn = (db: StateStore): State => ({
  db,
  alarms: createAlarmStore(),
  incidents: createIncidentStore(),
  reports: createReportStore(),
})

/** @throws FaultlineError STATE_UNAVAILABLE, also when another process has the state store. */
export async function openState({ config, life }: Pick<Foundation, 'config' | 'life'>): Promise<State> {
  const { path } = config.state
  life.onClose('state lock', lockState(path))
  const db = await openStateDb(path)
  life.onClose('state store', () => db.destroy())
  return stateIn(db)
}
