import { setImmediate } from 'node:timers/promises'
import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import { icmpPeakSample, interfacePeakSample, type PeakDay, peakDayOf } from '../sample/rollup/peak-day.ts'
import { coverageOf, type FiveMinutes, weightedMean } from '../sample/rollup/peak-hour.ts'
import { type TimedMean, tcbhOf } from '../sample/rollup/trailing-peaks.ts'
import { type PeakCalendar, type PeakSettings, spanOf, trailingOf } from './peak-calendar.ts'
import { type History, type Row, type RowSeries, readRows } from './rollup-history.ts'

/** The path to an element in the window. Absent where it was not measured. */
export interface PathWindow {
  readonly coverage: number
  readonly rttMs?: number
  readonly lossRatio?: number
  readonly jitterMs?: number
}

/** What a daily job reads of one element, and makes of it. Everything comes from stored roll-ups. */
export function createElementDay(history: History, { intervalMs }: PeakSettings) {
  const trailingMeans = async <F extends string>(
    read: Promise<readonly RowSeries<F>[]>,
    keyOf: (tags: RowSeries<F>['tags']) => string,
    field: F,
  ) => {
    const found = new Map<string, TimedMean[]>()
    for (const { tags, rows } of await read)
      found.set(
        keyOf(tags),
        rows.flatMap(({ at, values }) => timed(at, values[field])),
      )
    return found
  }

  const earlierPeaks = <F extends string>(rows: readonly Row<F>[], field: F, { day }: PeakCalendar) =>
    rows.flatMap(({ at, values }) => {
      const value = values[field]
      return value === undefined || at >= day.from ? [] : [value]
    })

  /** Rows of `interface_peak_day`, and how full each interface was in the window (in the fuller direction). */
  async function traffic(element: ElementId, calendar: PeakCalendar) {
    const tags = { element }
    const fives = await readRows(history, { measurement: 'interface_5min', tags, ...spanOf(calendar) }, [
      'in_bps',
      'out_bps',
      'in_bps_max',
      'out_bps_max',
      'samples',
    ])
    const utilisation = new Map<string, number>()
    if (fives.length === 0) return { samples: [], utilisation }
    const speeds = await speedsOf(element, calendar)
    const means = await hourMeans(element, calendar)
    const before = await readRows(
      history,
      { measurement: 'interface_peak_day', tags, ...trailingOf(calendar) },
      ['peak_mean_bps'],
    )
    const samples: Sample[] = []
    for (const { tags: found, rows } of fives) {
      // Polls are not held up for longer than one interface.
      await setImmediate()
      const port = found.interface ?? ''
      const speed = speeds.get(port)
      for (const direction of ['in', 'out'] as const) {
        const earlier = before.find(({ tags: t }) => t.interface === port && t.direction === direction)
        const trailing = means.get(port)?.flatMap(({ at, values }) => timed(at, values[direction])) ?? []
        const day = peakDayOf({
          day: calendar.day,
          window: calendar.window,
          intervalMs: intervalMs.snmp,
          fives: trafficFives(rows, direction),
          polls: pollsOf(rows),
          earlierPeaks: earlierPeaks(earlier?.rows ?? [], 'peak_mean_bps', calendar),
          tcbh: tcbhOf(trailing, calendar.days, calendar.hours),
        })
        if (day === undefined) continue
        samples.push(interfacePeakSample({ element, interface: port, direction }, day, speed))
        if (speed !== undefined && speed > 0 && day.window.mean !== undefined)
          utilisation.set(port, Math.max(utilisation.get(port) ?? 0, day.window.mean / speed))
      }
    }
    return { samples, utilisation }
  }

  /** The last capacity that was told up to the end of the day, by interface. */
  async function speedsOf(element: ElementId, calendar: PeakCalendar): Promise<ReadonlyMap<string, number>> {
    const read = await readRows(
      history,
      { measurement: 'interface_hour', tags: { element }, ...spanOf(calendar) },
      ['speed_bps'],
    )
    return new Map(
      read.flatMap(({ tags, rows }) => {
        const speed = rows.at(-1)?.values.speed_bps
        return speed === undefined ? [] : [[tags.interface ?? '', speed] as const]
      }),
    )
  }

  /** Means of clock hours, or of quarters of them, over the trailing days. */
  async function hourMeans(element: ElementId, calendar: PeakCalendar) {
    const found = new Map<string, readonly Row<'in' | 'out'>[]>()
    const tags = { element }
    if (calendar.isWholeHours) {
      const read = await readRows(history, { measurement: 'interface_hour', tags, ...trailingOf(calendar) }, [
        'in_bps_mean',
        'out_bps_mean',
      ])
      for (const { tags: t, rows } of read)
        found.set(
          t.interface ?? '',
          rows.map(({ at, values }) => inOut(at, values.in_bps_mean, values.out_bps_mean)),
        )
      return found
    }
    const read = await readRows(history, { measurement: 'interface_15min', tags, ...trailingOf(calendar) }, [
      'in_bps',
      'out_bps',
    ])
    for (const { tags: t, rows } of read)
      found.set(
        t.interface ?? '',
        rows.map(({ at, values }) => inOut(at, values.in_bps, values.out_bps)),
      )
    return found
  }

  const probeFives = (probe: 'icmp' | 'stamp', element: ElementId, span: { from: number; to: number }) =>
    readRows(history, { measurement: `${probe}_5min`, tags: { element }, ...span }, [
      'rtt_avg_ms',
      'rtt_avg_ms_max',
      'loss_ratio',
      'jitter_ms',
      'samples',
      'answered',
    ])

  /** Rows of `icmp_peak_day`. */
  async function icmp(element: ElementId, calendar: PeakCalendar): Promise<readonly Sample[]> {
    const tags = { element }
    const fives = await probeFives('icmp', element, spanOf(calendar))
    if (fives.length === 0) return []
    // Where clock hours are no hours of UTC, the 5 minutes of all the days are read; one series is little.
    const means = calendar.isWholeHours
      ? await trailingMeans(
          readRows(history, { measurement: 'icmp_hour', tags, ...trailingOf(calendar) }, ['rtt_avg_ms_mean']),
          ({ vantage = '' }) => vantage,
          'rtt_avg_ms_mean',
        )
      : await trailingMeans(
          readRows(history, { measurement: 'icmp_5min', tags, ...trailingOf(calendar) }, ['rtt_avg_ms']),
          ({ vantage = '' }) => vantage,
          'rtt_avg_ms',
        )
    const before = await readRows(history, { measurement: 'icmp_peak_day', tags, ...trailingOf(calendar) }, [
      'peak_mean_ms',
    ])
    return fives.flatMap(({ tags: { vantage = '' }, rows }) => {
      const earlier = before.find(({ tags: t }) => t.vantage === vantage)
      const day: PeakDay | undefined = peakDayOf({
        day: calendar.day,
        window: calendar.window,
        intervalMs: intervalMs.icmp,
        fives: rttFives(rows),
        polls: pollsOf(rows),
        earlierPeaks: earlierPeaks(earlier?.rows ?? [], 'peak_mean_ms', calendar),
        tcbh: tcbhOf(means.get(vantage) ?? [], calendar.days, calendar.hours),
      })
      if (day === undefined) return []
      const path = windowOf(rows, calendar, intervalMs.icmp)
      return [
        icmpPeakSample({ element, vantage }, day, {
          ...(path.lossRatio === undefined ? {} : { loss_ratio: path.lossRatio }),
          ...(path.jitterMs === undefined ? {} : { jitter_ms: path.jitterMs }),
        }),
      ]
    })
  }

  /** The path to an element in the window, by ICMP, or by STAMP where ICMP has nothing. */
  async function path(element: ElementId, calendar: PeakCalendar): Promise<PathWindow> {
    for (const probe of ['icmp', 'stamp'] as const) {
      const [series] = await probeFives(probe, element, calendar.window)
      if (series !== undefined) return windowOf(series.rows, calendar, intervalMs[probe])
    }
    return { coverage: 0 }
  }

  return { traffic, icmp, path }
}

const timed = (at: number, mean: number | undefined): readonly TimedMean[] =>
  mean === undefined ? [] : [{ at, mean }]

const inOut = (at: number, received: number | undefined, sent: number | undefined): Row<'in' | 'out'> => ({
  at,
  values: {
    ...(received === undefined ? {} : { in: received }),
    ...(sent === undefined ? {} : { out: sent }),
  },
})

const pollsOf = (rows: readonly Row<'samples'>[]) =>
  rows.map(({ at, values }) => ({ at, samples: values.samples ?? 0 }))

function trafficFives(
  rows: readonly Row<'in_bps' | 'out_bps' | 'in_bps_max' | 'out_bps_max' | 'samples'>[],
  direction: 'in' | 'out',
): readonly FiveMinutes[] {
  return rows.flatMap(({ at, values }) => {
    const mean = values[`${direction}_bps`]
    if (mean === undefined) return []
    return [{ at, mean, max: values[`${direction}_bps_max`] ?? mean, samples: values.samples ?? 1 }]
  })
}

type ProbeRow = Row<'rtt_avg_ms' | 'rtt_avg_ms_max' | 'loss_ratio' | 'jitter_ms' | 'samples' | 'answered'>

const rttFives = (rows: readonly ProbeRow[]): readonly FiveMinutes[] =>
  rows.flatMap(({ at, values: { rtt_avg_ms: mean, rtt_avg_ms_max: max, answered = 1 } }) =>
    mean === undefined ? [] : [{ at, mean, max: max ?? mean, samples: answered }],
  )

function windowOf(rows: readonly ProbeRow[], { window }: PeakCalendar, intervalMs: number): PathWindow {
  const within = rows.filter(({ at }) => at >= window.from && at < window.to)
  const meanOf = (field: 'rtt_avg_ms' | 'loss_ratio' | 'jitter_ms', count: 'answered' | 'samples') => {
    const parts = within.flatMap(({ values }) => {
      const mean = values[field]
      return mean === undefined ? [] : [{ mean, samples: values[count] ?? 1 }]
    })
    return parts.length === 0 ? undefined : weightedMean(parts)
  }
  const rttMs = meanOf('rtt_avg_ms', 'answered')
  const lossRatio = meanOf('loss_ratio', 'samples')
  const jitterMs = meanOf('jitter_ms', 'answered')
  return {
    coverage: coverageOf(pollsOf(within), window, intervalMs),
    ...(rttMs === undefined ? {} : { rttMs }),
    ...(lossRatio === undefined ? {} : { lossRatio }),
    ...(jitterMs === undefined ? {} : { jitterMs }),
  }
}
