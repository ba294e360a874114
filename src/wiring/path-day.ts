import type { Span } from '../model/calendar.ts'
import { type Columns, columnOf, type SeriesRows } from '../model/columns.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import { coverageIn, rowsIn } from '../sample/rollup/judged-time.ts'
import { icmpPeakSample, peakDayOf } from '../sample/rollup/peak-day.ts'
import { type FiveMinutes, weightedMean } from '../sample/rollup/peak-hour.ts'
import { tcbhOf } from '../sample/rollup/trailing-peaks.ts'
import { type PeakCalendar, type PeakSettings, spanOf, trailingOf } from './peak-calendar.ts'
import type { History } from './rollup-history.ts'
import { around, bySeries, peaksBefore } from './series-rows.ts'

/** The path to an element in some spans of a day. Absent where it was not measured. */
export interface PathWindow {
  readonly coverage: number
  readonly rttMs?: number
  readonly lossRatio?: number
  readonly jitterMs?: number
}

/** The path to one element on a day, by ICMP and STAMP. */
export function createPathDay(history: History, { intervalMs }: PeakSettings) {
  const probeFives = (probe: 'icmp' | 'stamp', element: ElementId, span: { from: number; to: number }) =>
    history({
      measurement: `${probe}_5min`,
      fields: ['rtt_avg_ms', 'rtt_avg_ms_max', 'loss_ratio', 'jitter_ms', 'samples', 'answered'],
      tags: { element },
      ...span,
    })

  /** Rows of `icmp_peak_day`. */
  async function icmp(element: ElementId, calendar: PeakCalendar): Promise<readonly Sample[]> {
    const tags = { element }
    const fives = await probeFives('icmp', element, spanOf(calendar))
    if (fives.series.length === 0) return []
    const vantageOf = ({ vantage = '' }: SeriesRows['tags']) => vantage
    const means = bySeries(await rttMeans(element, calendar), vantageOf, (columns, rows) => ({
      at: columns.at.subarray(rows.start, rows.end),
      mean: columnOf(columns, rows, 'mean'),
    }))
    const earlier = bySeries(
      await history({
        measurement: 'icmp_peak_day',
        fields: ['peak_mean_ms'],
        tags,
        ...trailingOf(calendar),
      }),
      vantageOf,
      (columns, rows) => peaksBefore(calendar, columns, rows, 'peak_mean_ms'),
    )
    return fives.series.flatMap((rows) => {
      const vantage = vantageOf(rows.tags)
      const trailing = means.get(vantage)
      const day = peakDayOf({
        day: calendar.day,
        window: calendar.window,
        intervalMs: intervalMs.icmp,
        fives: rttFives(fives, rows),
        earlierPeaks: earlier.get(vantage) ?? [],
        tcbh: trailing === undefined ? undefined : tcbhOf(trailing.at, trailing.mean, calendar.hours),
      })
      if (day === undefined) return []
      const path = windowOf(fives, rows, [calendar.window], intervalMs.icmp)
      return [
        icmpPeakSample({ element, vantage }, day, {
          ...(path.lossRatio === undefined ? {} : { loss_ratio: path.lossRatio }),
          ...(path.jitterMs === undefined ? {} : { jitter_ms: path.jitterMs }),
        }),
      ]
    })
  }

  /** Where clock hours are no hours of UTC, the 5 minutes of all the days are read; one series is little. */
  async function rttMeans(element: ElementId, calendar: PeakCalendar): Promise<Columns<'mean'>> {
    const asked = { tags: { element }, ...trailingOf(calendar) }
    if (!calendar.isWholeHours) {
      const fives = await history({ measurement: 'icmp_5min', fields: ['rtt_avg_ms'], ...asked })
      return { ...fives, values: { mean: fives.values.rtt_avg_ms } }
    }
    const hours = await history({ measurement: 'icmp_hour', fields: ['rtt_avg_ms_mean'], ...asked })
    return { ...hours, values: { mean: hours.values.rtt_avg_ms_mean } }
  }

  /**
   * The path to an element in these spans, by ICMP, or by STAMP where ICMP has nothing. Of several vantages the one that
   * measured most of it.
   */
  async function path(element: ElementId, spans: readonly Span[]): Promise<PathWindow> {
    for (const probe of ['icmp', 'stamp'] as const) {
      const fives = await probeFives(probe, element, around(spans))
      const seen = fives.series.map((rows) => windowOf(fives, rows, spans, intervalMs[probe]))
      const [most] = seen.toSorted((one, other) => other.coverage - one.coverage)
      if (most !== undefined && most.coverage > 0) return most
    }
    return { coverage: 0 }
  }

  return { icmp, path }
}

type ProbeColumns = Columns<
  'rtt_avg_ms' | 'rtt_avg_ms_max' | 'loss_ratio' | 'jitter_ms' | 'samples' | 'answered'
>

const rttFives = (columns: ProbeColumns, rows: SeriesRows): FiveMinutes => ({
  at: columns.at.subarray(rows.start, rows.end),
  mean: columnOf(columns, rows, 'rtt_avg_ms'),
  max: columnOf(columns, rows, 'rtt_avg_ms_max'),
  samples: columnOf(columns, rows, 'answered'),
  polls: columnOf(columns, rows, 'samples'),
})

function windowOf(
  columns: ProbeColumns,
  rows: SeriesRows,
  spans: readonly Span[],
  intervalMs: number,
): PathWindow {
  const fives = rttFives(columns, rows)
  const meanOf = (field: 'rtt_avg_ms' | 'loss_ratio' | 'jitter_ms', count: 'answered' | 'samples') =>
    weightedMean(
      rowsIn(fives.at, columnOf(columns, rows, field), spans),
      rowsIn(fives.at, columnOf(columns, rows, count), spans),
    )
  const [rttMs, lossRatio, jitterMs] = [
    meanOf('rtt_avg_ms', 'answered'),
    meanOf('loss_ratio', 'samples'),
    meanOf('jitter_ms', 'answered'),
  ]
  return {
    coverage: coverageIn(fives, spans, intervalMs),
    ...(Number.isNaN(rttMs) ? {} : { rttMs }),
    ...(Number.isNaN(lossRatio) ? {} : { lossRatio }),
    ...(Number.isNaN(jitterMs) ? {} : { jitterMs }),
  }
}
