import { z } from 'zod'
import { time } from './common-schemas.ts'

export const samples = z.object({
  measurement: z.string(),
  field: z.string(),
  unit: z.string(),
  from: time,
  to: time,
  step: z.int().optional().meta({ description: 'Width of a bucket in milliseconds; absent: raw values.' }),
  aggregate: z.enum(['mean', 'max', 'p95']).optional(),
  series: z.array(
    z.object({
      tags: z.record(z.string(), z.string()),
      points: z
        .array(z.tuple([time, z.number()]))
        .meta({ description: 'Time and value. A bucket without values is absent: a gap is a gap.' }),
    }),
  ),
})

export type SamplesView = z.infer<typeof samples>

export const latestSamples = z.object({
  measurement: z.string(),
  units: z.record(z.string(), z.string()).meta({ description: 'Unit by field.' }),
  items: z.array(
    z.object({
      tags: z.record(z.string(), z.string()),
      at: time,
      values: z
        .record(z.string(), z.number())
        .meta({ description: 'By field. What the newest sample lacks is absent.' }),
    }),
  ),
})
