import type { ElementId } from '../../model/network-element.ts'
import type { Target } from '../../model/target.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import { createScheduler, type ScheduledProbe } from '../scheduler.ts'
import type { DeliverColumns, Poller, ReadingSampler } from './poller.ts'

export interface LocalPollerDeps {
  /** Its own from now on: it closes them. */
  readonly probes: readonly ScheduledProbe[]
  readonly targets: ReadonlyMap<ElementId, Target>
  readonly sampler: ReadingSampler
  readonly deliver: DeliverColumns
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
}

/** Polls in this thread. */
export function createLocalPoller(deps: LocalPollerDeps): Poller {
  const { probes, targets, sampler, deliver, clock, log, metrics } = deps
  const counted = new Map<string, number>()

  const countRefused = () => {
    for (const [reason, count] of sampler.refused()) {
      const before = counted.get(reason) ?? 0
      if (count === before) continue
      metrics.ratesRefused.inc({ reason }, count - before)
      counted.set(reason, count)
    }
  }

  const scheduler = createScheduler({
    probes,
    targets: () => targets,
    deliver(reading) {
      const target = targets.get(reading.element)
      if (target === undefined) return
      const samples = sampler.columns(reading, target)
      countRefused()
      deliver(reading, samples)
    },
    clock,
    log,
    metrics,
  })

  return {
    probes: probes.map(({ probe: { name, engine }, intervalMs }) => ({ name, engine, intervalMs })),
    start: scheduler.start,
    pollNow: scheduler.pollNow,
    renew(elements) {
      for (const element of elements) for (const { probe } of probes) probe.renew?.(element)
    },
    overruns: async (limit) => scheduler.overruns(limit),
    async stop() {
      await scheduler.stop()
      await Promise.all(probes.map(({ probe }) => probe.close()))
    },
  }
}
