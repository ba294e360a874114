import {
  leastPeakCoverage,
  type PeakCounts,
  type PeakExperience,
  type PeakGroup,
  type PeakLimit,
  type PeakOutcome,
  peakOutcomes,
  peakTarget,
  type ServicePeak,
} from '../model/peak-experience.ts'
import type { ServiceId } from '../model/service.ts'

/** What is stored of one day of a service. */
export interface ServiceDay {
  /** Local, `2026-05-11`. */
  readonly date: string
  readonly outcome: PeakOutcome
  /** Empty unless it was bad. */
  readonly missed: readonly PeakLimit[]
}

/** Days of one service while it had this class and area. */
export interface ServiceDays {
  readonly service: ServiceId
  readonly class: string
  readonly area: string
  readonly days: Iterable<ServiceDay>
}

/** Adds days of services up. A service that changed its class or area counts in each, and once as a service. */
export interface PeakTally {
  add(days: ServiceDays): void
  /** What they come to, with so many of the services that were not always good. */
  experience(mostServices: number): PeakExperience
}

type Tally = Record<PeakOutcome, number>
type Missed = Record<PeakLimit, number>

interface ServiceTally {
  readonly class: string
  readonly area: string
  readonly tally: Tally
  readonly missed: Missed
}

const nothing = (): Tally => ({ good: 0, bad: 0, insufficient: 0, planned: 0 })
const noneMissed = (): Missed => ({ latency: 0, loss: 0, jitter: 0, utilisation: 0 })

export function createPeakTally(): PeakTally {
  const total = nothing()
  const missed = noneMissed()
  const classes = new Map<string, Tally>()
  const areas = new Map<string, Tally>()
  const dates = new Map<string, Tally>()
  const services = new Map<ServiceId, ServiceTally>()
  const tallyOf = (groups: Map<string, Tally>, name: string): Tally => {
    const tally = groups.get(name) ?? nothing()
    groups.set(name, tally)
    return tally
  }
  return {
    add({ service, class: kind, area, days }) {
      const own = services.get(service) ?? { class: kind, area, tally: nothing(), missed: noneMissed() }
      services.set(service, own)
      const tally = nothing()
      for (const { date, outcome, missed: limits } of days) {
        tally[outcome]++
        tallyOf(dates, date)[outcome]++
        for (const limit of limits) {
          missed[limit]++
          own.missed[limit]++
        }
      }
      // Of all days at once: a report has hundreds of thousands of them.
      for (const group of [total, tallyOf(classes, kind), tallyOf(areas, area), own.tally])
        for (const outcome of peakOutcomes) group[outcome] += tally[outcome]
    },
    experience(mostServices) {
      const counts = withShares(total)
      return {
        state: stateOf(counts),
        total: counts,
        services: services.size,
        missed: { ...missed },
        byClass: groupsOf(classes),
        byArea: groupsOf(areas),
        byDay: groupsOf(dates),
        worst: worstOf(services, mostServices),
      }
    },
  }
}

function withShares(tally: Tally): PeakCounts {
  const judged = tally.good + tally.bad
  const asked = judged + tally.insufficient
  return {
    ...tally,
    ...(judged === 0 ? {} : { share: tally.good / judged }),
    ...(asked === 0 ? {} : { coverage: judged / asked }),
  }
}

/** Too little data is no pass, and no miss either, whatever the rest looks like. */
const stateOf = ({ share, coverage = 0 }: PeakCounts): PeakExperience['state'] => {
  if (share === undefined || coverage < leastPeakCoverage) return 'insufficient'
  return share >= peakTarget ? 'met' : 'missed'
}

const groupsOf = (groups: ReadonlyMap<string, Tally>): readonly PeakGroup[] =>
  [...groups]
    .map(([name, tally]) => ({ name, ...withShares(tally) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))

const worstOf = (services: ReadonlyMap<ServiceId, ServiceTally>, most: number): readonly ServicePeak[] =>
  [...services]
    .filter(([, { tally }]) => tally.bad > 0 || tally.insufficient > 0)
    .sort(
      ([a, { tally: one }], [b, { tally: other }]) =>
        other.bad - one.bad || other.insufficient - one.insufficient || (a < b ? -1 : 1),
    )
    .slice(0, most)
    .map(([service, { class: kind, area, tally, missed }]) => ({
      service,
      class: kind,
      area,
      ...withShares(tally),
      missed,
    }))
