import { z } from 'zod'
import { count, pageOf, time } from './common-schemas.ts'
import { logRow } from './log-schemas.ts'

const interval = z.object({ startsAt: time, endsAt: time })

export const maintenanceWindow = z.object({
  id: z.string(),
  externalId: z.string().optional().meta({ description: 'Not for `readonly`.' }),
  title: z.string().optional().meta({ description: 'Absent for `readonly` only.' }),
  description: z.string().optional().meta({ description: 'Not for `readonly`.' }),
  elements: z.array(z.string()),
  includeDownstream: z
    .boolean()
    .meta({ description: 'Elements all whose paths to the gateways lead through these are covered too.' }),
  start: time.meta({ description: 'Of the first occurrence.' }),
  durationMs: z.int().meta({
    description: 'Of each occurrence. Whole days are days of the local calendar, of 23 to 25 hours.',
  }),
  timeZone: z.string().meta({ description: 'IANA zone.' }),
  recurrence: z
    .object({
      rule: z.string().meta({ description: 'The value of an RRULE (RFC 5545 §3.3.10).' }),
      exclude: z.array(time).meta({ description: 'Starts of occurrences that do not take place.' }),
    })
    .optional(),
  state: z.enum(['scheduled', 'underway', 'over', 'cancelled']),
  current: interval.optional().meta({ description: 'The occurrence under way.' }),
  next: z.array(interval).meta({ description: 'What follows.' }),
  createdBy: z.string(),
  createdAt: time,
  cancelledAt: time.optional(),
  version: z.int().meta({ description: 'Give it as If-Match when you change the window.' }),
  updatedAt: time,
})

export type MaintenanceWindowView = z.infer<typeof maintenanceWindow>

export const maintenanceWindowPage = pageOf(maintenanceWindow)

export type MaintenanceWindowPage = z.infer<typeof maintenanceWindowPage>

const covered = z.object({
  elements: z.array(z.string()).meta({ description: 'At most 1000.' }),
  elementCount: count,
  services: z.array(z.string()).meta({ description: 'At most 1000.' }),
  serviceCount: count,
  customerCount: count,
})

export const maintenanceWindowDetail = maintenanceWindow.extend({
  covered: covered.meta({ description: 'In the network as it is now.' }),
  log: z.array(logRow),
})

export const maintenancePreview = z.object({ next: z.array(interval), covered })

export type MaintenancePreview = z.infer<typeof maintenancePreview>
