import { z } from 'zod'
import type { PeakLimits } from '../model/service-policy.ts'
import { duration } from './quantity.ts'
import { timeZone, whole } from './setting.ts'

const aTime = 'expected a time on a quarter hour, such as 19:00 or 22:30'

/** Minutes after local midnight. On quarter hours, since the means that windows are made of are. */
const quarterOfDay = z
  .string({ error: aTime })
  .regex(/^(([01]\d|2[0-3]):(00|15|30|45)|24:00)$/, aTime)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))

const limitRatio = z.number().gt(0, 'must be above 0').max(1, 'must be a ratio, 1 at most')

/** What a service is judged by that no policy is for, unless `peak.goodBelow` says otherwise. */
export const usualLimits = {
  latencyMs: 100,
  lossRatio: 0.01,
  jitterMs: 40,
  utilisationRatio: 0.8,
  coverageRatio: 0.8,
} as const satisfies PeakLimits

const without = (limit: string) => `Without it: that of the policy, or ${limit} where none holds.`

const goodBelow = z
  .strictObject({
    latency: duration('1ms', '1m')
      .exactOptional()
      .meta({
        title: 'duration',
        description: `Mean round-trip time to the customer’s end. ${without('100ms')}`,
        examples: ['100ms'],
      }),
    loss: limitRatio.exactOptional().meta({
      title: 'ratio',
      description: `Mean packet loss, 0 to 1. ${without('0.01')}`,
    }),
    jitter: duration('1ms', '1m')
      .exactOptional()
      .meta({
        title: 'duration',
        description: `Mean difference of consecutive round-trip times. ${without('40ms')}`,
        examples: ['40ms'],
      }),
    utilisation: limitRatio.exactOptional().meta({
      title: 'ratio',
      description: `Mean traffic divided by the capacity, 0 to 1, of the fullest interface on the service’s way to the gateway. ${without('0.8')}`,
    }),
    coverage: limitRatio.exactOptional().meta({
      title: 'ratio',
      description: `Share of the polls of the window that must be there: with fewer, a day is neither good nor bad. ${without('0.8')}`,
    }),
  })
  .transform(
    ({ latency, loss, jitter, utilisation, coverage }): Partial<PeakLimits> => ({
      ...(latency === undefined ? {} : { latencyMs: latency }),
      ...(loss === undefined ? {} : { lossRatio: loss }),
      ...(jitter === undefined ? {} : { jitterMs: jitter }),
      ...(utilisation === undefined ? {} : { utilisationRatio: utilisation }),
      ...(coverage === undefined ? {} : { coverageRatio: coverage }),
    }),
  )

/** The busy hour: when people use the network most, and what is good enough then. */
export const peakSettings = z.strictObject({
  window: z
    .tuple([quarterOfDay, quarterOfDay])
    .refine(([from, to]) => from !== to, { error: 'must not end where it begins' })
    .prefault(['19:00', '23:00'])
    .transform(([from, to]) => ({ from, to }))
    .meta({
      title: 'two times',
      description:
        'The fixed window of each day, in local time; it may pass midnight, and then belongs to the day on which it begins.',
      examples: [['19:00', '23:00']],
    }),
  timeZone: timeZone.exactOptional().meta({
    title: 'time zone',
    description: 'IANA zone of days and hours, where an element names no other. Default: `notify.timeZone`.',
    examples: ['Asia/Shanghai'],
  }),
  lookbackDays: whole(1, 60).prefault(7).meta({
    description: 'Days over which the average daily peak hour and the time-consistent busy hour are made.',
  }),
  goodBelow: goodBelow.prefault({}).meta({
    description:
      'A service was good in the window of a day when all of these were below. What is written here holds for every service and wins over `policies`.',
  }),
})
