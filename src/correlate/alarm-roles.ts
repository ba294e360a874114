import type { alarmTypes, NetworkAlarm } from '../model/alarm.ts'

/**
 * What an alarm says about the network.
 * - `silence`: the element does not answer; `agent`: its agent does not;
 * - `port`: a port is down;
 * - `path`: what is sent to the element and back suffers, so whatever lies on the way may be the cause;
 * - `load`: a port carries more than it can now; `damage`: frames are damaged on it. Both explain what lies behind;
 * - `condition`: of the element or the port itself. It tells more of a fault found there, and explains none;
 * - `oddity`: unlike what is usual, and no limit is passed. It tells more of a fault found there, and is none by itself.
 */
export type AlarmRole = 'silence' | 'agent' | 'port' | 'path' | 'load' | 'damage' | 'condition' | 'oddity'

const roles: Readonly<Record<(typeof alarmTypes)[number], AlarmRole>> = {
  unreachable: 'silence',
  'agent-silent': 'agent',
  'interface-down': 'port',
  'packet-loss': 'path',
  'high-latency': 'path',
  'high-jitter': 'path',
  'path-quality': 'path',
  'high-utilisation': 'load',
  congestion: 'load',
  'interface-errors': 'damage',
  // Of the day: it does not say that there is too much now.
  'busy-hour-over-limit': 'condition',
  'unusual-latency': 'oddity',
  'unusual-loss': 'oddity',
  'unusual-traffic': 'oddity',
  'high-cpu': 'condition',
  'high-memory': 'condition',
  'high-temperature': 'condition',
  'low-optical-power': 'condition',
  'high-optical-power': 'condition',
  'sensor-low': 'condition',
  'sensor-high': 'condition',
}

const isNetworkType = (type: string): type is keyof typeof roles => Object.hasOwn(roles, type)

export const roleOf = ({ type }: NetworkAlarm): AlarmRole => (isNetworkType(type) ? roles[type] : 'condition')

/** Loss and delay have causes of their own; a grade of the whole path goes with either. */
export function suffersAlike(one: readonly NetworkAlarm[], other: readonly NetworkAlarm[]): boolean {
  const families = new Set(one.map(familyOf))
  return other.some((alarm) => families.has(familyOf(alarm))) || [...one, ...other].some(isGrade)
}

/** What is sent arrives late, or is graded for that among others. */
export const isDelay = (alarm: NetworkAlarm): boolean => familyOf(alarm) === 'high-latency' || isGrade(alarm)

const familyOf = ({ type }: NetworkAlarm): string => (type === 'high-jitter' ? 'high-latency' : type)
const isGrade = ({ type }: NetworkAlarm): boolean => type === 'path-quality'
