import type { PeakExperience } from '../../src/model/peak-experience.ts'
import { createPeakTally, type ServiceDay, type ServiceDays } from '../../src/report/peak-experience.ts'

/** One day of one service. */
export interface OneServiceDay extends ServiceDay, Omit<ServiceDays, 'days'> {}

/** What single days of services come to, in whatever order. */
export function peakExperienceOf(days: Iterable<OneServiceDay>, mostServices: number): PeakExperience {
  const tally = createPeakTally()
  for (const { service, class: kind, area, ...day } of days)
    tally.add({ service, class: kind, area, days: [day] })
  return tally.experience(mostServices)
}
