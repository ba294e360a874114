import type { ApiDeps } from './api-deps.ts'
import { type Route, rawRoute, route } from './route.ts'

/** What whoever runs the daemon asks. `describe` gives the OpenAPI document. */
export function operationsRoutes(
  deps: Pick<ApiDeps, 'version' | 'ready' | 'metrics'>,
  describe: () => object,
): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/healthz',
      summary: 'The process is alive.',
      role: 'anyone',
      view: 'Health',
      handle: () => ({ body: { status: 'ok', version: deps.version } }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      summary: 'Whether it can do its work; 503 when it cannot.',
      role: 'anyone',
      statuses: [200, 503],
      view: 'Readiness',
      handle: async () => {
        const { state, checks } = await deps.ready()
        return {
          status: state === 'notReady' ? 503 : 200,
          body: { state, checks: checks.map((check) => ({ ...check })) },
        }
      },
    }),
    rawRoute({
      method: 'get',
      path: '/metrics',
      summary: 'Figures about itself, for Prometheus.',
      role: 'readonly',
      media: 'text/plain',
      description: 'Prometheus text format.',
      handle: async ({ response }) => {
        const { registry } = deps.metrics
        response.type(registry.contentType).send(await registry.metrics())
      },
    }),
    rawRoute({
      method: 'get',
      path: '/api/openapi.json',
      summary: 'This document.',
      role: 'anyone',
      media: 'application/json',
      description: 'OpenAPI 3.1.',
      handle: ({ response }) => {
        response.json(describe())
      },
    }),
  ]
}
