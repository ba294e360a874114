import type { CollectMetrics } from '../collect/collect-metrics.ts'
import { createLocalPoller } from '../collect/poller/local-poller.ts'
import type { DeliverColumns, Poller } from '../collect/poller/poller.ts'
import type { AgentMemory } from '../collect/snmp/agent-memory.ts'
import type { Config } from '../config/schema.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Target } from '../model/target.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { createSampler } from '../sample/sampler.ts'
import { type OpenProbes, openProbes } from './open-probes.ts'

/** Whom to poll, and how. Plain data: it may go to another thread. */
export interface PollPlan {
  readonly poll: Config['poll']
  readonly vantage: ElementId
  readonly targets: ReadonlyMap<ElementId, Target>
}

export interface LocalPollerNeeds {
  readonly deliver: DeliverColumns
  readonly memory: AgentMemory
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
  /** Default: ICMP, STAMP and SNMP. */
  readonly probes?: OpenProbes
}

/** A poller in this thread, with the probes that the plan asks for. */
export async function openLocalPoller(
  { poll, vantage, targets }: PollPlan,
  { deliver, memory, probes: open = openProbes, ...deps }: LocalPollerNeeds,
): Promise<Poller> {
  const probes = await open(poll, targets.values(), { ...deps, memory })
  const sampler = createSampler({
    vantage,
    profiles: poll.profiles,
    shortestMs: poll.snmp.interval / 2,
  })
  return createLocalPoller({ probes, targets, sampler, deliver, ...deps })
}
