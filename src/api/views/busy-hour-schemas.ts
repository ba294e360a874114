import { z } from 'zod'
import { count, time } from './common-schemas.ts'

const bps = z.number().meta({ description: 'bit/s' })

const forecast = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('expected'), date: z.iso.date() }),
    z.object({ state: z.enum(['reached', 'notInSight', 'unknown']) }),
  ])
  .meta({
    description:
      'When the busy hour reaches 80 % of the capacity, by a straight line through its days; `unknown` with fewer than seven days or without a capacity.',
  })

const directionBusyHour = z.object({
  meanBps: bps.meta({ description: 'Mean of the daily peak hours, bit/s.' }),
  p95Bps: bps.optional().meta({
    description: 'Mean over the days of the 95th percentile of the 5-minute rates of the peak hour, bit/s.',
  }),
  highestBps: bps.meta({ description: 'The busiest of the daily peak hours, bit/s.' }),
  windowMeanBps: bps.optional().meta({ description: 'Mean over the days of the fixed window, bit/s.' }),
  tcbhHour: z
    .int()
    .optional()
    .meta({ description: 'Time-consistent busy hour of the last days, 0..23, local.' }),
  tcbhBps: bps.optional(),
  ratesP95Bps: bps
    .optional()
    .meta({ description: '95th percentile (nearest rank) of all 5-minute rates of the range, bit/s.' }),
})

export const busyHour = z.object({
  from: time,
  to: time,
  interfaces: z
    .array(
      z.object({
        element: z.string(),
        interface: z.string(),
        days: count.meta({ description: 'Days with a peak hour.' }),
        speedBps: bps.optional(),
        in: directionBusyHour.optional(),
        out: directionBusyHour.optional(),
        utilisation: z
          .number()
          .optional()
          .meta({ description: 'Busy-hour mean divided by the capacity, in the fuller direction: a ratio.' }),
        headroomBps: bps.optional(),
        daysOver: count.meta({ description: 'Days whose peak hour took more than 80 % of the capacity.' }),
        forecast,
      }),
    )
    .meta({ description: 'The fullest first.' }),
  elements: z.array(
    z.object({
      element: z.string(),
      interfaces: count,
      inMeanBps: bps.meta({
        description: 'Sum of the busy-hour means, which need not be at the same time, bit/s.',
      }),
      outMeanBps: bps,
      inP95Bps: bps.optional().meta({
        description:
          'Sum of `p95Bps` of its interfaces, bit/s. A sum of percentiles is not that of the sums.',
      }),
      outP95Bps: bps.optional(),
      inRatesP95Bps: bps.optional().meta({ description: 'Sum of `ratesP95Bps` of its interfaces, bit/s.' }),
      outRatesP95Bps: bps.optional(),
      fullest: z
        .object({ interface: z.string(), utilisation: z.number(), headroomBps: bps })
        .optional()
        .meta({ description: 'The fullest interface, and what it has left; it decides for the element.' }),
      daysOver: count,
      forecast,
    }),
  ),
})

export type BusyHourView = z.infer<typeof busyHour>
