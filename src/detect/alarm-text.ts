import { type AlarmType, type Resource, resourceKey, type SensorResource } from '../model/alarm.ts'
import { valueText } from './value-text.ts'

/**
 * What is wrong, in plain English for a NOC engineer. The value is in the unit that alarms of this type have; `detail`
 * is what the rule adds, such as what would be usual.
 */
export function alarmText(type: AlarmType, resource: Resource, value?: number, detail?: string): string {
  // Faultline knows best what ails it.
  if (resource.kind === 'system') return detail ?? `${type} of ${resource.part}`
  if (type === 'agent-silent' && detail !== undefined)
    return `The SNMP agent of ${resourceKey(resource)} answers, but cannot be read: ${detail}`
  const sentence =
    resource.kind === 'sensor'
      ? sensorSentence(type, resource, value)
      : sentenceOf(type, resourceKey(resource), value)
  return detail === undefined ? sentence : `${sentence}: ${detail}`
}

/** A sensor is called as its agent calls it. */
function sensorSentence(type: AlarmType, { element, sensor, unit }: SensorResource, value?: number): string {
  const name = `${sensor} of ${element}`
  const is = (word: string) =>
    `${name} is ${value === undefined ? word : `${word}, ${valueText(value, unit)}`}`
  switch (type) {
    case 'high-temperature':
      return `${name} is ${value === undefined ? 'too' : valueText(value, unit)} hot`
    case 'low-optical-power':
    case 'sensor-low':
      return is('low')
    case 'high-optical-power':
    case 'sensor-high':
      return is('high')
    default:
      return sentenceOf(type, name, value)
  }
}

function sentenceOf(type: AlarmType, name: string, value: number | undefined): string {
  const told = (unit: string, otherwise: string) => (value === undefined ? otherwise : valueText(value, unit))
  switch (type) {
    case 'unreachable':
      return `${name} does not answer`
    case 'agent-silent':
      return `The SNMP agent of ${name} does not answer; ${name} itself does`
    case 'packet-loss':
      return `${told('ratio', 'Too many')} of the packets to ${name} are lost`
    case 'high-latency':
      return `The round trip to ${name} takes ${told('ms', 'too long')}`
    case 'high-jitter':
      return `The delay to ${name} varies by ${told('ms', 'too much')}`
    case 'path-quality':
      return `The path to ${name} is poor`
    case 'high-utilisation':
      return `${name} is ${told('ratio', 'nearly')} full`
    case 'busy-hour-over-limit':
      return `The busy hour of ${name} is over its limit`
    case 'unusual-latency':
      return `The round trip to ${name} takes ${told('ms', 'longer than usual')}`
    case 'unusual-loss':
      return `${told('ratio', 'Unusually many')} of the packets to ${name} are lost`
    case 'unusual-traffic':
      return `The traffic of ${name} is ${told('bit/s', 'unusual')}`
    case 'congestion':
      return `${name} discards ${told('ratio', 'too many')} of its packets`
    case 'interface-down':
      return `${name} is down`
    case 'interface-errors':
      return `${told('ratio', 'Too many')} of the packets of ${name} have errors`
    case 'high-cpu':
      return `The processor of ${name} is ${told('ratio', 'too')} busy`
    case 'high-memory':
      return `The memory of ${name} is ${told('ratio', 'nearly')} full`
    case 'high-temperature':
      return `${name} is ${told('°C', 'too')} hot`
    default:
      return `${type} of ${name}`
  }
}
