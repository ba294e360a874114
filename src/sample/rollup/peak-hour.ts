import { rankOf } from './figures.ts'
import { fiveMinutesMs, quarterMs } from './rollup-plan.ts'

/**
 * The 5 minutes of one series as they are stored, in the order of time: what was measured in each and how often was
 * asked. NaN: not known.
 */
export interface FiveMinutes {
  /** Their beginnings, UTC epoch ms. */
  readonly at: Float64Array
  readonly mean: Float64Array
  readonly max: Float64Array
  /** Values that the mean is of. */
  readonly samples: Float64Array
  /** How often was asked, whether or not it gave a value. */
  readonly polls: Float64Array
}

interface Span {
  readonly from: number
  readonly to: number
}

/** The busiest hour of a day. */
export interface PeakHour {
  readonly startAt: number
  readonly mean: number
  readonly p95: number
  readonly max: number
}

/** The first row at or after that time. */
export function rowAt(at: Float64Array, time: number): number {
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((at[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** The rows of a span; their columns are not copied. */
export function within({ at, mean, max, samples, polls }: FiveMinutes, { from, to }: Span): FiveMinutes {
  const [start, end] = [rowAt(at, from), rowAt(at, to)]
  return {
    at: at.subarray(start, end),
    mean: mean.subarray(start, end),
    max: max.subarray(start, end),
    samples: samples.subarray(start, end),
    polls: polls.subarray(start, end),
  }
}

/** Values that a stored mean stands for; one where it does not say. */
const weightOf = (samples: number | undefined): number =>
  samples === undefined || Number.isNaN(samples) ? 1 : samples

/** The mean of all samples, from the means of their parts; NaN when there are none. */
export function weightedMean(means: Float64Array, samples: Float64Array): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < means.length; i++) {
    const mean = means[i] ?? Number.NaN
    if (Number.isNaN(mean)) continue
    const weight = weightOf(samples[i])
    sum += mean * weight
    count += weight
  }
  return sum / count
}

/** Means of the quarter hours from `first` on, by their samples; NaN where nothing was measured. */
function quartersOf({ at, mean, samples }: FiveMinutes, first: number, count: number): Float64Array {
  const sums = new Float64Array(count)
  const counts = new Float64Array(count)
  for (let i = 0; i < at.length; i++) {
    const value = mean[i] ?? Number.NaN
    const quarter = Math.floor(((at[i] ?? 0) - first) / quarterMs)
    if (Number.isNaN(value) || quarter < 0 || quarter >= count) continue
    const weight = weightOf(samples[i])
    sums[quarter] = (sums[quarter] ?? 0) + value * weight
    counts[quarter] = (counts[quarter] ?? 0) + weight
  }
  return sums.map((sum, i) => sum / (counts[i] ?? 0))
}

/**
 * The four consecutive quarter hours within the span whose mean is the highest, the earliest of equal ones; each of the
 * four must have been measured. Undefined when there are no such four.
 */
export function peakHourOf(fives: FiveMinutes, day: Span): PeakHour | undefined {
  const first = Math.ceil(day.from / quarterMs) * quarterMs
  const quarters = quartersOf(fives, first, Math.max(0, Math.floor((day.to - first) / quarterMs)))
  let best = -1
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i + 4 <= quarters.length; i++) {
    let sum = 0
    for (let j = i; j < i + 4; j++) sum += quarters[j] ?? Number.NaN
    const mean = sum / 4
    // Never so for NaN, where one of them was not measured.
    if (mean > highest) {
      highest = mean
      best = i
    }
  }
  if (best === -1) return undefined
  const startAt = first + best * quarterMs
  const hour = within(fives, { from: startAt, to: startAt + 4 * quarterMs })
  return { startAt, mean: highest, p95: p95Of(hour), max: highestOf(hour) }
}

/** What a span of a day was like. Values are absent when nothing was measured. */
export interface SpanFigures {
  readonly samples: number
  /** Polls divided by those expected, 0..1: 1 only when no quarter hour lacks any. */
  readonly coverage: number
  readonly mean?: number
  readonly p95?: number
  readonly max?: number
}

/** `intervalMs`: time between two polls. The mean is that of the samples. */
export function spanFiguresOf(fives: FiveMinutes, span: Span, intervalMs: number): SpanFigures {
  const found = within(fives, span)
  let samples = 0
  for (const polls of found.polls) if (!Number.isNaN(polls)) samples += polls
  const coverage = coverageOf(found, span, intervalMs)
  const mean = weightedMean(found.mean, found.samples)
  if (Number.isNaN(mean)) return { samples, coverage }
  return { samples, coverage, mean, p95: p95Of(found), max: highestOf(found) }
}

/**
 * Extra polls of one bin do not make up for missing ones of another. The bins are 5 minutes; where polls are rarer than
 * that, a quarter hour; where they are rarer still, the whole span.
 */
export function coverageOf(
  { at, polls }: Pick<FiveMinutes, 'at' | 'polls'>,
  { from, to }: Span,
  intervalMs: number,
): number {
  const length = to - from
  if (length <= 0) return 0
  const width = [fiveMinutesMs, quarterMs].find((bin) => bin >= intervalMs) ?? length
  const expected = Math.max(1, Math.floor(width / intervalMs))
  const bins = new Float64Array(Math.ceil(length / width))
  for (let i = 0; i < at.length; i++) {
    const bin = Math.floor(((at[i] ?? 0) - from) / width)
    const count = polls[i] ?? Number.NaN
    if (!Number.isNaN(count) && bin >= 0 && bin < bins.length) bins[bin] = (bins[bin] ?? 0) + count
  }
  let covered = 0
  for (const count of bins) covered += Math.min(1, count / expected)
  return Math.min(1, covered / (length / width))
}

/** Of the means of 5 minutes. */
const p95Of = ({ mean }: FiveMinutes): number =>
  // NaN is sorted to the end.
  rankOf(mean.toSorted().subarray(0, measuredIn(mean)), 0.95)

function measuredIn(means: Float64Array): number {
  let count = 0
  for (const mean of means) if (!Number.isNaN(mean)) count++
  return count
}

/** The largest sample; where it was not kept the mean stands for it. */
function highestOf({ mean, max }: FiveMinutes): number {
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < mean.length; i++) {
    const value = mean[i] ?? Number.NaN
    if (Number.isNaN(value)) continue
    const told = max[i] ?? Number.NaN
    highest = Math.max(highest, Number.isNaN(told) ? value : told)
  }
  return highest
}
