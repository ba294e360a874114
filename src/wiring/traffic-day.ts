import { setImmediate } from 'node:timers/promises'
import type { Span } from '../model/calendar.ts'
import { type Columns, columnOf, lastIn, type SeriesRows } from '../model/columns.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import { coverageIn, rowsIn } from '../sample/rollup/judged-time.ts'
import { interfacePeakSample, peakDayOf } from '../sample/rollup/peak-day.ts'
import { weightedMean } from '../sample/rollup/peak-hour.ts'
import { tcbhOf } from '../sample/rollup/trailing-peaks.ts'
import { type PeakCalendar, type PeakSettings, spanOf, trailingOf } from './peak-calendar.ts'
import type { History } from './rollup-history.ts'
import { around, bySeries, peaksBefore } from './series-rows.ts'

/** How full an interface was in some spans of a day, in the fuller direction, and how much of them was measured. */
export interface Fullness {
  readonly ratio: number
  readonly coverage: number
}

/** The traffic of the interfaces of one element on a day. */
export function createTrafficDay(history: History, { intervalMs }: PeakSettings) {
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

  return { traffic, utilisation }
}

const lastSpeed = (columns: Columns<'speed_bps'>, rows: SeriesRows): number | undefined =>
  lastIn(columnOf(columns, rows, 'speed_bps'))
