import { z } from 'zod'
import type { Inventory } from '../model/inventory.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { kpiView } from './kpi-view.ts'
import { present, time } from './parameters.ts'
import { reportRange } from './report-range.ts'
import { type Route, route } from './route.ts'

/** Days of a report of which nothing else is asked. */
export const kpiDays = 7
/** Most services that one answer names. */
export const mostKpiServices = 1_000
/** Services that an answer names where nothing else is asked. */
export const usualKpiServices = 100

const query = z.strictObject({
  from: time.optional().meta({ description: 'Default: 7 days before `to`.' }),
  to: time
    .optional()
    .meta({ description: 'Exclusive: local days that begin within are told. Default: now.' }),
  service: z.string().min(1).max(128).optional(),
  class: z.string().min(1).max(64).optional().meta({ description: 'Class of service.' }),
  area: z.enum(['urban', 'rural']).optional(),
  services: z
    // An empty text would become 0.
    .preprocess(
      (text) => (text === '' ? undefined : text),
      z.coerce.number().int().min(0).max(mostKpiServices).default(usualKpiServices),
    )
    .meta({ description: 'Most services under `worst`.' }),
})

/** How well customers are served. */
export function kpiRoutes(deps: Pick<ApiDeps, 'peakExperience' | 'inventory'>): readonly Route[] {
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
        const { from, to } = reportRange(query, now, kpiDays)
        const { service, class: kind, area, services: mostServices } = query
        const asked = { ...present({ service, class: kind, area }), from, to, mostServices }
        const found = await deps.peakExperience(asked, signal)
        // Days stay when a service goes; of a name that is nowhere a report without days would look like one.
        if (found.services === 0) checkNames(deps.inventory(), service, kind)
        return { body: kpiView(from, to, found) }
      },
    }),
  ]
}

function checkNames(
  { services }: Pick<Inventory, 'services'>,
  service: string | undefined,
  kind: string | undefined,
): void {
  const refused = (field: string, what: string) =>
    new FaultlineError('REQUEST_INVALID', `there is no such ${what}, and no day of one is stored`, { field })
  if (service !== undefined && !services.has(service)) throw refused('service', 'service')
  if (kind !== undefined && !services.values().some((one) => one.class === kind))
    throw refused('class', 'class of service')
}
