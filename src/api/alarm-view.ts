import type { AlarmTransition, StoredAlarm } from '../model/alarm.ts'
import type { Inventory } from '../model/inventory.ts'
import { maybeTime, rfc3339 } from './parameters.ts'
import type { AlarmDetail, AlarmView } from './views.ts'

export function alarmView(alarm: StoredAlarm, { elements }: Pick<Inventory, 'elements'>): AlarmView {
  const { resource, onsetAt, raisedAt, restoredAt, clearedAt, acknowledged, shelved, ...rest } = alarm
  const about =
    resource.kind === 'system'
      ? { element: 'system', elementName: 'Faultline', part: resource.part }
      : {
          element: resource.element,
          elementName: elements.get(resource.element)?.name ?? resource.element,
          interface: resource.kind === 'interface' ? resource.interface : undefined,
        }
  return {
    id: rest.id,
    about: resource.kind,
    ...about,
    type: rest.type,
    severity: rest.severity,
    eventType: rest.eventType,
    probableCause: rest.probableCause,
    state: rest.state,
    phase: rest.state === 'active' ? (rest.phase ?? 'raised') : undefined,
    onsetAt: rfc3339(onsetAt),
    raisedAt: rfc3339(raisedAt),
    restoredAt: maybeTime(restoredAt),
    clearedAt: maybeTime(clearedAt),
    clearedBecause: rest.clearedBecause,
    indeterminate: rest.indeterminate,
    value: rest.value,
    limit: rest.limit,
    rule: rest.rule,
    text: rest.text,
    acknowledged: acknowledged && { by: acknowledged.by, at: rfc3339(acknowledged.at) },
    shelved: shelved && {
      by: shelved.by,
      at: rfc3339(shelved.at),
      until: rfc3339(shelved.until),
      reason: shelved.reason,
    },
    maintenance: rest.maintenance,
    version: alarm.version,
  }
}

export const transitionView = ({
  alarm: _,
  at,
  until,
  ...rest
}: AlarmTransition): AlarmDetail['transitions'][number] => ({
  ...rest,
  at: rfc3339(at),
  until: maybeTime(until),
})
