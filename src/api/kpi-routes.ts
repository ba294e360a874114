import { z } from 'zod'
import { leastPeakCoverage, type PeakExperience, peakTarget } from '../model/peak-experience.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { present, rfc3339, time } from './parameters.ts'
import { type Route, route } from './route.ts'
import type { KpiView } from './views/peak-experience-schemas.ts'

const dayMs = 86_400_000
/** Longest span of one report. */
const longestDays = 400

const refused = (field: string, message: string) => new FaultlineError('REQUEST_INVALID', message, { field })

const query = z.strictObject({
  from: time.optional().meta({ description: 'Default: 7 days before `to`.' }),
  to: time
    .optional()
    .meta({ description: 'Exclusive: local days that begin within are told. Default: now.' }),
  service: z.string().min(1).max(128).optional(),
  class: z.string().min(1).max(64).optional().meta({ description: 'Class of service.' }),
  area: z.enum(['urban', 'rural']).optional(),
  services: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000)
    .default(100)
    .meta({ description: 'Most services under `worst`.' }),
})

/** How well customers are served. */
export function kpiRoutes(deps: Pick<ApiDeps, 'peakExperience'>): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/reports/kpi',
      summary:
        'Whether services were good at the peak, with coverage; too little data is neither good nor bad.',
      role: 'readonly',
      query,
      view: 'Kpi',
      handle: async ({ query, now, signal }) => {
        const to = query.to ?? now
        const from = query.from ?? Math.max(0, to - 7 * dayMs)
        if (from >= to) throw refused('from', 'must lie before `to`')
        if (to - from > longestDays * dayMs)
          throw refused('from', `one report spans ${longestDays} days at most`)
        const { service, class: kind, area, services: mostServices } = query
        const asked = { ...present({ service, class: kind, area }), from, to, mostServices }
        return { body: kpiView(from, to, await deps.peakExperience(asked, signal)) }
      },
    }),
  ]
}

const kpiView = (from: number, to: number, found: PeakExperience): KpiView => ({
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
