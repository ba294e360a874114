import type {
  Alarm,
  AlarmId,
  AlarmPhase,
  AlarmTransition,
  AlarmType,
  StoredAlarm,
} from '../../model/alarm.ts'
import type { AlarmAction } from '../../model/alarm-action.ts'
import type { Actor } from '../../model/incident-event.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { Severity } from '../../model/severity.ts'
import type { Page } from '../../platform/db/cursor.ts'
import type { PageFilter } from './page-filter.ts'

interface AlarmListFilter extends PageFilter {
  readonly state?: Alarm['state']
  readonly element?: ElementId
  readonly about?: 'network' | 'system'
  readonly type?: AlarmType
  readonly severity?: Severity
  readonly phase?: AlarmPhase
  readonly acknowledged?: boolean
  readonly shelved?: boolean
}

/** Alarms about the network and about Faultline itself, cleared ones too. */
export interface AlarmAccess {
  list(filter: AlarmListFilter): Promise<Page<StoredAlarm>>
  get(id: AlarmId): Promise<StoredAlarm | undefined>
  getMany(ids: readonly AlarmId[]): Promise<ReadonlyMap<AlarmId, StoredAlarm>>
  transitions(id: AlarmId): Promise<readonly AlarmTransition[]>
  /** Writes its own audit row. @throws FaultlineError NOT_FOUND, CONFLICT, PRECONDITION_FAILED, REQUEST_INVALID. */
  act(id: AlarmId, action: AlarmAction, actor: Actor, expectedVersion?: number): Promise<StoredAlarm>
}
