import { z } from 'zod'
import { weekdays } from '../model/calendar.ts'
import { timeZone } from './setting.ts'

const aTime = 'expected a time such as 09:00 or 18:30'

/** Minutes after local midnight. */
const timeOfDay = z
  .string({ error: aTime })
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, aTime)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))

const hours = z
  .tuple([timeOfDay, timeOfDay], { error: 'expected two times, such as ["09:00", "18:00"]' })
  .refine(([from, to]) => from !== to, { error: 'must not end where it begins' })
  .transform(([from, to]) => ({ from, to }))

const dates = z.array(z.iso.date('expected a date such as 2026-10-01')).prefault([])

/** Some hours of some days; rules name it in `window`. */
export const calendarSettings = z.strictObject({
  timeZone: timeZone.exactOptional().meta({
    title: 'time zone',
    description: 'IANA zone of its days and times. Default: that of the element.',
    examples: ['Asia/Shanghai'],
  }),
  days: z
    .array(z.enum(weekdays))
    .min(1, 'needs at least one day')
    .prefault([...weekdays])
    .meta({ title: 'list of days', description: 'Days of the week on which it is open.' }),
  hours: z
    .array(hours)
    .min(1, 'needs at least one pair of times')
    .prefault([['00:00', '24:00']])
    .meta({
      title: 'list of two times',
      description:
        'When it is open on those days; a span that passes midnight belongs to the day on which it begins.',
      examples: [
        [
          ['09:00', '12:00'],
          ['13:30', '18:00'],
        ],
      ],
    }),
  holidays: dates.meta({ title: 'list of dates', description: 'Dates on which it is closed.' }),
  workdays: dates.meta({
    title: 'list of dates',
    description: 'Dates on which it is open although their day of the week is not listed.',
  }),
})
