import { pino } from 'pino'
import type { Probe } from '../src/collect/probe.ts'
import { createScheduler, type Scheduler } from '../src/collect/scheduler.ts'
import type { Reading } from '../src/model/reading.ts'
import type { Target } from '../src/model/target.ts'
import { systemClock } from '../src/platform/clock.ts'
import { createMetrics, type Metrics } from '../src/platform/metrics.ts'
import { createSampler } from '../src/sample/sampler.ts'

export interface Counts {
  readonly answered: number
  readonly timedOut: number
  readonly notSent: number
  readonly refused: number
  readonly samples: number
  /** Polls that were still running when their next was due. */
  readonly late: number
  /** Request messages, of SNMP polls. */
  readonly requests: number
}

export interface Engine {
  readonly scheduler: Scheduler
  readonly counts: () => Counts
  readonly stop: () => Promise<void>
}

/** What probes are given: no output, and the time of this machine. */
export const probeDeps = (metrics: Metrics = createMetrics()) => ({
  clock: systemClock,
  log: pino({ enabled: false }),
  metrics,
})

/** The collection as it runs in the product: scheduler, one probe, samples from each reading. */
export function startEngine(
  probe: Probe,
  intervalMs: number,
  targets: readonly Target[],
  onReading: (reading: Reading) => void = () => {},
): Engine {
  const byElement = new Map(targets.map((target) => [target.element, target]))
  const sampler = createSampler({ vantage: 'bench' })
  const counts = { answered: 0, timedOut: 0, notSent: 0, refused: 0, samples: 0, requests: 0 }
  const outcomes = {
    answered: 'answered',
    timeout: 'timedOut',
    notSent: 'notSent',
    refused: 'refused',
  } as const
  const scheduler = createScheduler({
    ...probeDeps(),
    probes: [{ probe, intervalMs }],
    targets: () => byElement,
    deliver(reading) {
      counts[outcomes[reading.outcome]]++
      const target = byElement.get(reading.element)
      if (target !== undefined) counts.samples += sampler.accept(reading, target).length
      if (reading.probe === 'snmp') counts.requests += reading.agent?.requests ?? 0
      onReading(reading)
    },
  })
  return {
    scheduler,
    counts: () => ({
      ...counts,
      late: scheduler.overruns(Number.POSITIVE_INFINITY).reduce((sum, { skipped }) => sum + skipped, 0),
    }),
    async stop() {
      await scheduler.stop()
      await probe.close()
    },
  }
}

/** What was counted between two moments. */
export const since = (before: Counts, after: Counts): Counts => ({
  answered: after.answered - before.answered,
  timedOut: after.timedOut - before.timedOut,
  notSent: after.notSent - before.notSent,
  refused: after.refused - before.refused,
  samples: after.samples - before.samples,
  late: after.late - before.late,
  requests: after.requests - before.requests,
})
