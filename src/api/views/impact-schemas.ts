import { z } from 'zod'
import { count } from './common-schemas.ts'

export const impactState = z.enum(['down', 'degraded', 'atRisk'])

export const impactCounts = z
  .object({
    down: count,
    degraded: count,
    atRisk: count,
    customers: count,
    weight: z.number().meta({
      description:
        'What it weighs: each customer once, by tier and flags (`impact` in the configuration) and its worst service. Planned work weighs nothing.',
    }),
  })
  .meta({ description: 'Services by state; customers with a service that is down or degraded.' })

export const impactRow = z.object({
  service: z.string(),
  class: z.string().optional(),
  customer: z.string(),
  customerName: z.string().optional(),
  tier: z.string().optional(),
  now: impactState.optional().meta({ description: 'Absent: it works again.' }),
  planned: z
    .string()
    .optional()
    .meta({ description: 'The maintenance window that explains how it suffers now.' }),
  worst: impactState,
  weight: z.number().meta({ description: 'What its customer weighed when it was found.' }),
})

export type ImpactRow = z.infer<typeof impactRow>
