import type { ProbeName } from '../../model/reading.ts'
import type { CollectMetrics } from '../collect-metrics.ts'

type CounterName = Exclude<keyof CollectMetrics, 'pollDuration'>
type Labels = Readonly<Record<string, string>>

interface Count {
  readonly name: CounterName
  readonly labels: Labels
  count: number
}

/** What was counted since the last time. */
export interface MetricCounts {
  readonly counts: readonly Readonly<Count>[]
  /** Seconds of each poll. */
  readonly durations: readonly (readonly [probe: ProbeName, seconds: number])[]
}

/** Counts here what is to be counted elsewhere. `changed` is called when there is something to take. */
export function createMetricsRelay(changed: () => void) {
  let counts = new Map<string, Count>()
  let durations: [ProbeName, number][] = []

  const counter = (name: CounterName) => ({
    inc(labels: Labels, count = 1) {
      const key = JSON.stringify([name, ...Object.entries(labels).flat()])
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { name, labels, count })
      else known.count += count
      changed()
    },
  })
  const metrics: CollectMetrics = {
    pollDuration: {
      observe({ probe }, seconds) {
        durations.push([probe, seconds])
        changed()
      },
    },
    polls: counter('polls'),
    pollOverruns: counter('pollOverruns'),
    engineFailures: counter('engineFailures'),
    packetsRefused: counter('packetsRefused'),
    ratesRefused: counter('ratesRefused'),
  }

  return {
    metrics,
    take(): MetricCounts {
      const taken = { counts: [...counts.values()], durations }
      counts = new Map()
      durations = []
      return taken
    },
  }
}

/** Counts what a relay took. */
export function countRelayed({ counts, durations }: MetricCounts, metrics: CollectMetrics): void {
  for (const { name, labels, count } of counts) {
    const counter: { inc(labels: Labels, count?: number): void } = metrics[name]
    counter.inc(labels, count)
  }
  for (const [probe, seconds] of durations) metrics.pollDuration.observe({ probe }, seconds)
}
