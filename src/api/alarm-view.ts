import type { AlarmTransition, StoredAlarm } from '../model/alarm.ts'
import type { Inventory } from '../model/inventory.ts'
import { maybeTime, rfc3339 } from './parameters.ts'
import type { AlarmDetail, AlarmView } from './views/alarm-schemas.ts'

/** `withWords`: the caller may read what people wrote. */
export function alarmView(
  alarm: StoredAlarm,
  { elements }: Pick<Inventory, 'elements'>,
  withWords: boolean,
): AlarmView {
  const { resource, onsetAt, raisedAt, restoredAt, clearedAt, acknowledged, shelved, ...rest } = alarm
  const about =
    resource.kind === 'system'
      ? { element: 'system', elementName: 'Faultline', part: resource.part }
      : {
          element: resource.element,
          elementName: elements.get(resource.element)?.name ?? resource.element,
          interface: resource.kind === 'interface' ? resource.interface : undefined,
          ...(resource.kind === 'sensor' ? { sensor: resource.sensor, unit: resource.unit } : {}),
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
      reason: withWords ? shelved.reason : undefined,
    },
    maintenance: rest.maintenance,
    version: alarm.version,
  }
}

export const transitionView = (
  { alarm: _, at, until, reason, ...rest }: AlarmTransition,
  withWords: boolean,
): AlarmDetail['transitions'][number] => ({
  ...rest,
  at: rfc3339(at),
  until: maybeTime(until),
  // Only a shelf has a reason in the words of a person.
  reason: withWords || rest.kind !== 'shelved' ? reason : undefined,
})
