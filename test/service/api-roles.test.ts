import { describe, expect, it } from 'vitest'
import type { Role } from '../../src/api/views/session-schemas.ts'
import { startApi } from '../support/api-bench.ts'

const ascending: readonly Role[] = ['readonly', 'desk', 'noc', 'admin']

/** The least role for every address. A route that is new has to be put here. */
const needed: Readonly<Record<Role | 'anyone', readonly string[]>> = {
  anyone: [
    'get /healthz',
    'get /readyz',
    'get /api/openapi.json',
    'post /api/v1/session',
    'delete /api/v1/session',
  ],
  readonly: [
    'get /metrics',
    'get /api/v1/session',
    'get /api/v1/elements',
    'get /api/v1/elements/:element',
    'get /api/v1/elements/:element/interfaces',
    'get /api/v1/links',
    'get /api/v1/topology',
    'get /api/v1/collection',
    'get /api/v1/samples',
    'get /api/v1/samples/latest',
    'get /api/v1/reports/busy-hour',
    'get /api/v1/reports/kpi',
    'get /api/v1/alarms',
    'get /api/v1/alarms/:alarm',
    'get /api/v1/incidents',
    'get /api/v1/incidents/:incident',
    'get /api/v1/incidents/:incident/impact-history',
    'get /api/v1/maintenance-windows',
    'get /api/v1/maintenance-windows/:window',
    'get /api/v1/fault-reports',
    'get /api/v1/fault-reports/:report',
    'get /api/v1/notifications',
    'get /api/v1/services',
    'get /api/v1/events',
  ],
  desk: [
    'post /api/v1/fault-reports',
    'patch /api/v1/fault-reports/:report',
    'post /api/v1/fault-reports/:report/link',
    'post /api/v1/fault-reports/:report/unlink',
    'get /api/v1/services/:service/status',
    'get /api/v1/customers/:customer/status',
  ],
  noc: [
    'post /api/v1/elements/:element/poll',
    ...['acknowledge', 'unacknowledge', 'shelve', 'unshelve'].map(
      (name) => `post /api/v1/alarms/:alarm/${name}`,
    ),
    ...['acknowledge', 'start', 'hold', 'release', 'assign', 'note', 'eta', 'resolve', 'reopen', 'close'].map(
      (name) => `post /api/v1/incidents/:incident/${name}`,
    ),
    'post /api/v1/maintenance-windows',
    'post /api/v1/maintenance-windows/preview',
    'patch /api/v1/maintenance-windows/:window',
    'delete /api/v1/maintenance-windows/:window',
    'post /api/v1/notifications/preview',
  ],
  admin: [],
}

describe('the role of each route', () => {
  it('is what this table says, for all that is served', async () => {
    await using bench = await startApi()
    const served = (of: string) =>
      bench.api.routes.filter(({ role }) => role === of).map(({ method, path }) => `${method} ${path}`)
    for (const [role, routes] of Object.entries(needed))
      expect([role, ...served(role).sort()]).toEqual([role, ...routes.toSorted()])
  })

  it('lets those in who have it, and nobody below', async () => {
    await using bench = await startApi()
    const tokens = new Map<Role, string>()
    for (const role of ascending) tokens.set(role, await bench.token(role))
    const wrong: string[] = []
    for (const { method, path, role } of bench.api.routes) {
      const address = path.replaceAll(/:\w+/g, 'nothing-of-that-name')
      // A stream would not end.
      const verb = path === '/api/v1/events' ? 'HEAD' : method.toUpperCase()
      for (const caller of [undefined, ...ascending]) {
        const token = caller && tokens.get(caller)
        const body = method === 'post' || method === 'patch' ? { body: {} } : {}
        const { status } = await bench.ask(address, { method: verb, ...body, ...(token ? { token } : {}) })
        const refusal = status === 401 || status === 403 ? status : 'in'
        const allowed =
          role === 'anyone' || (caller !== undefined && ascending.indexOf(caller) >= ascending.indexOf(role))
        const expected = allowed ? 'in' : caller === undefined ? 401 : 403
        if (refusal !== expected) wrong.push(`${verb} ${address} as ${caller}: ${status}`)
      }
    }
    expect(wrong).toEqual([])
  })
})
