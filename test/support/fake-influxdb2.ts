import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'

export interface FakeInfluxdb2 extends AsyncDisposable {
  readonly url: string
  /** Databases that are mapped to a bucket. */
  readonly mapped: Set<string>
  /** Bodies that were taken, by database. */
  readonly written: Map<string, string[]>
  /** Statements that were asked. */
  readonly statements: string[]
}

/**
 * What the documents of InfluxDB 2.x say of its 1.x interface (`/ping`, `/write`, `/query`; DBRP mappings; tokens, and 1.x
 * credentials by Basic or as `Token user:password`): no more than an adapter needs to be told apart from 1.x. Not the real thing.
 */
export async function startFakeInfluxdb2({
  token,
  user,
}: {
  token: string
  user: string
}): Promise<FakeInfluxdb2> {
  const mapped = new Set<string>()
  const written = new Map<string, string[]>()
  const statements: string[] = []
  const logins = new Set([`Token ${token}`, `Token ${user}`, `Basic ${Buffer.from(user).toString('base64')}`])

  const answer = async (request: IncomingMessage): Promise<readonly [status: number, body?: unknown]> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const body = Buffer.concat(await request.toArray()).toString()
    if (url.pathname === '/ping') return [204]
    if (!logins.has(request.headers.authorization ?? ''))
      return [401, { code: 'unauthorized', message: 'unauthorized access' }]
    const form = new URLSearchParams(body)
    const database = url.searchParams.get('db') ?? form.get('db') ?? ''
    if (url.pathname === '/query') {
      const statement = url.searchParams.get('q') ?? form.get('q') ?? ''
      statements.push(statement)
      if (!/^select/i.test(statement))
        return [200, { results: [{ statement_id: 0, error: `not implemented: ${statement}` }] }]
      const found = mapped.has(database)
      return [
        200,
        { results: [found ? { statement_id: 0 } : { statement_id: 0, error: 'database not found: none' }] },
      ]
    }
    if (url.pathname !== '/write') return [404, { code: 'not found', message: 'path not found' }]
    if (!mapped.has(database)) return [404, { code: 'not found', message: 'unable to find DBRP' }]
    if (body === '') return [400, { code: 'invalid', message: 'writing requires points' }]
    written.set(database, [...(written.get(database) ?? []), body])
    return [204]
  }

  const server = createServer(async (request, response) => {
    const [status, body] = await answer(request)
    response.writeHead(status, { 'x-influxdb-version': 'v2.7.1', 'x-influxdb-build': 'OSS' })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    mapped,
    written,
    statements,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
