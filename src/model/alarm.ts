import type { Actor } from './incident-event.ts'
import type { InterfaceName } from './interface.ts'
import type { ElementId } from './network-element.ts'
import type { Severity } from './severity.ts'

export type AlarmId = string

/** Something in the network that an alarm can be about. */
export type NetworkResource =
  | { readonly kind: 'element'; readonly element: ElementId }
  | { readonly kind: 'interface'; readonly element: ElementId; readonly interface: InterfaceName }
  | SensorResource

/** One sensor of an element: the same name may stand for a temperature and a current. Its name is hostile text. */
export interface SensorResource {
  readonly kind: 'sensor'
  readonly element: ElementId
  readonly sensor: string
  readonly unit: string
}

/** A part of Faultline itself: `polling`, `spool`, `channel email`. */
export interface SystemResource {
  readonly kind: 'system'
  readonly part: string
}

/** What an alarm can be about. */
export type Resource = NetworkResource | SystemResource

/** The closed list of what can be wrong in the network, which rules name; each has one X.733 event type and probable cause (`detect/alarm-types.ts`). */
export const alarmTypes = [
  'unreachable',
  'agent-silent',
  'packet-loss',
  'high-latency',
  'high-jitter',
  'path-quality',
  'high-utilisation',
  'busy-hour-over-limit',
  'unusual-latency',
  'unusual-loss',
  'unusual-traffic',
  'congestion',
  'interface-down',
  'interface-errors',
  'high-cpu',
  'high-memory',
  'high-temperature',
  'low-optical-power',
  'high-optical-power',
  'sensor-low',
  'sensor-high',
] as const

/** What can be wrong with Faultline itself. No rule raises these. */
export const systemAlarmTypes = [
  'poller-late',
  'poller-restarted',
  'cannot-send',
  'spool-nearly-full',
  'disk-failing',
  'store-away',
  'notifier-failing',
  'clock-jumped',
] as const
export type SystemAlarmType = (typeof systemAlarmTypes)[number]
export type AlarmType = (typeof alarmTypes)[number] | SystemAlarmType

/** X.733 event types (RFC 3877 `ItuEventType`). */
export type EventType =
  | 'communicationsAlarm'
  | 'qualityOfServiceAlarm'
  | 'processingErrorAlarm'
  | 'equipmentAlarm'
  | 'environmentalAlarm'

/**
 * How an active alarm stands. `clearing`: the latest samples are good, and not enough of them yet; whoever asks for the
 * live alarm sees it, and it is not kept over a restart. `flapping`: raised and cleared too often; it stays active and
 * silent until it has been stable.
 */
export const alarmPhases = ['raised', 'clearing', 'flapping'] as const
export type AlarmPhase = (typeof alarmPhases)[number]

/** How restless a (resource, type) has been (after RFC 2439): grows with each raise and clear, halves each half-life. */
export interface Instability {
  readonly penalty: number
  /** When it was that. */
  readonly at: number
}

/** How much its severity comes and goes: a milder one is held back while it does. */
export interface Wavering extends Instability {
  /** What its samples came to last. */
  readonly severity: Severity
  readonly isHeld: boolean
}

/** Someone has seen the alarm. */
export interface Acknowledgement {
  readonly by: Actor
  readonly at: number
}

/**
 * Put aside by a person until a time (ISA-18.2): kept and marked, but it opens and holds no incident. It covers what is
 * raised again on the same (resource, type) meanwhile.
 */
export interface Shelf {
  readonly by: Actor
  readonly at: number
  readonly until: number
  readonly reason: string
}

/**
 * A state: (resource, type) is raised, may change severity, and is cleared. At most one is active for a pair. Raising
 * and clearing is the system's work; people acknowledge and shelve.
 */
export interface Alarm<R extends Resource = Resource> {
  readonly id: AlarmId
  readonly resource: R
  readonly type: AlarmType
  readonly severity: Severity
  readonly eventType: EventType
  /** Name of an ITU probable cause (RFC 3877), e.g. `lossOfSignal`. */
  readonly probableCause: string
  readonly state: 'active' | 'cleared'
  /** Of an active alarm; absent: `raised`. */
  readonly phase?: AlarmPhase
  /** Time of the first bad sample, and of the decision. UTC epoch milliseconds, like all that follow. */
  readonly onsetAt: number
  readonly raisedAt: number
  /** First good sample after the bad ones, and the decision. While it is flapping: good since then, for now. */
  readonly restoredAt?: number
  readonly clearedAt?: number
  /** Why it was cleared, when it was not by good samples. */
  readonly clearedBecause?: string
  /** True while no data arrives: neither good nor bad, so the alarm stays as it was. */
  readonly indeterminate: boolean
  /** Last value seen and the limit that it crossed, in the indicator's own unit. */
  readonly value?: number
  readonly limit?: number
  /** Of `agent-silent`: the agent answers, and this is why it cannot be read. Absent: it does not answer. Hostile text. */
  readonly refusal?: string | undefined
  /** The rule that raised it. */
  readonly rule: string
  /** Plain words for a NOC engineer, in English. */
  readonly text: string
  readonly instability?: Instability
  readonly wavering?: Wavering
  readonly acknowledged?: Acknowledgement
  readonly shelved?: Shelf
  /** The maintenance window that covers it. */
  readonly maintenance?: string
}

export type NetworkAlarm = Alarm<NetworkResource>
export type SystemAlarm = Alarm<SystemResource>

/** What can happen to an alarm; `alarm_transition` keeps these words. */
export const alarmTransitionKinds = [
  'raised',
  'severity',
  'flapping',
  /** Stable again, and still bad. */
  'settled',
  'indeterminate',
  /** Data arrives again. */
  'measured',
  'cleared',
  'acknowledged',
  'unacknowledged',
  'shelved',
  'unshelved',
] as const
export type AlarmTransitionKind = (typeof alarmTransitionKinds)[number]

/** One step in the life of an alarm: a row of its append-only log. */
export interface AlarmTransition {
  readonly alarm: AlarmId
  /** 1, 2, 3 … within the alarm. */
  readonly sequence: number
  readonly at: number
  readonly actor: Actor
  readonly kind: AlarmTransitionKind
  readonly severity: Severity
  readonly value?: number
  /** Of `shelved`. */
  readonly until?: number
  /** Why it was shelved, or cleared when it was not by good samples. */
  readonly reason?: string
}

/** As the state store has it. */
export interface StoredAlarm extends Alarm {
  /** Counts the transitions; it is the ETag of optimistic concurrency. */
  readonly version: number
}

export type AlarmChange<A extends Alarm = Alarm> =
  | { readonly kind: 'raised' | 'cleared'; readonly alarm: A }
  | { readonly kind: 'changed'; readonly what: AlarmTransitionKind; readonly at: number; readonly alarm: A }
  /** Nothing to tell anybody, only something that a restart has to know. */
  | { readonly kind: 'kept'; readonly alarm: A }

export function resourceKey(resource: Resource): string {
  if (resource.kind === 'system') return `system:${resource.part}`
  if (resource.kind === 'sensor') return `${resource.element}(${resource.sensor}, ${resource.unit})`
  return resource.kind === 'element' ? resource.element : `${resource.element}[${resource.interface}]`
}

/** Key under which at most one alarm is active. */
export const alarmKey = (alarm: Pick<Alarm, 'resource' | 'type'>): string =>
  `${alarm.type}:${resourceKey(alarm.resource)}`
