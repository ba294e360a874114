import type { Span } from '../../model/calendar.ts'
import type { Interval } from '../../model/maintenance-window.ts'
import { coverageOf, type FiveMinutes, rowAt, within } from './peak-hour.ts'
import { fiveMinutesMs } from './rollup-plan.ts'

export const lengthOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0)

/** In the order of time, those that overlap or touch as one. */
export function joinedSpans(spans: readonly Span[]): readonly Span[] {
  const joined: Span[] = []
  for (const span of spans.toSorted((one, other) => one.from - other.from)) {
    const last = joined.at(-1)
    if (last === undefined || span.from > last.to) joined.push(span)
    else joined.splice(-1, 1, { from: last.from, to: Math.max(last.to, span.to) })
  }
  return joined
}

/**
 * What is left of some spans when planned work is taken out of them. Of 5 minutes that were planned in part nothing is
 * left, since their means are of both. `planned` is in the order of time.
 */
export function withoutPlanned(spans: readonly Span[], planned: readonly Interval[]): readonly Span[] {
  return planned.reduce<readonly Span[]>((left, { start, end }) => {
    const from = Math.floor(start / fiveMinutesMs) * fiveMinutesMs
    const to = Math.ceil(end / fiveMinutesMs) * fiveMinutesMs
    return left.flatMap((span) =>
      [
        { from: span.from, to: Math.min(span.to, from) },
        { from: Math.max(span.from, to), to: span.to },
      ].filter((part) => part.to > part.from),
    )
  }, spans)
}

/** The rows of a column that lie in these spans, one after the other; of one span they are not copied. */
export function rowsIn(at: Float64Array, column: Float64Array, spans: readonly Span[]): Float64Array {
  const parts = spans.map(({ from, to }) => column.subarray(rowAt(at, from), rowAt(at, to)))
  const [first = column.subarray(0, 0)] = parts
  if (parts.length <= 1) return first
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let row = 0
  for (const part of parts) {
    joined.set(part, row)
    row += part.length
  }
  return joined
}

/** Of all the time in these spans the share that was measured, 0..1. */
export function coverageIn(fives: FiveMinutes, spans: readonly Span[], intervalMs: number): number {
  const length = lengthOf(spans)
  if (length === 0) return 0
  const covered = spans.map((span) => coverageOf(within(fives, span), span, intervalMs) * lengthOf([span]))
  return covered.reduce((sum, part) => sum + part, 0) / length
}
