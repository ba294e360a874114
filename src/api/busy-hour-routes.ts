import { z } from 'zod'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { busyHourView } from './busy-hour-view.ts'
import { present, time } from './parameters.ts'
import { reportRange } from './report-range.ts'
import { type Route, route } from './route.ts'

/** Of a report of which nothing else is asked. */
export const busyHourDays = 30

const refused = (field: string, message: string) => new FaultlineError('REQUEST_INVALID', message, { field })

const query = z.strictObject({
  element: z.string().min(1).max(128).optional(),
  interface: z.string().min(1).max(255).optional().meta({ description: 'Needs `element`.' }),
  from: time.optional().meta({ description: 'Default: 30 days before `to`.' }),
  to: time
    .optional()
    .meta({ description: 'Exclusive: local days that begin within are told. Default: now.' }),
  percentiles: z
    .stringbool({ truthy: ['true'], falsy: ['false'] })
    .optional()
    .meta({
      description:
        'Whether the 95th percentiles of all 5-minute rates are worked out. Default: when an element is named.',
    }),
})

/** How full interfaces are at their busy hours. */
export function busyHourRoutes(deps: Pick<ApiDeps, 'busyHour' | 'inventory'>): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/reports/busy-hour',
      summary: 'How full interfaces and elements are at their busy hours, and when 80 % is reached.',
      role: 'readonly',
      query,
      view: 'BusyHour',
      handle: async ({ query, now, signal }) => {
        const { element, interface: port, percentiles = element !== undefined } = query
        if (port !== undefined && element === undefined) throw refused('interface', 'needs an element')
        if (element !== undefined && !deps.inventory().elements.has(element))
          throw refused('element', 'there is no such element')
        const { from, to } = reportRange(query, now, busyHourDays)
        const asked = { ...present({ element, interface: port }), from, to, percentiles }
        return { body: busyHourView(await deps.busyHour(asked, signal)) }
      },
    }),
  ]
}
