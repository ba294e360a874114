import type { ProbeName } from '../model/reading.ts'

/** A counter as those who count see it. */
export interface LabelCounter<Label extends string> {
  inc(labels: Readonly<Record<Label, string>>, count?: number): void
}

/** What collecting counts. The metrics of the daemon are of this shape; so is what a thread sends its counts by. */
export interface CollectMetrics {
  readonly pollDuration: { observe(labels: { readonly probe: ProbeName }, seconds: number): void }
  readonly polls: LabelCounter<'probe' | 'outcome'>
  readonly pollOverruns: LabelCounter<'probe'>
  readonly engineFailures: LabelCounter<'probe' | 'reason'>
  readonly packetsRefused: LabelCounter<'protocol' | 'reason'>
  readonly ratesRefused: LabelCounter<'reason'>
}
