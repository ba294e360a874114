import { leastPeakCoverage, type PeakExperience, peakTarget } from '../model/peak-experience.ts'
import { rfc3339 } from './parameters.ts'
import type { KpiView } from './views/peak-experience-schemas.ts'

/** How well customers were served from `from` to `to` (UTC epoch ms), as it is served and printed. */
export const kpiView = (from: number, to: number, found: PeakExperience): KpiView => ({
  from: rfc3339(from),
  to: rfc3339(to),
  peakGood: {
    target: peakTarget,
    leastCoverage: leastPeakCoverage,
    ...found,
    byClass: [...found.byClass],
    byArea: [...found.byArea],
    byDay: [...found.byDay],
    worst: [...found.worst],
  },
})
