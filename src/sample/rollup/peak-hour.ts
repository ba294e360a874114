import { maxOf, meanOf, p95Of } from './figures.ts'
import { fiveMinutesMs, quarterMs } from './rollup-plan.ts'

/** The mean of 5 minutes, as it is stored. */
export interface FiveMinutes {
  readonly at: number
  readonly mean: number
  readonly max: number
  /** Values that the mean is of. */
  readonly samples: number
}

/** How often was asked in 5 minutes, whether or not it gave a value. */
export interface PollCount {
  readonly at: number
  readonly samples: number
}

interface Span {
  readonly from: number
  readonly to: number
}

interface Quarter {
  readonly at: number
  readonly mean: number
}

/** The busiest hour of a day. */
export interface PeakHour {
  readonly startAt: number
  readonly mean: number
  readonly p95: number
  readonly max: number
}

const within = <T extends { readonly at: number }>(values: readonly T[], { from, to }: Span): T[] =>
  values.filter(({ at }) => at >= from && at < to)

/** Means of 15 minutes from those of 5, by their samples. */
function quartersOf(fives: readonly FiveMinutes[]): readonly Quarter[] {
  const quarters = Map.groupBy(fives, ({ at }) => Math.floor(at / quarterMs) * quarterMs)
  return [...quarters].map(([at, parts]) => ({ at, mean: weightedMean(parts) }))
}

/** The mean of all samples, from the means of their parts. */
export const weightedMean = (parts: readonly { readonly mean: number; readonly samples: number }[]): number =>
  parts.reduce((sum, { mean, samples }) => sum + mean * samples, 0) /
  parts.reduce((sum, { samples }) => sum + samples, 0)

/**
 * The four consecutive quarter hours within the span whose mean is the highest, the earliest of equal ones; each of the
 * four must have been measured. Undefined when there are no such four.
 */
export function peakHourOf(fives: readonly FiveMinutes[], day: Span): PeakHour | undefined {
  const quarters = quartersOf(within(fives, day)).toSorted((a, b) => a.at - b.at)
  let best: { startAt: number; mean: number } | undefined
  for (let i = 0; i + 4 <= quarters.length; i++) {
    const four = quarters.slice(i, i + 4)
    const [first, , , last] = four
    if (first === undefined || last === undefined || last.at - first.at !== 3 * quarterMs) continue
    if (first.at < day.from || last.at + quarterMs > day.to) continue
    const mean = meanOf(four.map((quarter) => quarter.mean))
    if (best === undefined || mean > best.mean) best = { startAt: first.at, mean }
  }
  if (best === undefined) return undefined
  const hour = within(fives, { from: best.startAt, to: best.startAt + 4 * quarterMs })
  return {
    ...best,
    p95: p95Of(hour.map(({ mean }) => mean)),
    max: maxOf(hour.map(({ max }) => max)),
  }
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
export function spanFiguresOf(
  fives: readonly FiveMinutes[],
  polls: readonly PollCount[],
  span: Span,
  intervalMs: number,
): SpanFigures {
  const asked = within(polls, span)
  const samples = asked.reduce((sum, five) => sum + five.samples, 0)
  const coverage = coverageOf(asked, span, intervalMs)
  const found = within(fives, span)
  if (found.length === 0) return { samples, coverage }
  return {
    samples,
    coverage,
    mean: weightedMean(found),
    p95: p95Of(found.map(({ mean }) => mean)),
    max: maxOf(found.map(({ max }) => max)),
  }
}

/**
 * Extra polls of one bin do not make up for missing ones of another. The bins are 5 minutes; where polls are rarer than
 * that, a quarter hour; where they are rarer still, the whole span.
 */
export function coverageOf(polls: readonly PollCount[], { from, to }: Span, intervalMs: number): number {
  const length = to - from
  if (length <= 0) return 0
  const width = [fiveMinutesMs, quarterMs].find((bin) => bin >= intervalMs) ?? length
  const expected = Math.max(1, Math.floor(width / intervalMs))
  const bins = Map.groupBy(polls, ({ at }) => Math.floor((at - from) / width))
  let covered = 0
  for (const parts of bins.values()) {
    const samples = parts.reduce((sum, part) => sum + part.samples, 0)
    covered += Math.min(1, samples / expected)
  }
  return Math.min(1, covered / (length / width))
}
