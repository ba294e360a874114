import type { AlarmType, EventType } from '../model/alarm.ts'

/** How X.733 sorts a type of alarm; names of probable causes after RFC 3877 (`IANAItuProbableCause`). */
export interface AlarmClass {
  readonly eventType: EventType
  readonly probableCause: string
}

const quality = (probableCause: string): AlarmClass => ({
  eventType: 'qualityOfServiceAlarm',
  probableCause,
})
const communications = (probableCause: string): AlarmClass => ({
  eventType: 'communicationsAlarm',
  probableCause,
})
const processing = (probableCause: string): AlarmClass => ({
  eventType: 'processingErrorAlarm',
  probableCause,
})
const equipment = (probableCause: string): AlarmClass => ({ eventType: 'equipmentAlarm', probableCause })

export const alarmClasses: Readonly<Record<AlarmType, AlarmClass>> = {
  unreachable: communications('unavailable'),
  'agent-silent': communications('communicationsSubsystemFailure'),
  'packet-loss': quality('performanceDegraded'),
  'high-latency': quality('excessiveResponseTime'),
  'high-jitter': quality('performanceDegraded'),
  'path-quality': quality('performanceDegraded'),
  'high-utilisation': quality('resourceAtOrNearingCapacity'),
  'busy-hour-over-limit': quality('resourceAtOrNearingCapacity'),
  'unusual-latency': quality('thresholdCrossed'),
  'unusual-loss': quality('thresholdCrossed'),
  'unusual-traffic': quality('thresholdCrossed'),
  congestion: quality('congestion'),
  'interface-down': communications('lossOfSignal'),
  'interface-errors': communications('excessiveErrorRate'),
  'high-cpu': processing('cpuCyclesLimitExceeded'),
  'high-memory': processing('outOfMemory'),
  'high-temperature': { eventType: 'environmentalAlarm', probableCause: 'highTemperature' },
  'low-optical-power': communications('degradedSignal'),
  'high-optical-power': communications('degradedSignal'),
  'sensor-low': equipment('thresholdCrossed'),
  'sensor-high': equipment('thresholdCrossed'),
  'poller-late': processing('systemResourcesOverload'),
  'poller-restarted': processing('softwareProgramAbnormallyTerminated'),
  'cannot-send': communications('localNodeTransmissionError'),
  'spool-nearly-full': processing('storageCapacityProblem'),
  'disk-failing': equipment('inputOutputDeviceError'),
  'store-away': processing('underlyingResourceUnavailable'),
  'notifier-failing': communications('communicationsSubsystemFailure'),
  'clock-jumped': equipment('timingProblem'),
}
