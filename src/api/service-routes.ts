import { z } from 'zod'
import type { Service } from '../model/service.ts'
import type { ApiDeps } from './api-deps.ts'
import { pageById } from './page-by-id.ts'
import { cursor, id, limit } from './parameters.ts'
import { type Route, route } from './route.ts'
import type { ServiceView } from './views/service-schemas.ts'

/** What is sold, by ids alone: the desk finds here what a fault report may name. */
export function serviceRoutes(deps: Pick<ApiDeps, 'inventory'>): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/api/v1/services',
      summary: 'The services that are known, by id, without names of customers.',
      role: 'readonly',
      query: z.strictObject({ customer: id.optional(), element: id.optional(), limit, cursor }),
      view: 'ServicePage',
      handle: ({ query }) => {
        const wanted = deps
          .inventory()
          .services.values()
          .filter(({ customer }) => query.customer === undefined || customer === query.customer)
          .filter(({ element }) => query.element === undefined || element === query.element)
        return { body: pageById(wanted, query, serviceView) }
      },
    }),
  ]
}

const serviceView = (service: Service): ServiceView => ({
  id: service.id,
  customer: service.customer,
  element: service.element,
  interface: service.interface,
  endpoint: service.endpoint,
  class: service.class,
  area: service.area,
})
