import type { Span } from '../model/calendar.ts'
import { type Columns, columnOf, type SeriesRows } from '../model/columns.ts'
import type { PeakCalendar } from './peak-calendar.ts'

/** What `make` makes of the rows of each series, by what `keyOf` makes of its tags. */
export const bySeries = <C extends Pick<Columns, 'series'>, T>(
  columns: C,
  keyOf: (tags: SeriesRows['tags']) => string,
  make: (columns: C, rows: SeriesRows) => T,
): ReadonlyMap<string, T> => new Map(columns.series.map((rows) => [keyOf(rows.tags), make(columns, rows)]))

/** Of the trailing days, the one that is told left out. */
export const peaksBefore = <F extends string>(
  { day }: PeakCalendar,
  columns: Columns<F>,
  rows: SeriesRows,
  field: NoInfer<F>,
): readonly number[] =>
  [...columnOf(columns, rows, field)].filter(
    (mean, i) => (columns.at[rows.start + i] ?? 0) < day.from && !Number.isNaN(mean),
  )

/** From the first to the last instant of some spans; nothing of none. */
export const around = (spans: readonly Span[]): Span => ({
  from: spans[0]?.from ?? 0,
  to: spans.at(-1)?.to ?? 0,
})
