import { z } from 'zod'
import type { MaintenanceWindow, WindowChange, WindowPlan } from '../model/maintenance-window.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import type { Caller } from './authenticate.ts'
import { coveredView, intervalView, windowLogRow, windowView } from './maintenance-view.ts'
import { cursor, duration, id, limit, line, present, prose, time, versionIn } from './parameters.ts'
import { type Route, route } from './route.ts'
import { mayActAs } from './tokens.ts'

/** Occurrences told in a list, and of one window. */
const shown = { inList: 1, inDetail: 10 }
/** The latest rows of a log. */
const logRows = 500

/** The rules of RFC 5545 know whole seconds. */
const second = time.transform((at) => Math.floor(at / 1_000) * 1_000)

const fields = {
  title: line(200),
  description: prose(4_000),
  elements: z.array(id).min(1).max(1_000),
  includeDownstream: z
    .boolean()
    .meta({ description: 'Elements all whose paths to the gateways lead through these are covered too.' }),
  start: second.meta({ description: 'Of the first occurrence.' }),
  duration: duration.meta({
    description: 'Of each occurrence, such as 4h. Whole days are days of the local calendar.',
  }),
  timeZone: z.string().max(64).meta({ description: 'IANA zone; default: that of `notify.timeZone`.' }),
  recurrence: z.strictObject({
    rule: z.string().max(400).meta({
      description: 'The value of an RRULE (RFC 5545 §3.3.10), such as FREQ=WEEKLY;BYDAY=SU.',
    }),
    exclude: z
      .array(second)
      .max(500)
      .default([])
      .meta({ description: 'Starts of occurrences that do not take place (EXDATE).' }),
  }),
}

const newWindow = z.strictObject({
  ...fields,
  externalId: id.optional().meta({
    description:
      'The number of the work in your own system. The same again, with the same plan, is the same window (200, as it is now); with another plan it is a conflict (409).',
  }),
  description: fields.description.optional(),
  includeDownstream: fields.includeDownstream.default(true),
  timeZone: fields.timeZone.optional(),
  recurrence: fields.recurrence.optional(),
})

const change = z
  .strictObject({
    title: fields.title.optional(),
    description: fields.description.nullable().optional(),
    elements: fields.elements.optional(),
    includeDownstream: fields.includeDownstream.optional(),
    start: fields.start.optional(),
    duration: fields.duration.optional(),
    timeZone: fields.timeZone.optional(),
    recurrence: fields.recurrence.nullable().optional(),
    endsAt: z
      .union([z.literal('now'), second])
      .optional()
      .meta({ description: 'Ends or extends the occurrence under way; by itself alone.' }),
  })
  .refine((body) => body.endsAt === undefined || Object.keys(body).length === 1, {
    path: ['endsAt'],
    message: 'cannot be changed together with the plan',
  })
  .refine((body) => Object.keys(body).length > 0, { path: [], message: 'nothing is changed' })

/** Maintenance windows: planned work that alarms are marked with and customers are not alarmed by. */
export function maintenanceRoutes(
  deps: Pick<ApiDeps, 'maintenance' | 'timeZone' | 'clock'>,
): readonly Route[] {
  const { maintenance } = deps
  const view = (window: MaintenanceWindow, count: number, { role }: Pick<Caller, 'role'>) =>
    windowView(window, maintenance.times(window, deps.clock.now(), count), mayActAs(role, 'desk'))

  function planOf({
    duration: durationMs,
    description,
    recurrence,
    timeZone = deps.timeZone,
    elements,
    externalId,
    ...rest
  }: z.output<typeof newWindow>): WindowPlan {
    return {
      ...rest,
      ...(externalId === undefined ? {} : { externalId }),
      elements: [...new Set(elements)],
      durationMs,
      timeZone,
      ...(description ? { description } : {}),
      ...(recurrence ? { recurrence } : {}),
    }
  }

  function changeOf({
    endsAt,
    duration: durationMs,
    elements,
    ...rest
  }: z.output<typeof change>): WindowChange {
    if (endsAt !== undefined) return { type: 'moveEnd', endsAt }
    const named = elements && [...new Set(elements)]
    return { type: 'replan', plan: present({ ...rest, durationMs, elements: named }) }
  }

  const changed = async (window: MaintenanceWindow, caller: Caller) => ({
    body: view(window, shown.inDetail, caller),
    version: window.version,
  })

  return [
    route({
      method: 'post',
      path: '/api/v1/maintenance-windows',
      summary: 'Plans a maintenance window, once or recurring.',
      role: 'noc',
      statuses: [201, 200],
      body: newWindow,
      view: 'MaintenanceWindow',
      handle: async ({ body, caller }) => {
        const { created, ...window } = await maintenance.plan(planOf(body), caller.actor)
        const headers = { Location: `/api/v1/maintenance-windows/${encodeURIComponent(window.id)}` }
        return { ...(await changed(window, caller)), status: created ? 201 : 200, headers }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/maintenance-windows',
      summary: 'Maintenance windows, planned last first.',
      role: 'readonly',
      query: z.strictObject({
        state: z
          .enum(['current', 'over'])
          .optional()
          .meta({ description: '`current`: under way or yet to come.' }),
        limit,
        cursor,
      }),
      view: 'MaintenanceWindowPage',
      handle: async ({ query, now, caller }) => {
        const page = await maintenance.list({ now, limit: query.limit, ...present(query) })
        return {
          body: {
            items: page.items.map((window) => view(window, shown.inList, caller)),
            nextCursor: page.nextCursor,
          },
        }
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/maintenance-windows/preview',
      summary: 'When a window would take place and what it would cover; nothing is kept.',
      role: 'noc',
      body: newWindow,
      view: 'MaintenancePreview',
      handle: ({ body, now }) => {
        const plan = planOf(body)
        const next = maintenance.preview(plan, now, shown.inDetail)
        return { body: { next: next.map(intervalView), covered: coveredView(maintenance.covered(plan)) } }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/maintenance-windows/:window',
      summary: 'One maintenance window, when it takes place, what it covers, and its log.',
      role: 'readonly',
      view: 'MaintenanceWindowDetail',
      handle: async ({ params, caller }) => {
        const window = await maintenance.get(params.window)
        if (!window) throw new FaultlineError('NOT_FOUND', `There is no maintenance window ${params.window}.`)
        const log = await maintenance.events(window.id)
        return {
          body: {
            ...view(window, shown.inDetail, caller),
            covered: coveredView(maintenance.covered(window)),
            log: log.slice(-logRows).map(windowLogRow),
          },
          version: window.version,
        }
      },
    }),
    route({
      method: 'patch',
      path: '/api/v1/maintenance-windows/:window',
      summary: 'Changes a plan that has not begun, or ends or extends the occurrence under way.',
      role: 'noc',
      body: change,
      ifMatch: true,
      view: 'MaintenanceWindow',
      handle: async ({ params, body, caller, request }) => {
        const expected = versionIn(request.get('if-match'))
        const to = changeOf(body)
        return changed(await maintenance.change(params.window, to, caller.actor, expected), caller)
      },
    }),
    route({
      method: 'delete',
      path: '/api/v1/maintenance-windows/:window',
      summary: 'Cancels a window: what is under way ends, and nothing follows. It stays in the list.',
      role: 'noc',
      ifMatch: true,
      view: 'MaintenanceWindow',
      handle: async ({ params, caller, request }) => {
        const expected = versionIn(request.get('if-match'))
        const to = { type: 'cancel' } as const
        return changed(await maintenance.change(params.window, to, caller.actor, expected), caller)
      },
    }),
  ]
}
