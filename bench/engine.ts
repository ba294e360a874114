import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { pino } from 'pino'
import type { PollBatch } from '../src/collect/poller/poll-messages.ts'
import { createPollOutbox } from '../src/collect/poller/poll-outbox.ts'
import type { Probe } from '../src/collect/probe.ts'
import { createScheduler, type Scheduler } from '../src/collect/scheduler.ts'
import { sampleCount } from '../src/model/poll-samples.ts'
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
  /** Polls lost for want of room on the way to the main thread. */
  readonly dropped: number
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

/** Batches are sent as to the main thread, and read again, which that would do; nothing is made of them. */
function createCrossing() {
  const { port1, port2 } = new MessageChannel()
  return {
    send(batch: PollBatch): void {
      port1.postMessage(batch, [batch.values.buffer])
      receiveMessageOnPort(port2)
    },
    close: () => port1.close(),
  }
}

/**
 * The work of the polling thread as it is in the product: scheduler, one probe, rates of each reading, and batches for
 * the main thread. What that makes of them is another's.
 */
export function startEngine(
  probe: Probe,
  intervalMs: number,
  targets: readonly Target[],
  onReading: (reading: Reading) => void = () => {},
): Engine {
  const byElement = new Map(targets.map((target) => [target.element, target]))
  const sampler = createSampler({ vantage: 'bench' })
  const counts = { answered: 0, timedOut: 0, notSent: 0, refused: 0, samples: 0, requests: 0, dropped: 0 }
  const outcomes = {
    answered: 'answered',
    timeout: 'timedOut',
    notSent: 'notSent',
    refused: 'refused',
  } as const
  const crossing = createCrossing()
  const outbox = createPollOutbox(systemClock, (batch) => {
    counts.dropped += batch.dropped
    crossing.send(batch)
    queueMicrotask(outbox.taken)
  })
  const scheduler = createScheduler({
    clock: systemClock,
    log: pino({ enabled: false }),
    metrics: outbox.metrics,
    // As the daemon has it.
    probes: [{ probe, intervalMs, maxInFlight: 200 }],
    targets: () => byElement,
    deliver(reading) {
      counts[outcomes[reading.outcome]]++
      const target = byElement.get(reading.element)
      if (target !== undefined) {
        const samples = sampler.columns(reading, target)
        counts.samples += sampleCount(samples)
        outbox.deliver(reading, samples)
      }
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
      crossing.close()
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
  dropped: after.dropped - before.dropped,
})
