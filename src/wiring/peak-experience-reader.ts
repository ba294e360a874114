import { type PeakExperience, type PeakOutcome, peakLimits } from '../model/peak-experience.ts'
import type { Service, ServiceId } from '../model/service.ts'
import type { Zone } from '../model/zone.ts'
import { FaultlineError } from '../platform/errors.ts'
import { peakExperienceOf, type ServiceDay } from '../report/peak-experience.ts'
import type { SampleStore } from '../store/sample-store.ts'

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
        if (!(error instanceof FaultlineError) || error.code !== 'REQUEST_INVALID') throw error
        const problem = `has more than ${mostDays} days of services; name a class or an area, or take a shorter range`
        throw new FaultlineError('REQUEST_INVALID', problem, { field: 'from' })
      })
    const { at, values } = rows
    const is = (field: (typeof read)[number], row: number) => values[field][row] === 1
    // Services of a zone have their midnights in common, and a calendar takes its time.
    const dates = new Map<string, string>()
    const dateOf = (zone: Zone, midnight: number) => {
      const key = `${midnight} ${zone.name}`
      const date = dates.get(key) ?? zone.dayAt(midnight).date
      dates.set(key, date)
      return date
    }
    function* days(): Iterable<ServiceDay> {
      for (const { tags: own, start, end } of rows.series) {
        const { service = '', class: kind = '', area = '' } = own
        const zone = zoneOf(service)
        for (let row = start; row < end; row++) {
          const outcome = outcomeAt(row)
          yield {
            service,
            class: kind,
            area,
            date: dateOf(zone, at[row] ?? 0),
            outcome,
            missed: outcome === 'bad' ? peakLimits.filter((limit) => is(`${limit}_failed`, row)) : [],
          }
        }
      }
    }
    function outcomeAt(row: number): PeakOutcome {
      // Rows of before they told whether they were judged have a verdict, or none.
      const isJudged = values.judged[row] ?? Number.NaN
      if (Number.isNaN(isJudged) ? !Number.isNaN(values.good[row] ?? Number.NaN) : isJudged === 1)
        return is('good', row) ? 'good' : 'bad'
      return is('planned_ratio', row) ? 'planned' : 'insufficient'
    }
    return peakExperienceOf(days(), mostServices)
  }
}
