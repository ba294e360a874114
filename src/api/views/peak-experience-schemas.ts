import { z } from 'zod'
import { count, time } from './common-schemas.ts'

const peakCounts = z.object({
  good: count,
  bad: count,
  insufficient: count.meta({ description: 'Too little was measured: neither good nor bad.' }),
  planned: count.meta({ description: 'All of the window was planned work.' }),
  share: z.number().optional().meta({ description: 'Good ones divided by good and bad ones: a ratio.' }),
  coverage: z
    .number()
    .optional()
    .meta({ description: 'Good and bad ones divided by all that were not planned work: a ratio.' }),
})

const peakGroup = peakCounts.extend({ name: z.string() })

const missedLimits = z.object({ latency: count, loss: count, jitter: count, utilisation: count })

export const kpi = z.object({
  from: time,
  to: time,
  peakGood: z
    .object({
      target: z.number(),
      leastCoverage: z.number(),
      state: z.enum(['met', 'missed', 'insufficient']).meta({
        description: '`insufficient`: less than `leastCoverage` of the days was judged.',
      }),
      total: peakCounts,
      services: count,
      missed: missedLimits.meta({ description: 'Bad days by the limit that was missed.' }),
      byClass: z.array(peakGroup),
      byArea: z.array(peakGroup),
      byDay: z.array(peakGroup).meta({ description: 'By local date.' }),
      worst: z
        .array(
          peakCounts.extend({
            service: z.string(),
            class: z.string(),
            area: z.string(),
            missed: missedLimits,
          }),
        )
        .meta({ description: 'Services with bad days or days without enough data, the worst first.' }),
    })
    .meta({ description: 'Good experience at the peak. Counts are days of services.' }),
})

export type KpiView = z.infer<typeof kpi>
