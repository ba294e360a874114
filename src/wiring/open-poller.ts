import type { DeliverColumns, DeliverPoll, Poller } from '../collect/poller/poller.ts'
import { startThreadPoller } from '../collect/poller/thread-poller.ts'
import type { StoredAgentMemory } from '../collect/snmp/stored-agent-memory.ts'
import { createSampleMaker } from '../model/poll-samples.ts'
import type { Clock } from '../platform/clock.ts'
import { type Logger, logLevels } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { openLocalPoller, type PollPlan } from './open-local-poller.ts'
import type { OpenProbes } from './open-probes.ts'
import type { PollingWorkerSettings } from './polling-worker.ts'

export interface PollerNeeds {
  readonly deliver: DeliverPoll
  readonly memory: StoredAgentMemory
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Where polls are made here: how elements are asked. Default: ICMP, STAMP and SNMP. */
  readonly probes?: OpenProbes
}

/** Where polls are made: in a thread of their own, by the time of the system, or in this one. */
export type PollingPlace = 'thread' | 'here'

/** @throws FaultlineError PROBE_FAILED when polling cannot begin at all */
export async function openPoller(
  place: PollingPlace,
  plan: PollPlan,
  { memory, probes, ...deps }: PollerNeeds,
): Promise<Poller> {
  if (place === 'here') {
    const toSamples = createSampleMaker()
    const deliver: DeliverColumns = (result, samples) => deps.deliver(result, toSamples(samples))
    return openLocalPoller(plan, { ...deps, deliver, memory, ...(probes ? { probes } : {}) })
  }
  const settings = (): PollingWorkerSettings => ({
    plan,
    logLevel: logLevels.find((level) => level === deps.log.level) ?? 'info',
    memos: memory.all(),
  })
  // The same file from source and compiled.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const entry = new URL(`./polling-worker.${extension}`, import.meta.url)
  return startThreadPoller({ entry, settings }, { ...deps, keep: memory.keep })
}
