import { createIcmpProbe } from '../collect/icmp/icmp-probe.ts'
import type { Probe } from '../collect/probe.ts'
import { createSnmpProbe } from '../collect/snmp/snmp-probe.ts'
import { createStampProbe } from '../collect/stamp/stamp-probe.ts'
import type { Config } from '../config/schema.ts'
import type { Target } from '../model/target.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { createMetrics } from '../platform/metrics.ts'

export type PollSettings = Config['poll']

// Somebody waits at a terminal: a burst is sent faster than the daemon would.
const spacingMs = 200

/** The probes that an element is configured with, for one poll from the command line. */
export async function openProbes(
  target: Target,
  { icmp, stamp, snmp }: PollSettings,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<readonly Probe[]> {
  const deps = { clock, log, metrics: createMetrics() }
  const probes: Promise<Probe>[] = []
  if (target.icmp)
    probes.push(createIcmpProbe({ count: icmp.count, timeoutMs: icmp.timeout, spacingMs }, deps))
  if (target.stamp)
    probes.push(createStampProbe({ count: stamp.count, timeoutMs: stamp.timeout, spacingMs }, deps))
  if (target.snmp) probes.push(createSnmpProbe({ timeoutMs: snmp.timeout, retries: snmp.retries }, deps))
  return Promise.all(probes)
}
