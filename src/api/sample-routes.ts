import { z } from 'zod'
import { type FieldOf, type Measurement, measurements } from '../model/measurements.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { duration, present, rfc3339, time } from './parameters.ts'
import { type Route, route } from './route.ts'

const hour = 3_600_000
/** Longest span of one query. */
const longestMs = 400 * 24 * hour
const mostPoints = 20_000

/** Measurements with numbers to draw; alarms and incidents have addresses of their own. */
const drawable = [
  'icmp',
  'stamp',
  'interface',
  'element',
  'icmp_5min',
  'stamp_5min',
  'interface_5min',
  'interface_15min',
  'icmp_hour',
  'stamp_hour',
  'interface_hour',
  'icmp_peak_day',
  'interface_peak_day',
] as const satisfies readonly Measurement[]

const refused = (field: string, message: string) => new FaultlineError('REQUEST_INVALID', message, { field })

const query = z.strictObject({
  measurement: z.enum(drawable),
  field: z.string().max(64),
  element: z.string().max(128).optional(),
  interface: z.string().max(255).optional(),
  from: time.optional().meta({ description: 'Default: an hour before `to`.' }),
  to: time.optional().meta({ description: 'Exclusive. Default: now.' }),
  step: duration.optional().meta({ description: 'Width of a bucket, such as 1m; absent: raw values.' }),
  aggregate: z.enum(['mean', 'max', 'p95']).optional(),
  limit: z.coerce.number().int().min(1).max(mostPoints).default(5_000),
})

/** Series of measured values. */
export function sampleRoutes(deps: ApiDeps): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/samples',
      summary: 'Series of one field; more points than `limit` is an error and never a silent cut.',
      role: 'readonly',
      query,
      view: 'Samples',
      handle: async ({ query, now, signal }) => {
        const asked = checked(query, now)
        const series = await deps.querySamples(asked, signal)
        const fields: Readonly<Record<string, { readonly unit: string }>> =
          measurements[asked.measurement].fields
        return {
          body: {
            measurement: asked.measurement,
            field: asked.field,
            unit: fields[asked.field]?.unit ?? '',
            from: rfc3339(asked.from),
            to: rfc3339(asked.to),
            step: asked.step,
            aggregate: asked.aggregate,
            series: series.map(({ tags, points }) => ({
              tags: { ...tags },
              points: points.map(([at, value]) => [rfc3339(at), value] as [string, number]),
            })),
          },
        }
      },
    }),
  ]
}

/** What the store is asked; every name in it comes from the table of measurements. */
function checked(asked: z.output<typeof query>, now: number) {
  const { measurement, step } = asked
  const field = fieldOf(measurement, asked.field)
  const tags: readonly string[] = measurements[measurement].tags
  if (asked.interface !== undefined && !tags.includes('interface'))
    throw refused('interface', `${measurement} has no interface`)
  const to = asked.to ?? now
  const from = asked.from ?? to - hour
  if (from >= to) throw refused('from', 'must lie before `to`')
  if (to - from > longestMs) throw refused('from', 'one query spans 400 days at most')
  if (step === 0) throw refused('step', 'must be longer than 0')
  if (step !== undefined && (to - from) / step > asked.limit)
    throw refused('step', 'would give more points than `limit`')
  if (step === undefined && asked.aggregate !== undefined)
    throw refused('aggregate', 'needs a step to aggregate over')
  return {
    measurement,
    field,
    tags: present({ element: asked.element, interface: asked.interface }),
    from,
    to,
    ...(step === undefined ? {} : { step, aggregate: asked.aggregate ?? ('mean' as const) }),
    limit: asked.limit,
  }
}

function fieldOf(measurement: (typeof drawable)[number], name: string): FieldOf<Measurement> {
  const { fields } = measurements[measurement]
  if (!Object.hasOwn(fields, name))
    throw refused('field', `${measurement} has no such field; it has ${Object.keys(fields).join(', ')}`)
  return name as FieldOf<Measurement>
}
