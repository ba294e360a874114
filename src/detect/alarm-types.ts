import type { AlarmType, EventType } from '../model/alarm.ts'

/** How X.733 sorts a type of alarm; names of probable causes after RFC 3877 (`IANAItuProbableCause`). */
export interface AlarmClass {
  readonly eventType: EventType
  readonly probableCause: string
}

export const alarmClasses: Readonly<Record<AlarmType, AlarmClass>> = {
  unreachable: { eventType: 'communicationsAlarm', probableCause: 'unavailable' },
  'agent-silent': { eventType: 'communicationsAlarm', probableCause: 'communicationsSubsystemFailure' },
  'packet-loss': { eventType: 'qualityOfServiceAlarm', probableCause: 'performanceDegraded' },
  'high-latency': { eventType: 'qualityOfServiceAlarm', probableCause: 'excessiveResponseTime' },
  'high-utilisation': { eventType: 'qualityOfServiceAlarm', probableCause: 'resourceAtOrNearingCapacity' },
  'interface-down': { eventType: 'communicationsAlarm', probableCause: 'lossOfSignal' },
}
