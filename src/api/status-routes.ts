import type { Incident } from '../model/incident.ts'
import type { Service } from '../model/service.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { matched, reportViews } from './report-view.ts'
import { type Route, route } from './route.ts'
import { serviceStatus } from './service-status.ts'

const messagesShown = 20
const reportsShown = 20

/** What the desk reads to a caller. */
export function statusRoutes(deps: ApiDeps): readonly Route[] {
  async function statusOf(services: readonly Service[], customer: string) {
    const open = await deps.incidents.open()
    const messages = await deps.notifications.list({ customer, limit: messagesShown })
    const workUntil = await endsOfWork(services, open)
    return Promise.all(
      services.map(async (service) =>
        serviceStatus({
          service,
          inventory: deps.inventory(),
          open,
          evidence: await deps.reports.evidenceFor(service),
          messages: messages.items,
          timeZone: deps.timeZone,
          workUntil,
        }),
      ),
    )
  }

  async function endsOfWork(
    services: readonly Service[],
    open: readonly Incident[],
  ): Promise<ReadonlyMap<string, number>> {
    const own = new Set(services.map(({ id }) => id))
    const hit = open.flatMap(({ impact }) => impact.filter(({ service }) => own.has(service)))
    const ends = new Map<string, number>()
    for (const id of new Set(hit.flatMap(({ planned }) => planned ?? []))) {
      const window = await deps.maintenance.get(id)
      const end = window && deps.maintenance.times(window, deps.clock.now(), 0).current?.end
      if (end !== undefined) ends.set(id, end)
    }
    return ends
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/services/:service/status',
      summary: 'How one service is, in words to read to the customer.',
      role: 'desk',
      personal: 'service.status',
      view: 'ServiceStatus',
      handle: async ({ params }) => {
        const service = deps.inventory().services.get(params.service)
        const [body] = service ? await statusOf([service], service.customer) : []
        if (!body) throw new FaultlineError('NOT_FOUND', `There is no service ${params.service}.`)
        return { body }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/customers/:customer/status',
      summary: 'How the services of a customer are, and what was reported.',
      role: 'desk',
      personal: 'customer.status',
      view: 'CustomerStatus',
      handle: async ({ params }) => {
        const { customers, services } = deps.inventory()
        const customer = customers.get(params.customer)
        if (!customer) throw new FaultlineError('NOT_FOUND', `There is no customer ${params.customer}.`)
        const own = services.values().filter((service) => service.customer === customer.id)
        const reports = await deps.reports.list({ customer: customer.id, limit: reportsShown })
        return {
          body: {
            customer: customer.id,
            customerName: customer.name,
            language: customer.language,
            tier: customer.tier,
            flags: [...customer.flags],
            services: await statusOf(own.toArray(), customer.id),
            reports: await reportViews({ deps, withNames: true }, await matched(deps, reports.items)),
          },
        }
      },
    }),
  ]
}
