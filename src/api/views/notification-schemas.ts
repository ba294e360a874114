import { z } from 'zod'
import { notificationStates } from '../../model/notification.ts'
import { count, pageOf, time } from './common-schemas.ts'

/** No address: contacts are never served. */
const notification = z.object({
  id: z.string(),
  incident: z.string(),
  customer: z.string(),
  customerName: z.string().optional(),
  kind: z.enum(['outage', 'progress', 'restored']),
  services: z.array(z.string()),
  state: z.enum(notificationStates),
  dueAt: time,
  answers: z.string().optional(),
  channel: z.string().optional(),
  reference: z.string().optional(),
  attempts: count,
  reason: z.string().optional(),
  queuedAt: time,
  sentAt: time.optional(),
  updatedAt: time,
})

export type NotificationView = z.infer<typeof notification>

export const notificationPage = pageOf(notification)

export type NotificationPage = z.infer<typeof notificationPage>

export const notificationPreview = z.object({
  incident: z.string(),
  customers: count.meta({ description: 'All that would be told; `messages` holds the first 200.' }),
  messages: z.array(
    z.object({
      customer: z.string(),
      customerName: z.string(),
      kind: z.enum(['outage', 'progress', 'restored']),
      language: z.enum(['zh', 'en']),
      channel: z.string(),
      services: z.array(z.string()),
      dueAt: time,
      subject: z.string(),
      text: z.string(),
    }),
  ),
})
