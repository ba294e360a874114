import { z } from 'zod'
import { type Notification, notificationStates } from '../model/notification.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { cursor, id, limit, maybeTime, present, rfc3339 } from './parameters.ts'
import { type Route, route } from './route.ts'
import { mayActAs } from './tokens.ts'
import type { NotificationView } from './views/notification-schemas.ts'

const messagesPreviewed = 200

/** The ledger, and what would be written into it. */
export function notificationRoutes(deps: ApiDeps): readonly Route[] {
  const nameOf = (customer: string) => deps.inventory().customers.get(customer)?.name

  return [
    route({
      method: 'get',
      path: '/api/v1/notifications',
      summary: 'Messages to customers, queued last first.',
      role: 'readonly',
      personal: 'notification.list',
      query: z.strictObject({
        incident: id.optional(),
        customer: id.optional(),
        state: z.enum(notificationStates).optional(),
        limit,
        cursor,
      }),
      view: 'NotificationPage',
      handle: async ({ query, caller }) => {
        const page = await deps.notifications.list({ limit: query.limit, ...present(query) })
        const withNames = mayActAs(caller.role, 'desk')
        return {
          body: {
            items: page.items.map((row) => notificationView(row, withNames, nameOf(row.customer))),
            nextCursor: page.nextCursor,
          },
        }
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/notifications/preview',
      summary: 'Whom an incident as it stands would make us tell what; nothing is sent.',
      role: 'noc',
      personal: 'notification.preview',
      body: z.strictObject({ incident: id }),
      view: 'NotificationPreview',
      handle: async ({ body }) => {
        const incident = await deps.incidents.get(body.incident)
        if (!incident)
          throw new FaultlineError('REQUEST_INVALID', 'there is no such incident', { field: 'incident' })
        const plan = await deps.notifications.preview(incident, messagesPreviewed)
        return {
          body: {
            incident: incident.id,
            customers: plan.customers,
            messages: plan.messages.map(({ services, dueAt, ...message }) => ({
              ...message,
              customerName: nameOf(message.customer) ?? message.customer,
              services: [...services],
              dueAt: rfc3339(dueAt),
            })),
          },
        }
      },
    }),
  ]
}

const notificationView = (
  row: Notification,
  withNames: boolean,
  customerName: string | undefined,
): NotificationView => ({
  id: row.id,
  incident: row.incident,
  customer: row.customer,
  customerName: withNames ? customerName : undefined,
  kind: row.kind,
  services: [...row.services],
  state: row.state,
  dueAt: rfc3339(row.dueAt),
  answers: row.answers,
  channel: row.channel,
  reference: row.reference,
  attempts: row.attempts,
  // Providers repeat addresses and names in what they say.
  reason: withNames ? row.reason : undefined,
  queuedAt: rfc3339(row.queuedAt),
  sentAt: maybeTime(row.sentAt),
  updatedAt: rfc3339(row.updatedAt),
})
