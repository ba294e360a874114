import { setImmediate } from 'node:timers/promises'
import type { Span } from '../model/calendar.ts'
import { type Columns, columnOf, lastIn, type SeriesRows } from '../model/columns.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import { coverageIn, rowsIn } from '../sample/rollup/judged-time.ts'
import { icmpPeakSample, interfacePeakSample, peakDayOf } from '../sample/rollup/peak-day.ts'
import { type FiveMinutes, weightedMean } from '../sample/rollup/peak-hour.ts'
import { tcbhOf } from '../sample/rollup/trailing-peaks.ts'
import { type PeakCalendar, type PeakSettings, spanOf, trailingOf } from './peak-calendar.ts'
import type { History } from './rollup-history.ts'

/** The path to an element in some spans of a day. Absent where it was not measured. */
export interface PathWindow {
  readonly coverage: number
  readonly rttMs?: number
  readonly lossRatio?: number
  readonly jitterMs?: number
}

/** How full an interface was in some spans of a day, in the fuller direction, and how much of them was measured. */
export interface Fullness {
  readonly ratio: number
  readonly coverage: number
}

/** What a daily job reads of one element, and makes of it. Everything comes from stored roll-ups. */
export function createElementDay(history: History, { intervalMs }: PeakSettings) {
  /** Rows of `interface_peak_day`, and how full each interface was in the window. */
  async function traffic(element: ElementId, calendar: PeakCalendar) {
    const tags = { element }
    const fives = await history({
      measurement: 'interface_5min',
      fields: ['in_bps', 'out_bps', 'in_bps_max', 'out_bps_max', 'samples'],
      tags,
      ...spanOf(calendar),
    })
    const full = new Map<string, Fullness>()
    if (fives.series.length === 0) return { samples: [], utilisation: full }
    const hours = await hoursOf(element, calendar)
    const speeds = bySeries(hours.speeds, ({ interface: port = '' }) => port, lastSpeed)
    const means = bySeries(
      hours.means,
      ({ interface: port = '' }) => port,
      (columns, rows) => ({
        at: columns.at.subarray(rows.start, rows.end),
        in: columnOf(columns, rows, 'in'),
        out: columnOf(columns, rows, 'out'),
      }),
    )
    const earlier = bySeries(
      await history({
        measurement: 'interface_peak_day',
        fields: ['peak_mean_bps'],
        tags,
        ...trailingOf(calendar),
      }),
      ({ direction = '', interface: port = '' }) => `${direction} ${port}`,
      (columns, rows) => peaksBefore(calendar, columns, rows, 'peak_mean_bps'),
    )
    const samples: Sample[] = []
    for (const rows of fives.series) {
      // Polls are not held up for longer than one interface.
      await setImmediate()
      const port = rows.tags.interface ?? ''
      const speed = speeds.get(port)
      const trailing = means.get(port)
      const polls = columnOf(fives, rows, 'samples')
      for (const direction of ['in', 'out'] as const) {
        const day = peakDayOf({
          day: calendar.day,
          window: calendar.window,
          intervalMs: intervalMs.snmp,
          fives: {
            at: fives.at.subarray(rows.start, rows.end),
            mean: columnOf(fives, rows, `${direction}_bps`),
            max: columnOf(fives, rows, `${direction}_bps_max`),
            samples: polls,
            polls,
          },
          earlierPeaks: earlier.get(`${direction} ${port}`) ?? [],
          tcbh: trailing === undefined ? undefined : tcbhOf(trailing.at, trailing[direction], calendar.hours),
        })
        if (day === undefined) continue
        samples.push(interfacePeakSample({ element, interface: port, direction }, day, speed))
        const { mean, coverage } = day.window
        if (speed !== undefined && speed > 0 && mean !== undefined)
          full.set(port, { ratio: Math.max(full.get(port)?.ratio ?? 0, mean / speed), coverage })
      }
    }
    return { samples, utilisation: full }
  }

  /** How full each interface was in these spans: of the window the same as `traffic` tells, from less. */
  async function utilisation(
    element: ElementId,
    calendar: PeakCalendar,
    spans: readonly Span[],
  ): Promise<ReadonlyMap<string, Fullness>> {
    const tags = { element }
    const [fives, speeds] = await Promise.all([
      history({
        measurement: 'interface_5min',
        fields: ['in_bps', 'out_bps', 'samples'],
        tags,
        ...around(spans),
      }),
      history({
        measurement: 'interface_hour',
        fields: ['speed_bps'],
        tags,
        from: trailingOf(calendar).from,
        to: Math.max(spanOf(calendar).to, around(spans).to),
      }),
    ])
    const speedOf = bySeries(speeds, ({ interface: port = '' }) => port, lastSpeed)
    const found = new Map<string, Fullness>()
    for (const rows of fives.series) {
      const port = rows.tags.interface ?? ''
      const speed = speedOf.get(port) ?? 0
      if (speed <= 0) continue
      const at = fives.at.subarray(rows.start, rows.end)
      const samples = columnOf(fives, rows, 'samples')
      const means = (['in_bps', 'out_bps'] as const).map((field) =>
        weightedMean(rowsIn(at, columnOf(fives, rows, field), spans), rowsIn(at, samples, spans)),
      )
      const fuller = Math.max(...means.filter((mean) => !Number.isNaN(mean)))
      if (!Number.isFinite(fuller)) continue
      const polled = { at, mean: samples, max: samples, samples, polls: samples }
      found.set(port, { ratio: fuller / speed, coverage: coverageIn(polled, spans, intervalMs.snmp) })
    }
    return found
  }

  /** Means of clock hours, or of quarters of them, over the trailing days, and capacities up to the end of the day. */
  async function hoursOf(element: ElementId, calendar: PeakCalendar) {
    const tags = { element }
    const range = { from: trailingOf(calendar).from, to: spanOf(calendar).to }
    const hours = await history({
      measurement: 'interface_hour',
      fields: ['in_bps_mean', 'out_bps_mean', 'speed_bps'],
      tags,
      ...range,
    })
    const { at, series, values } = hours
    if (calendar.isWholeHours) {
      const means = { at, series, values: { in: values.in_bps_mean, out: values.out_bps_mean } }
      return { speeds: hours, means }
    }
    const quarters = await history({
      measurement: 'interface_15min',
      fields: ['in_bps', 'out_bps'],
      tags,
      ...range,
    })
    const parts = { in: quarters.values.in_bps, out: quarters.values.out_bps }
    return { speeds: hours, means: { ...quarters, values: parts } }
  }

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

  return { traffic, utilisation, icmp, path }
}

/** What `make` makes of the rows of each series, by what `keyOf` makes of its tags. */
const bySeries = <C extends Pick<Columns, 'series'>, T>(
  columns: C,
  keyOf: (tags: SeriesRows['tags']) => string,
  make: (columns: C, rows: SeriesRows) => T,
): ReadonlyMap<string, T> => new Map(columns.series.map((rows) => [keyOf(rows.tags), make(columns, rows)]))

/** Of the trailing days, the one that is told left out. */
const peaksBefore = <F extends string>(
  { day }: PeakCalendar,
  columns: Columns<F>,
  rows: SeriesRows,
  field: NoInfer<F>,
): readonly number[] =>
  [...columnOf(columns, rows, field)].filter(
    (mean, i) => (columns.at[rows.start + i] ?? 0) < day.from && !Number.isNaN(mean),
  )

const lastSpeed = (columns: Columns<'speed_bps'>, rows: SeriesRows): number | undefined =>
  lastIn(columnOf(columns, rows, 'speed_bps'))

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

/** From the first to the last instant of some spans; nothing of none. */
const around = (spans: readonly Span[]): Span => ({ from: spans[0]?.from ?? 0, to: spans.at(-1)?.to ?? 0 })
