import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** What may happen to a request on its way: `lost` ones never arrive, the others do. */
export type Fault =
  | 'none'
  | 'reset-before'
  | 'reset-after'
  | 'half-an-answer'
  | 'endless-answer'
  | 'no-answer'
  | { readonly status: number; readonly retryAfter?: number }

export interface FaultProxy extends AsyncDisposable {
  readonly url: string
  /** Requests that came, by path. */
  readonly seen: Map<string, number>
}

/** An HTTP proxy in front of a real server that lets through what `faultOf` says, write by write; other paths pass. */
export async function startFaultProxy(
  target: string,
  faultOf: (write: number) => Fault,
): Promise<FaultProxy> {
  const seen = new Map<string, number>()
  const server = createServer(async (incoming, outgoing) => {
    const path = incoming.url?.split('?')[0] ?? ''
    const count = (seen.get(path) ?? 0) + 1
    seen.set(path, count)
    const fault = path === '/write' ? faultOf(count - 1) : 'none'
    if (fault === 'reset-before') return void incoming.socket.destroy()
    if (typeof fault === 'object') {
      incoming.resume()
      const wait = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
      return void outgoing.writeHead(fault.status, wait).end('{"error":"as the test says"}')
    }
    const answer = await forward(target, incoming)
    if (fault === 'none') return void outgoing.writeHead(answer.status, answer.headers).end(answer.body)
    spoil(fault, incoming, outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The server has taken the request, and the client does not hear of it. */
function spoil(
  fault: 'reset-after' | 'half-an-answer' | 'endless-answer' | 'no-answer',
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  if (fault === 'reset-after') incoming.socket.destroy()
  if (fault === 'half-an-answer') {
    outgoing.writeHead(200, { 'content-length': '1000' }).write('{"results"')
    setTimeout(() => incoming.socket.destroy(), 5)
  }
  if (fault === 'endless-answer') {
    outgoing.writeHead(500)
    const more = () => {
      while (!outgoing.destroyed)
        if (!outgoing.write('x'.repeat(4_096))) return void outgoing.once('drain', more)
    }
    more()
  }
}

async function forward(target: string, incoming: IncomingMessage) {
  const { method, headers } = incoming
  const onward = request(new URL(incoming.url ?? '/', target), { ...(method ? { method } : {}), headers })
  incoming.pipe(onward)
  const [answer]: [IncomingMessage] = (await once(onward, 'response')) as [IncomingMessage]
  const body = Buffer.concat(await answer.toArray())
  return { status: answer.statusCode ?? 0, headers: answer.headers, body }
}
