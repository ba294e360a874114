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
  'service_peak',
  'sensor',
] as const satisfies readonly Measurement[]

const refused = (field: string, message: string) => new FaultlineError('REQUEST_INVALID', message, { field })

const query = z.strictObject({
  measurement: z.enum(drawable),
  field: z.string().max(64),
  element: z.string().max(128).optional(),
  interface: z.string().max(255).optional(),
  service: z.string().max(128).optional().meta({ description: 'Of `service_peak`.' }),
  from: time.optional().meta({ description: 'Default: an hour before `to`.' }),
  to: time.optional().meta({ description: 'Exclusive. Default: now.' }),
  step: duration.optional().meta({ description: 'Width of a bucket, such as 1m; absent: raw values.' }),
  aggregate: z.enum(['mean', 'max', 'p95']).optional(),
  limit: z.coerce.number().int().min(1).max(mostPoints).default(5_000),
})

const latestQuery = z.strictObject({
  measurement: z.enum(['icmp', 'stamp', 'interface', 'element', 'sensor']),
  field: z.string().max(64).optional().meta({ description: 'Absent: all fields.' }),
  element: z.string().max(128).optional(),
  interface: z.string().max(255).optional(),
  limit: z.coerce.number().int().min(1).max(mostPoints).default(5_000),
})

/** Series of measured values. */
export function sampleRoutes(deps: Pick<ApiDeps, 'querySamples' | 'latestSamples'>): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/samples/latest',
      summary: 'The newest sample of each series, from memory; more series than `limit` is an error.',
      role: 'readonly',
      query: latestQuery,
      view: 'LatestSamples',
      handle: ({ query }) => ({ body: latestView(query, deps) }),
    }),
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

function latestView(
  { measurement, field, element, interface: port, limit }: z.output<typeof latestQuery>,
  deps: Pick<ApiDeps, 'latestSamples'>,
) {
  const definitions: Readonly<Record<string, { readonly unit: string }>> = measurements[measurement].fields
  const names = field === undefined ? Object.keys(definitions) : [field]
  const fields = names.map((name) => fieldOf(measurement, name))
  const tags = tagsOf(measurement, { element, interface: port })
  const rows = deps.latestSamples({ measurement, fields, tags, limit })
  return {
    measurement,
    units: Object.fromEntries(fields.map((name) => [name, definitions[name]?.unit ?? ''])),
    items: rows.tags.map((own, row) => ({
      tags: { ...own },
      at: rfc3339(rows.at[row] ?? 0),
      values: Object.fromEntries(
        fields.flatMap((name) => {
          const value = rows.values[name]?.[row] ?? Number.NaN
          return Number.isNaN(value) ? [] : [[name, value] as const]
        }),
      ),
    })),
  }
}

interface AskedTags {
  readonly element?: string | undefined
  readonly interface?: string | undefined
  readonly service?: string | undefined
}

function tagsOf(measurement: Measurement, { element, interface: port, service }: AskedTags) {
  const known: readonly string[] = measurements[measurement].tags
  const tags = present({ element, interface: port, service })
  for (const name of Object.keys(tags))
    if (!known.includes(name)) throw refused(name, `${measurement} has no ${name}`)
  return tags
}

/** What the store is asked; every name in it comes from the table of measurements. */
function checked(asked: z.output<typeof query>, now: number) {
  const { measurement, step } = asked
  const field = fieldOf(measurement, asked.field)
  const tags = tagsOf(measurement, asked)
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
    tags,
    from,
    to,
    ...(step === undefined ? {} : { step, aggregate: asked.aggregate ?? ('mean' as const) }),
    limit: asked.limit,
  }
}

function fieldOf<M extends Measurement>(measurement: M, name: string): FieldOf<M> {
  const { fields } = measurements[measurement]
  if (!Object.hasOwn(fields, name))
    throw refused('field', `${measurement} has no such field; it has ${Object.keys(fields).join(', ')}`)
  const { type }: { readonly type?: string } = fields[name as keyof typeof fields]
  if (type === 'string') throw refused('field', 'is text, which has no series of values')
  return name as FieldOf<M>
}
