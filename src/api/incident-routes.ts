import { z } from 'zod'
import { impactWeight } from '../model/impact-weight.ts'
import { type Incident, type IncidentState, incidentStates } from '../model/incident.ts'
import type { IncidentAction } from '../model/incident-action.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { impactStepView } from './impact-view.ts'
import { describeIncidents } from './incident-detail.ts'
import { incidentView } from './incident-view.ts'
import { cursor, limit, line, present, time, versionIn, words } from './parameters.ts'
import { type Route, route } from './route.ts'
import { mayActAs } from './tokens.ts'
import type { IncidentView } from './views/incident-schemas.ts'

const remark = words(2_000)

/** Incidents, and what people do with them. */
export function incidentRoutes(deps: ApiDeps): readonly Route[] {
  const detail = describeIncidents(deps)

  async function incidentOf(id: string): Promise<Incident> {
    const incident = await deps.incidents.get(id)
    if (!incident) throw new FaultlineError('NOT_FOUND', `There is no incident ${id}.`)
    return incident
  }

  /** Open incidents that weigh most; of those that weigh the same the latest onset first. */
  async function heaviest(
    query: {
      readonly state?: string | undefined
      readonly cursor?: string | undefined
      readonly limit: number
    },
    withWords: boolean,
  ): Promise<IncidentView[]> {
    if ((query.state ?? 'active') !== 'active')
      throw new FaultlineError('REQUEST_INVALID', 'only active ones are sorted by weight', { field: 'state' })
    if (query.cursor !== undefined)
      throw new FaultlineError('REQUEST_INVALID', 'there is one page only', { field: 'cursor' })
    const inventory = deps.inventory()
    const open = await deps.incidents.open()
    return open
      .map((incident) => ({ incident, weight: impactWeight(incident.impact) }))
      .sort((one, other) => other.weight - one.weight || other.incident.onsetAt - one.incident.onsetAt)
      .slice(0, query.limit)
      .map(({ incident }) => incidentView(incident, inventory, withWords))
  }

  function action<B extends z.ZodObject>(
    name: IncidentAction['type'],
    summary: string,
    body: B,
    toAction: (body: z.output<B>) => IncidentAction,
  ): Route {
    return route({
      method: 'post',
      path: `/api/v1/incidents/:incident/${name}` as const,
      summary,
      role: 'noc',
      body,
      ifMatch: true,
      view: 'Incident',
      handle: async (call) => {
        const expected = versionIn(call.request.get('if-match'))
        const wanted = toAction(call.body)
        const incident = await deps.incidents.act(call.params.incident, wanted, call.caller.actor, expected)
        return { body: incidentView(incident, deps.inventory(), true), version: incident.version }
      },
    })
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/incidents',
      summary: 'Incidents, latest onset first, or the open ones that weigh most.',
      role: 'readonly',
      query: z.strictObject({
        state: z
          .enum([...incidentStates, 'active'])
          .optional()
          .meta({ description: '`active`: every state but resolved and closed.' }),
        sort: z.enum(['onset', 'weight']).optional().meta({
          description:
            '`weight`: of the active ones those that weigh most, by `impactNow.weight`, on one page.',
        }),
        limit,
        cursor,
      }),
      view: 'IncidentPage',
      handle: async ({ query, caller }) => {
        const withWords = mayActAs(caller.role, 'desk')
        if (query.sort === 'weight') return { body: { items: await heaviest(query, withWords) } }
        const states = statesOf(query.state)
        const page = await deps.incidents.list({
          limit: query.limit,
          ...present({ states, cursor: query.cursor }),
        })
        const inventory = deps.inventory()
        return {
          body: {
            items: page.items.map((incident) => incidentView(incident, inventory, withWords)),
            nextCursor: page.nextCursor,
          },
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/incidents/:incident',
      summary: 'One incident with root cause, alarms, impact, reports, messages and log.',
      role: 'readonly',
      personal: 'incident.read',
      query: z.strictObject({
        at: time.optional().meta({
          description: 'As it was at that moment, from its log: 404 for a time before it was opened.',
        }),
      }),
      view: 'IncidentDetail',
      handle: async ({ params, caller, query: { at }, now }) => {
        const incident = await incidentOf(params.incident)
        if (at !== undefined && at > now)
          throw new FaultlineError('REQUEST_INVALID', 'must not lie in the future', { field: 'at' })
        const body = await detail(incident, mayActAs(caller.role, 'desk'), at)
        return { body, version: body.version }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/incidents/:incident/impact-history',
      summary: 'How the impact of an incident grew and shrank.',
      role: 'readonly',
      query: z.strictObject({
        limit: limit.pipe(z.number().max(100)),
        cursor: z
          .string()
          .regex(/^\d{1,9}$/, 'must be the `nextCursor` of the page before')
          .optional(),
      }),
      view: 'ImpactHistory',
      handle: async ({ params, query }) => {
        const incident = await incidentOf(params.incident)
        const steps = deps.incidents
          .impactSteps(await deps.incidents.events(incident.id))
          .filter(({ sequence }) => sequence > Number(query.cursor ?? 0))
        const page = steps.slice(0, query.limit)
        const last = page.at(-1)
        return {
          body: {
            items: page.map(impactStepView),
            nextCursor: last && steps.length > page.length ? String(last.sequence) : undefined,
          },
        }
      },
    }),
    action('acknowledge', 'Says that someone has seen the incident.', z.strictObject({}), () => ({
      type: 'acknowledge',
    })),
    action(
      'start',
      'Says that work has begun.',
      z.strictObject({ assignee: line(128).optional() }),
      (body) => ({ type: 'start', ...present(body) }),
    ),
    action(
      'hold',
      'Says that work waits, and for what.',
      z.strictObject({ reason: remark }),
      ({ reason }) => ({ type: 'hold', reason }),
    ),
    action('release', 'Says that work goes on after it waited.', z.strictObject({}), () => ({
      type: 'release',
    })),
    action(
      'assign',
      'Gives the incident to somebody; null takes it away from whoever has it.',
      z.strictObject({ assignee: line(128).nullable() }),
      ({ assignee }) => ({ type: 'assign', assignee }),
    ),
    action('note', 'Adds a note to the log.', z.strictObject({ text: remark }), ({ text }) => ({
      type: 'note',
      text,
    })),
    action(
      'eta',
      'Promises a time of restoration; null takes it back.',
      z.strictObject({ etaAt: time.nullable() }),
      ({ etaAt }) => ({ type: 'eta', etaAt }),
    ),
    action('resolve', 'Ends the verification of a restored incident now.', z.strictObject({}), () => ({
      type: 'resolve',
    })),
    action(
      'reopen',
      'Opens a resolved incident again; it is then resolved by a person.',
      z.strictObject({ reason: remark }),
      ({ reason }) => ({ type: 'reopen', reason }),
    ),
    action('close', 'Closes a resolved incident.', z.strictObject({}), () => ({ type: 'close' })),
  ]
}

function statesOf(state: IncidentState | 'active' | undefined): readonly IncidentState[] | undefined {
  if (state === 'active') return incidentStates.filter((one) => one !== 'resolved' && one !== 'closed')
  return state === undefined ? undefined : [state]
}
