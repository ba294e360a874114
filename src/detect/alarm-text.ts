import { type AlarmType, type Resource, resourceKey } from '../model/alarm.ts'

const rounded = (value: number) => String(Math.round(value * 10) / 10)
const percent = (ratio: number | undefined) => (ratio === undefined ? '' : `${rounded(ratio * 100)} %`)

/** What is wrong, in plain English for a NOC engineer. The value is in the indicator's own unit. */
export function alarmText(type: AlarmType, resource: Resource, value?: number): string {
  const name = resourceKey(resource)
  switch (type) {
    case 'unreachable':
      return `${name} does not answer`
    case 'agent-silent':
      return `The SNMP agent of ${name} does not answer; ${name} itself does`
    case 'packet-loss':
      return `${percent(value)} of the packets to ${name} are lost`
    case 'high-latency':
      return `The round trip to ${name} takes ${value === undefined ? 'too long' : `${rounded(value)} ms`}`
    case 'high-utilisation':
      return `${name} is ${percent(value)} full`
    case 'interface-down':
      return `${name} is down`
  }
}
