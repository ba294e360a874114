import { z } from 'zod'
import type { PollResult } from '../model/reading.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { elementView, interfaceView, linkView, networkNow, topologyNodes } from './network-view.ts'
import { pageById } from './page-by-id.ts'
import { cursor, limit, rfc3339 } from './parameters.ts'
import { type Route, route } from './route.ts'
import type { PolledView } from './views/collection-schemas.ts'

const differencesShown = 1_000

/** The inventory with its live state. */
export function networkRoutes(deps: ApiDeps): readonly Route[] {
  function elementOf(id: string) {
    const element = deps.inventory().elements.get(id)
    if (!element) throw new FaultlineError('NOT_FOUND', `There is no element ${id}.`)
    return element
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/elements',
      summary: 'The network elements with their live state, by id.',
      role: 'readonly',
      query: z.strictObject({
        limit,
        cursor,
        site: z.string().max(128).optional(),
        role: z.string().max(128).optional(),
      }),
      view: 'ElementPage',
      handle: ({ query }) => {
        const now = networkNow(deps)
        const wanted = deps
          .inventory()
          .elements.values()
          .filter((element) => query.site === undefined || element.site === query.site)
          .filter((element) => query.role === undefined || element.role === query.role)
        return { body: pageById(wanted, query, (element) => elementView(element, deps, now)) }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/elements/:element',
      summary: 'One network element with its live state.',
      role: 'readonly',
      view: 'Element',
      handle: ({ params }) => ({ body: elementView(elementOf(params.element), deps, networkNow(deps)) }),
    }),
    route({
      method: 'get',
      path: '/api/v1/elements/:element/interfaces',
      summary: 'The interfaces of an element as last read.',
      role: 'readonly',
      view: 'InterfaceList',
      handle: ({ params }) => {
        const topology = deps.topology()
        const ports = deps.interfaces(elementOf(params.element).id)
        return { body: { items: ports.map((port) => interfaceView(port, topology)) } }
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/elements/:element/poll',
      summary: 'Polls an element now, by each of its probes.',
      role: 'noc',
      body: z.strictObject({}),
      view: 'Polled',
      handle: async ({ params, signal }) => {
        const { id } = elementOf(params.element)
        const readings = await deps.pollNow(id, signal)
        return { body: { element: id, readings: readings.map(readingView) } }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/links',
      summary: 'The links, declared and learned, with their live state.',
      role: 'readonly',
      view: 'LinkList',
      handle: () => {
        const now = networkNow(deps)
        return { body: { items: now.topology.links.map((link) => linkView(link, now)) } }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/topology',
      summary: 'The graph: elements and links with live state and open incidents.',
      role: 'readonly',
      view: 'Topology',
      handle: async ({ now: at }) => {
        const incidents = await deps.incidents.open()
        const now = networkNow(deps)
        const { vantage, gateways, links } = now.topology
        return {
          body: {
            at: rfc3339(at),
            vantage,
            gateways: [...gateways],
            nodes: topologyNodes(deps, incidents, now),
            links: links.map((link) => linkView(link, now)),
            differences: deps
              .linkDifferences()
              .slice(0, differencesShown)
              .map((one) => ({ ...one })),
          },
        }
      },
    }),
  ]
}

function readingView(reading: PollResult): PolledView['readings'][number] {
  const burst = reading.probe === 'snmp' ? undefined : reading.burst
  const rtts = burst?.rttsMs.filter((rtt) => rtt !== null) ?? []
  return {
    probe: reading.probe,
    at: rfc3339(reading.at),
    outcome: reading.outcome,
    durationMs: reading.durationMs,
    problem: reading.problem,
    sent: burst?.sent,
    received: burst && rtts.length,
    rttMs: rtts.length === 0 ? undefined : rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length,
  }
}
