import type { Config } from '../config/schema.ts'
import type { Target } from '../model/target.ts'

type Intervals = { readonly [P in 'icmp' | 'stamp' | 'snmp']: Pick<Config['poll'][P], 'interval'> }

/**
 * Within this time every element is asked once whether it answers, ms: by ICMP and STAMP, by SNMP where it has neither.
 */
export function pathRoundOf(
  { icmp, stamp, snmp }: Intervals,
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

/** Within this time every probe that is in use has asked each of its elements once, ms. */
export function wholeRoundOf(
  { icmp, stamp, snmp }: Intervals,
  targets: Iterable<Pick<Target, 'icmp' | 'stamp' | 'snmp'>>,
): number {
  let longest = 0
  for (const target of targets) {
    if (target.icmp) longest = Math.max(longest, icmp.interval)
    if (target.stamp) longest = Math.max(longest, stamp.interval)
    if (target.snmp) longest = Math.max(longest, snmp.interval)
  }
  return longest
}
