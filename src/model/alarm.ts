import type { InterfaceName } from './interface.ts'
import type { ElementId } from './network-element.ts'
import type { Severity } from './severity.ts'

export type AlarmId = string

/** What an alarm can be about. */
export type Resource =
  | { readonly kind: 'element'; readonly element: ElementId }
  | { readonly kind: 'interface'; readonly element: ElementId; readonly interface: InterfaceName }

/** The closed list of what can be wrong; each has one X.733 event type and probable cause (`detect/alarm-types.ts`). */
export const alarmTypes = [
  'unreachable',
  'agent-silent',
  'packet-loss',
  'high-latency',
  'high-utilisation',
  'interface-down',
] as const
export type AlarmType = (typeof alarmTypes)[number]

/** X.733 event types (RFC 3877 `ItuEventType`). */
export type EventType =
  | 'communicationsAlarm'
  | 'qualityOfServiceAlarm'
  | 'processingErrorAlarm'
  | 'equipmentAlarm'

/**
 * A state: (resource, type) is raised, may change severity, and is cleared. At most one is active for a pair. Raising
 * and clearing is the system's work; a person can only acknowledge.
 */
export interface Alarm {
  readonly id: AlarmId
  readonly resource: Resource
  readonly type: AlarmType
  readonly severity: Severity
  readonly eventType: EventType
  /** Name of an ITU probable cause (RFC 3877), e.g. `lossOfSignal`. */
  readonly probableCause: string
  readonly state: 'active' | 'cleared'
  /** Time of the first bad sample, and of the decision. UTC epoch milliseconds, like all that follow. */
  readonly onsetAt: number
  readonly raisedAt: number
  /** First good sample after the bad ones, and the decision. */
  readonly restoredAt?: number
  readonly clearedAt?: number
  /** True while no data arrives: neither good nor bad, so the alarm stays as it was. */
  readonly indeterminate: boolean
  /** Last value seen and the limit that it crossed, in the indicator's own unit. */
  readonly value?: number
  readonly limit?: number
  /** The rule that raised it. */
  readonly rule: string
  /** Plain words for a NOC engineer, in English. */
  readonly text: string
}

export interface AlarmChange {
  readonly kind: 'raised' | 'changed' | 'cleared'
  readonly alarm: Alarm
}

export const resourceKey = (resource: Resource): string =>
  resource.kind === 'element' ? resource.element : `${resource.element}[${resource.interface}]`

/** Key under which at most one alarm is active. */
export const alarmKey = (alarm: Pick<Alarm, 'resource' | 'type'>): string =>
  `${alarm.type}:${resourceKey(alarm.resource)}`
