import type { BusyHourQuery } from '../api/ports/sample-access.ts'
import type { BusyHourReport } from '../model/busy-hour.ts'
import type { Columns } from '../model/columns.ts'
import type { FieldOf } from '../model/measurements.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Zone } from '../model/zone.ts'
import { FaultlineError } from '../platform/errors.ts'
import { busyHourReport, type StoredDirection } from '../report/busy-hour.ts'
import type { ColumnsQuery, SampleStore } from '../store/sample-store.ts'
import { isTooMuch } from '../store/series-query.ts'

/** Rows of days: 30 days of 3,000 interfaces. */
const mostDays = 200_000
/** 5-minute rates, both directions: 30 days of 100 interfaces. */
const mostRates = 1_800_000
const fiveMinutesMs = 300_000

const tooMany = (problem: string) => new FaultlineError('REQUEST_INVALID', problem, { field: 'from' })

/** What is read of a day of one direction of an interface. */
export const dayFields = [
  'peak_mean_bps',
  'peak_p95_bps',
  'window_mean_bps',
  'speed_bps',
  'tcbh_bps',
  'tcbh_hour',
] as const satisfies readonly FieldOf<'interface_peak_day'>[]

type DayField = (typeof dayFields)[number]
export type Days = Columns<DayField>

/** Days of interfaces of a range. @throws FaultlineError REQUEST_INVALID for more rows than the limit. */
export type ReadDays = (
  selection: Pick<ColumnsQuery<'interface_peak_day'>, 'tags' | 'from' | 'to' | 'limit'>,
  signal: AbortSignal,
) => Promise<Days>

/** From the store itself. */
export const storedDaysOf =
  (store: Pick<SampleStore, 'columns'>): ReadDays =>
  (selection, signal) =>
    store.columns({ measurement: 'interface_peak_day', fields: dayFields, ...selection }, signal)

/**
 * Reads what the report is made of from stored roll-ups.
 * @throws FaultlineError REQUEST_INVALID for more than the report may take, and what a SampleStore's query throws.
 */
export function createBusyHourReader(
  store: Pick<SampleStore, 'columns'>,
  zoneOf: (element: ElementId) => Zone,
  readDays = storedDaysOf(store),
): (query: BusyHourQuery, signal: AbortSignal) => Promise<BusyHourReport> {
  return async ({ element, interface: port, from, to, percentiles }, signal) => {
    const tags = {
      ...(element === undefined ? {} : { element }),
      ...(port === undefined ? {} : { interface: port }),
    }
    const days = await readDays({ tags, from, to, limit: mostDays }, signal).catch((error: unknown) => {
      if (!isTooMuch(error)) throw error
      throw tooMany(`has more than ${mostDays} days of interfaces; name an element or take a shorter range`)
    })
    if (percentiles) checkRates(days.series.length, to - from)
    const directions = days.series.map((series) => directionOf(series, days))
    const rates = percentiles ? await ratesOf(directions) : undefined
    return busyHourReport({
      from,
      to,
      directions: rates === undefined ? directions : directions.map((one) => ({ ...one, rates: rates(one) })),
      dateOf: datesIn(zoneOf),
    })

    /** All 5-minute rates, an element at a time. */
    async function ratesOf(directions: readonly StoredDirection[]) {
      const found = new Map<string, Float64Array>()
      for (const name of new Set(directions.map((one) => one.element))) {
        const rows = await store.columns(
          {
            measurement: 'interface_5min',
            fields: ['in_bps', 'out_bps'],
            tags: { ...tags, element: name },
            from,
            to,
            limit: mostRates,
          },
          signal,
        )
        for (const { tags: own, start, end } of rows.series)
          for (const direction of ['in', 'out'] as const)
            found.set(
              `${direction} ${name} ${own.interface}`,
              rows.values[`${direction}_bps`].subarray(start, end).filter((bps) => !Number.isNaN(bps)),
            )
      }
      return (one: StoredDirection) =>
        found.get(`${one.direction} ${one.element} ${one.interface}`) ?? new Float64Array()
    }
  }
}

function directionOf({ tags, start, end }: Days['series'][number], { at, values }: Days): StoredDirection {
  const peaks = { at: [] as number[], bps: [] as number[] }
  for (let row = start; row < end; row++) {
    const bps = values.peak_mean_bps[row] ?? Number.NaN
    if (Number.isNaN(bps)) continue
    peaks.at.push(at[row] ?? 0)
    peaks.bps.push(bps)
  }
  return {
    element: tags.element ?? '',
    interface: tags.interface ?? '',
    direction: tags.direction === 'in' ? 'in' : 'out',
    peaks,
    ...named('p95Bps', meanOf(values.peak_p95_bps, start, end)),
    ...named('windowMeanBps', meanOf(values.window_mean_bps, start, end)),
    ...named('speedBps', lastOf(values.speed_bps, start, end)),
    ...named('tcbhBps', lastOf(values.tcbh_bps, start, end)),
    ...named('tcbhHour', lastOf(values.tcbh_hour, start, end)),
  }
}

/** Elements of a zone have their midnights in common, and a calendar takes its time. */
function datesIn(zoneOf: (element: ElementId) => Zone): (element: ElementId, at: number) => string {
  const known = new Map<string, string>()
  return (element, at) => {
    const zone = zoneOf(element)
    const key = `${at} ${zone.name}`
    const date = known.get(key) ?? zone.dayAt(at).date
    known.set(key, date)
    return date
  }
}

function checkRates(directions: number, rangeMs: number): void {
  if ((directions * rangeMs) / fiveMinutesMs > mostRates)
    throw tooMany(
      `has more than ${mostRates} 5-minute rates for 95th percentiles; name an interface, take a shorter range, or ask without percentiles`,
    )
}

/** Of those that were measured; undefined when none was. */
function meanOf(values: Float64Array, start: number, end: number): number | undefined {
  let sum = 0
  let count = 0
  for (let row = start; row < end; row++) {
    const value = values[row] ?? Number.NaN
    if (Number.isNaN(value)) continue
    sum += value
    count++
  }
  return count === 0 ? undefined : sum / count
}

function lastOf(values: Float64Array, start: number, end: number): number | undefined {
  for (let row = end - 1; row >= start; row--) {
    const value = values[row]
    if (value !== undefined && !Number.isNaN(value)) return value
  }
  return undefined
}

const named = <K extends string>(name: K, value: number | undefined): Partial<Record<K, number>> => {
  const made: Partial<Record<K, number>> = {}
  if (value !== undefined) made[name] = value
  return made
}
