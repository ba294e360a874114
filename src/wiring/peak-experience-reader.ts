import { setImmediate } from 'node:timers/promises'
import type { SeriesRows } from '../model/columns.ts'
import { type PeakExperience, type PeakOutcome, peakLimits } from '../model/peak-experience.ts'
import type { Service, ServiceId } from '../model/service.ts'
import type { Zone } from '../model/zone.ts'
import { FaultlineError } from '../platform/errors.ts'
import { createPeakTally, type ServiceDay } from '../report/peak-experience.ts'
import type { SampleStore } from '../store/sample-store.ts'
import { isTooMuch } from '../store/series-query.ts'

/** Times are UTC epoch ms, `to` exclusive: the local days that begin within. */
export interface PeakExperienceQuery {
  readonly from: number
  readonly to: number
  readonly service?: ServiceId
  readonly class?: string
  readonly area?: Service['area']
  /** Of those that were not good. */
  readonly mostServices: number
}

/** Days of services in one report: a week of 70,000. */
const mostDays = 500_000
/** Days that are added up before polls get their turn: a few milliseconds. */
const rowsAtOnce = 10_000

const read = [
  'judged',
  'good',
  'planned_ratio',
  'coverage',
  'latency_failed',
  'loss_failed',
  'jitter_failed',
  'utilisation_failed',
] as const

/**
 * Reads whether services were good at the peak.
 * @throws FaultlineError REQUEST_INVALID for more days of services than a report may take, and what a SampleStore's query
 * throws.
 */
export function createPeakExperienceReader(
  store: Pick<SampleStore, 'columns'>,
  /** Of the element that carries it; for a service that is gone, that of the network. */
  zoneOf: (service: ServiceId) => Zone,
): (query: PeakExperienceQuery, signal: AbortSignal) => Promise<PeakExperience> {
  return async ({ from, to, mostServices, ...tags }, signal) => {
    const rows = await store
      .columns({ measurement: 'service_peak', fields: read, tags, from, to, limit: mostDays }, signal)
      .catch((error: unknown) => {
        if (!isTooMuch(error)) throw error
        const problem = `has more than ${mostDays} days of services; name a class or an area, or take a shorter range`
        throw new FaultlineError('REQUEST_INVALID', problem, { field: 'from' })
      })
    const { at, values } = rows
    const is = (field: (typeof read)[number], row: number) => values[field][row] === 1
    const outcomeAt = (row: number): PeakOutcome => {
      // Rows of before they told whether they were judged have a verdict, or none.
      const isJudged = values.judged[row] ?? Number.NaN
      if (Number.isNaN(isJudged) ? !Number.isNaN(values.good[row] ?? Number.NaN) : isJudged === 1)
        return is('good', row) ? 'good' : 'bad'
      return is('planned_ratio', row) ? 'planned' : 'insufficient'
    }
    function* daysOf({ start, end }: SeriesRows, zone: Zone): Iterable<ServiceDay> {
      for (let row = start; row < end; row++) {
        const outcome = outcomeAt(row)
        const missed = outcome === 'bad' ? peakLimits.filter((limit) => is(`${limit}_failed`, row)) : []
        yield { date: dateOf(zone, at[row] ?? 0), outcome, missed }
      }
    }
    const tally = createPeakTally()
    const dateOf = datesIn()
    let rowsTurned = 0
    for (const series of rows.series) {
      const { service = '', class: kind = '', area = '' } = series.tags
      tally.add({ service, class: kind, area, days: daysOf(series, zoneOf(service)) })
      if (series.end - rowsTurned < rowsAtOnce) continue
      rowsTurned = series.end
      await setImmediate()
      signal.throwIfAborted()
    }
    return tally.experience(mostServices)
  }
}

/** Services of a zone have their midnights in common, and a calendar takes its time. */
function datesIn(): (zone: Zone, midnight: number) => string {
  const known = new Map<string, Map<number, string>>()
  return (zone, midnight) => {
    const dates = known.get(zone.name) ?? new Map<number, string>()
    known.set(zone.name, dates)
    const date = dates.get(midnight) ?? zone.dayAt(midnight).date
    dates.set(midnight, date)
    return date
  }
}
