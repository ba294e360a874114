import type { Config } from '../config/schema.ts'
import type { Target } from '../model/target.ts'

/**
 * Within this time every element is asked once whether it answers, ms: by ICMP and STAMP, by SNMP where it has neither.
 */
export function pathRoundOf(
  { icmp, stamp, snmp }: Config['poll'],
  targets: Iterable<Pick<Target, 'icmp' | 'stamp' | 'snmp'>>,
): number {
  const intervals = new Set<number>()
  for (const target of targets) {
    if (target.icmp) intervals.add(icmp.interval)
    if (target.stamp) intervals.add(stamp.interval)
    if (target.snmp && !target.icmp && !target.stamp) intervals.add(snmp.interval)
  }
  return intervals.size === 0 ? icmp.interval : Math.max(...intervals)
}
