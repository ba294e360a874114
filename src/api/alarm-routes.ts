import { z } from 'zod'
import { alarmPhases, alarmTypes, systemAlarmTypes } from '../model/alarm.ts'
import type { AlarmAction } from '../model/alarm-action.ts'
import { severities } from '../model/severity.ts'
import { FaultlineError } from '../platform/errors.ts'
import { alarmView, transitionView } from './alarm-view.ts'
import type { ApiDeps } from './api-deps.ts'
import { cursor, limit, present, time, versionIn, words } from './parameters.ts'
import { type Route, route } from './route.ts'
import { mayActAs } from './tokens.ts'

const yesOrNo = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional()

const filter = z.strictObject({
  state: z.enum(['active', 'cleared']).optional(),
  element: z.string().max(128).optional(),
  about: z.enum(['network', 'system']).optional().meta({ description: '`system`: about Faultline itself.' }),
  type: z.enum([...alarmTypes, ...systemAlarmTypes]).optional(),
  severity: z.enum(severities).optional(),
  phase: z
    .enum(alarmPhases.filter((phase) => phase !== 'clearing'))
    .optional()
    .meta({ description: 'Of active alarms; `raised` holds those that are clearing too.' }),
  acknowledged: yesOrNo,
  shelved: yesOrNo,
  limit,
  cursor,
})

/** Alarms, and what people do with them. */
export function alarmRoutes(deps: Pick<ApiDeps, 'alarms' | 'inventory'>): readonly Route[] {
  function action<B extends z.ZodObject>(
    name: AlarmAction['type'],
    summary: string,
    body: B,
    toAction: (body: z.output<B>) => AlarmAction,
  ): Route {
    return route({
      method: 'post',
      path: `/api/v1/alarms/:alarm/${name}` as const,
      summary,
      role: 'noc',
      body,
      ifMatch: true,
      view: 'Alarm',
      handle: async ({ params, caller, request, body }) => {
        const expected = versionIn(request.get('if-match'))
        const alarm = await deps.alarms.act(params.alarm, toAction(body), caller.actor, expected)
        return { body: alarmView(alarm, deps.inventory(), true), version: alarm.version }
      },
    })
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/alarms',
      summary: 'Alarms, raised last first.',
      role: 'readonly',
      query: filter,
      view: 'AlarmPage',
      handle: async ({ query, caller }) => {
        const withWords = mayActAs(caller.role, 'desk')
        const page = await deps.alarms.list({ limit: query.limit, ...present(query) })
        const inventory = deps.inventory()
        return {
          body: {
            items: page.items.map((alarm) => alarmView(alarm, inventory, withWords)),
            nextCursor: page.nextCursor,
          },
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/alarms/:alarm',
      summary: 'One alarm with all that happened to it.',
      role: 'readonly',
      view: 'AlarmDetail',
      handle: async ({ params, caller }) => {
        const withWords = mayActAs(caller.role, 'desk')
        const alarm = await deps.alarms.get(params.alarm)
        if (!alarm) throw new FaultlineError('NOT_FOUND', `There is no alarm ${params.alarm}.`)
        const transitions = await deps.alarms.transitions(alarm.id)
        return {
          body: {
            ...alarmView(alarm, deps.inventory(), withWords),
            transitions: transitions.map((one) => transitionView(one, withWords)),
          },
          version: alarm.version,
        }
      },
    }),
    action('acknowledge', 'Says that someone has seen the alarm.', z.strictObject({}), () => ({
      type: 'acknowledge',
    })),
    action('unacknowledge', 'Takes that back.', z.strictObject({}), () => ({ type: 'unacknowledge' })),
    action(
      'shelve',
      'Puts aside what the alarm is about, for at most 7 days: it opens and holds no incident until then, and comes back by itself.',
      z.strictObject({ until: time, reason: words(500) }),
      ({ until, reason }) => ({ type: 'shelve', until, reason }),
    ),
    action('unshelve', 'Takes it from the shelf before its time.', z.strictObject({}), () => ({
      type: 'unshelve',
    })),
  ]
}
