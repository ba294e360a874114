import type { BurstWatch } from '../collect/burst-watch.ts'
import type { CollectMetrics } from '../collect/collect-metrics.ts'
import { createIcmpProbe } from '../collect/icmp/icmp-probe.ts'
import type { ScheduledProbe } from '../collect/scheduler.ts'
import type { AgentMemory } from '../collect/snmp/agent-memory.ts'
import { createProfileReading } from '../collect/snmp/read-profile.ts'
import { createSnmpProbe } from '../collect/snmp/snmp-probe.ts'
import type { PacketWatch } from '../collect/snmp/transport/packet-watch.ts'
import { createStampProbe } from '../collect/stamp/stamp-probe.ts'
import type { Config } from '../config/schema.ts'
import type { Target } from '../model/target.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'

/**
 * Time between two packets of a burst, ms: spread out, so that one short hiccup does not take them all, and yet done
 * within 60 % of what the interval leaves after the last time-out.
 */
export const spacingOf = ({
  interval,
  timeout,
  count,
}: {
  interval: number
  timeout: number
  count: number
}) => Math.max(1, Math.min(200, Math.floor((0.6 * (interval - timeout)) / count)))

/** Opens the probes that any of these elements uses, each with its rhythm. */
export type OpenProbes = typeof openProbes

/** The probes that any element uses, with their rhythm. */
export async function openProbes(
  { icmp, stamp, snmp, profiles }: Config['poll'],
  targets: Iterable<Target>,
  deps: {
    readonly clock: Clock
    readonly log: Logger
    readonly metrics: CollectMetrics
    readonly memory?: AgentMemory
    readonly watch?: PacketWatch
    readonly watchBurst?: BurstWatch
  },
): Promise<readonly ScheduledProbe[]> {
  const all = [...targets]
  const part = (name: string) => ({ ...deps, log: deps.log.child({ probe: name }) })
  const probes: ScheduledProbe[] = []
  if (all.some((target) => target.icmp)) {
    const settings = {
      count: icmp.count,
      timeoutMs: icmp.timeout,
      spacingMs: spacingOf(icmp),
      dscp: icmp.dscp,
      sizeBytes: icmp.size,
      engine: icmp.engine,
    }
    probes.push({ probe: await createIcmpProbe(settings, part('icmp')), intervalMs: icmp.interval })
  }
  if (all.some((target) => target.stamp)) {
    const settings = {
      count: stamp.count,
      timeoutMs: stamp.timeout,
      spacingMs: spacingOf(stamp),
      dscp: stamp.dscp,
      engine: stamp.engine,
    }
    probes.push({ probe: await createStampProbe(settings, part('stamp')), intervalMs: stamp.interval })
  }
  if (all.some((target) => target.snmp)) {
    const settings = { timeoutMs: snmp.timeout, retries: snmp.retries }
    const readProfile = createProfileReading({ profiles, clock: deps.clock })
    const probe = await createSnmpProbe(settings, { ...part('snmp'), readProfile })
    // Slow agents hold their place for a second and more; the transport bounds the bytes on the way, not this.
    probes.push({ probe, intervalMs: snmp.interval, maxInFlight: 200 })
  }
  for (const { probe, intervalMs } of probes) {
    deps.log.info({ probe: probe.name, engine: probe.engine, intervalMs }, 'probe ready')
  }
  return probes
}
