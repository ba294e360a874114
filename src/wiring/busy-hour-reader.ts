import type { BusyHourReport } from '../model/busy-hour.ts'
import type { FieldOf } from '../model/measurements.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Zone } from '../model/zone.ts'
import { FaultlineError } from '../platform/errors.ts'
import { busyHourReport, type StoredDirection } from '../report/busy-hour.ts'
import type { Aggregate, SampleStore, Series } from '../store/sample-store.ts'

/** Times are UTC epoch ms, `to` exclusive. */
export interface BusyHourQuery {
  readonly element?: ElementId
  readonly interface?: string
  readonly from: number
  readonly to: number
  /** Whether the 95th percentiles of all 5-minute rates are worked out, which reads every one of them. */
  readonly percentiles: boolean
}

/** Rows of days: 30 days of 3,000 interfaces. */
const mostDays = 200_000
/** 5-minute rates, both directions: 30 days of 100 interfaces. */
const mostRates = 1_800_000
const dayMs = 86_400_000
const fiveMinutesMs = 300_000

const tooMany = (problem: string) => new FaultlineError('REQUEST_INVALID', problem, { field: 'from' })

/**
 * Reads what the report is made of from stored roll-ups.
 * @throws FaultlineError REQUEST_INVALID for more than the report may take, and what a SampleStore's query throws.
 */
export function createBusyHourReader(
  store: Pick<SampleStore, 'query'>,
  zoneOf: (element: ElementId) => Zone,
): (query: BusyHourQuery, signal: AbortSignal) => Promise<BusyHourReport> {
  return async ({ element, interface: port, from, to, percentiles }, signal) => {
    const tags = {
      ...(element === undefined ? {} : { element }),
      ...(port === undefined ? {} : { interface: port }),
    }
    const days = async (field: FieldOf<'interface_peak_day'>, since: number, aggregate?: Aggregate) => {
      // One bucket holds all: buckets are aligned to the epoch.
      const whole = aggregate === undefined ? {} : { step: to, aggregate }
      const query = { measurement: 'interface_peak_day', field, tags, from: since, to, ...whole } as const
      try {
        return byDirection(await store.query({ ...query, limit: mostDays }, signal))
      } catch (error) {
        if (!(error instanceof FaultlineError) || error.code !== 'REQUEST_INVALID') throw error
        throw tooMany(`has more than ${mostDays} days of interfaces; name an element or take a shorter range`)
      }
    }
    const peaks = await days('peak_mean_bps', from)
    if (percentiles) checkRates(peaks.size, to - from)
    const recent = Math.max(from, to - 7 * dayMs)
    const [p95, window, speed, tcbh, tcbhHour] = await Promise.all([
      days('peak_p95_bps', from, 'mean'),
      days('window_mean_bps', from, 'mean'),
      days('speed_bps', recent),
      days('tcbh_bps', recent),
      days('tcbh_hour', recent),
    ])
    const directions: StoredDirection[] = []
    for (const [key, { tags: found, points }] of peaks) {
      const direction = found.direction === 'in' ? 'in' : 'out'
      const series = { element: found.element ?? '', interface: found.interface ?? '', direction } as const
      directions.push({
        ...series,
        peaks: points,
        ...lastAs('p95Bps', p95.get(key)),
        ...lastAs('windowMeanBps', window.get(key)),
        ...lastAs('speedBps', speed.get(key)),
        ...lastAs('tcbhBps', tcbh.get(key)),
        ...lastAs('tcbhHour', tcbhHour.get(key)),
        ...(percentiles ? { rates: await ratesOf(series) } : {}),
      })
    }

    async function ratesOf({ element, interface: port, direction }: StoredDirection | SeriesOf) {
      const [series] = await store.query(
        {
          measurement: 'interface_5min',
          field: `${direction}_bps`,
          tags: { element, interface: port },
          from,
          to,
          limit: Math.ceil((to - from) / fiveMinutesMs) + 1,
        },
        signal,
      )
      return series?.points.map(([, bps]) => bps) ?? []
    }

    return busyHourReport({
      from,
      to,
      directions,
      dateOf: (element, at) => zoneOf(element).dayAt(at).date,
    })
  }
}

type SeriesOf = Pick<StoredDirection, 'element' | 'interface' | 'direction'>

function checkRates(directions: number, rangeMs: number): void {
  if ((directions * rangeMs) / fiveMinutesMs > mostRates)
    throw tooMany(
      `has more than ${mostRates} 5-minute rates for 95th percentiles; name an interface, take a shorter range, or ask without percentiles`,
    )
}

const byDirection = (found: readonly Series[]): ReadonlyMap<string, Series> =>
  new Map(
    found.map((series) => [
      `${series.tags.direction} ${series.tags.element} ${series.tags.interface}`,
      series,
    ]),
  )

const lastAs = <K extends string>(name: K, series: Series | undefined): Partial<Record<K, number>> => {
  const value = series?.points.at(-1)?.[1]
  const named: Partial<Record<K, number>> = {}
  if (value !== undefined) named[name] = value
  return named
}
