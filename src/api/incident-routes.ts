import { z } from 'zod'
import { type Incident, type IncidentState, incidentStates } from '../model/incident.ts'
import type { IncidentAction } from '../model/incident-action.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { alarmView, impactRows, incidentLogRow, incidentView } from './incident-view.ts'
import { cursor, limit, line, present, rfc3339, time, versionIn, words } from './parameters.ts'
import { matchView } from './report-view.ts'
import { type Route, route } from './route.ts'
import { mayActAs } from './tokens.ts'
import type { IncidentDetail, Role } from './views.ts'

/** An incident may be very large; the counts say how many there are in all. */
const most = { alarms: 500, impact: 1_000, reports: 200, log: 500 }

const remark = words(2_000)

/** Alarms and incidents, and what people do with incidents. */
export function incidentRoutes(deps: ApiDeps): readonly Route[] {
  async function incidentOf(id: string): Promise<Incident> {
    const incident = await deps.incidents.get(id)
    if (!incident) throw new FaultlineError('NOT_FOUND', `There is no incident ${id}.`)
    return incident
  }

  async function detail(incident: Incident, role: Role): Promise<IncidentDetail> {
    const inventory = deps.inventory()
    const withNames = mayActAs(role, 'desk')
    const alarms = await deps.alarms.getMany(incident.alarms.slice(-most.alarms))
    const notifications = await deps.notifications.countsOf(incident.id)
    const log = await deps.incidents.events(incident.id)
    return {
      ...incidentView(incident, inventory),
      alarms: [...alarms.values()].map((alarm) => alarmView(alarm, inventory)),
      impact: impactRows(incident, inventory, withNames, most.impact),
      reports: await reportsOf(incident, withNames),
      notifications: {
        customersTold: notifications.customersTold,
        byKind: notifications.byKind.map((row) => ({ ...row })),
      },
      log: log.slice(-most.log).map((event) => incidentLogRow(event, inventory)),
    }
  }

  async function reportsOf(incident: Incident, withNames: boolean): Promise<IncidentDetail['reports']> {
    const inventory = deps.inventory()
    const rows: IncidentDetail['reports'] = []
    for (const match of await deps.reports.matchesOf(incident.id, most.reports)) {
      const found = await deps.reports.get(match.report)
      if (!found) continue
      const { id, customer, symptom, reportedAt } = found.report
      const customerName = withNames ? inventory.customers.get(customer)?.name : undefined
      const view = matchView(match, incident, inventory)
      rows.push({ id, customer, customerName, symptom, reportedAt: rfc3339(reportedAt), match: view })
    }
    return rows
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
        return { body: incidentView(incident, deps.inventory()), version: incident.version }
      },
    })
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/alarms',
      summary: 'Alarms, raised last first.',
      role: 'readonly',
      query: z.strictObject({
        state: z.enum(['active', 'cleared']).optional(),
        element: z.string().max(128).optional(),
        limit,
        cursor,
      }),
      view: 'AlarmPage',
      handle: async ({ query }) => {
        const page = await deps.alarms.list({ limit: query.limit, ...present(query) })
        const inventory = deps.inventory()
        return {
          body: {
            items: page.items.map((alarm) => alarmView(alarm, inventory)),
            nextCursor: page.nextCursor,
          },
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/incidents',
      summary: 'Incidents, latest onset first.',
      role: 'readonly',
      query: z.strictObject({
        state: z
          .enum([...incidentStates, 'active'])
          .optional()
          .meta({ description: '`active`: every state but resolved and closed.' }),
        limit,
        cursor,
      }),
      view: 'IncidentPage',
      handle: async ({ query }) => {
        const states = statesOf(query.state)
        const page = await deps.incidents.list({
          limit: query.limit,
          ...present({ states, cursor: query.cursor }),
        })
        const inventory = deps.inventory()
        return {
          body: {
            items: page.items.map((incident) => incidentView(incident, inventory)),
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
      view: 'IncidentDetail',
      handle: async ({ params, caller }) => {
        const incident = await incidentOf(params.incident)
        return { body: await detail(incident, caller.role), version: incident.version }
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
    action('close', 'Closes a resolved incident.', z.strictObject({}), () => ({ type: 'close' })),
  ]
}

function statesOf(state: IncidentState | 'active' | undefined): readonly IncidentState[] | undefined {
  if (state === 'active') return incidentStates.filter((one) => one !== 'resolved' && one !== 'closed')
  return state === undefined ? undefined : [state]
}
