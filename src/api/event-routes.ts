import type { Response } from 'express'
import { z } from 'zod'
import { FaultlineError } from '../platform/errors.ts'
import type { NumberedEvent } from '../platform/event-hub.ts'
import type { ApiDeps } from './api-deps.ts'
import type { Authenticate } from './authenticate.ts'
import { rfc3339 } from './parameters.ts'
import { type RawCall, type Route, rawRoute } from './route.ts'

/** More listeners than a NOC has screens are a mistake somewhere. */
const listenersAllowed = 200
/** None may keep the others out by holding all of them. Whoever is on this machine without a token holds no one back. */
const listenersOfOneToken = 50
/** Proxies close what is silent for a minute. */
const heartbeatMs = 15_000
/** A listener that does not read is dropped once so much waits for it. */
const unreadBytes = 1024 * 1024

const query = z.strictObject({
  lastEventId: z.string().max(20).optional().meta({
    description: 'For clients that cannot send the header Last-Event-ID.',
  }),
})

/** Server-sent events (HTML Living Standard §9.2). `closing` ends every stream. */
export function eventRoutes(
  deps: Pick<ApiDeps, 'events' | 'clock' | 'log'>,
  authenticate: Pick<Authenticate, 'stillValid'>,
  closing: AbortSignal,
): readonly Route[] {
  let listeners = 0
  const held = new Map<string, number>()

  async function stream(call: RawCall, lastEventId: string | undefined): Promise<void> {
    if (listeners >= listenersAllowed)
      throw new FaultlineError('RATE_LIMITED', 'Too many listeners at once.', { retryAfter: 30 })
    const { request, response } = call
    const { tokenId } = call.caller
    const own = tokenId === undefined ? 0 : (held.get(tokenId) ?? 0)
    if (own >= listenersOfOneToken)
      throw new FaultlineError('RATE_LIMITED', 'Too many listeners with this token.', { retryAfter: 30 })
    if (request.method === 'HEAD') {
      begin(response)
      response.end()
      return
    }
    listeners++
    if (tokenId !== undefined) held.set(tokenId, own + 1)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const write = (text: string) => {
      response.write(text)
      if (response.writableLength > unreadBytes) response.destroy()
    }
    const stop = deps.events.listen((event) => write(eventText(event)))
    try {
      begin(response)
      write(`retry: 3000\n${missed(lastEventId)}`)
      await beat(call, write, AbortSignal.any([gone.signal, closing]))
    } finally {
      stop()
      listeners--
      release(tokenId)
      response.end()
    }
  }

  function release(tokenId: string | undefined): void {
    if (tokenId === undefined) return
    const left = (held.get(tokenId) ?? 1) - 1
    if (left > 0) held.set(tokenId, left)
    else held.delete(tokenId)
  }

  /** What came after the last event that the client had; `reset` when that is not known any more. */
  function missed(lastEventId: string | undefined): string {
    const here = `id: ${deps.events.latest}\n\n`
    if (lastEventId === undefined) return here
    const since = /^\d{1,16}$/.test(lastEventId) ? deps.events.since(Number(lastEventId)) : undefined
    // An event without data is not dispatched by browsers, so the reset carries an empty object.
    return since === undefined ? `event: reset\ndata: {}\n${here}` : since.map(eventText).join('') || here
  }

  /** Until the client goes, we close, or its token is revoked. */
  async function beat(call: RawCall, write: (text: string) => void, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await deps.clock.sleep(heartbeatMs, ended)
      if (ended.aborted || !(await authenticate.stillValid(call.caller))) return
      write(': still here\n\n')
    }
  }

  return [
    rawRoute({
      method: 'get',
      path: '/api/v1/events',
      summary: 'What changes, as it changes; `Last-Event-ID` resumes.',
      role: 'readonly',
      query,
      media: 'text/event-stream',
      description:
        'Events named by topic, with a LiveEvent as data; `reset` says that everything is to be read anew.',
      handle: (call) => stream(call, call.request.get('last-event-id') ?? call.query.lastEventId),
    }),
  ]
}

function begin(response: Response): void {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
    // The connection is of no use after the stream; kept alive, it would hold up the shutdown.
    Connection: 'close',
  })
  response.flushHeaders()
}

const eventText = ({ sequence, event }: NumberedEvent): string => {
  const { topic, id, change, at } = event
  const data = JSON.stringify({ topic, id, change, at: rfc3339(at) })
  return `id: ${sequence}\nevent: ${topic}\ndata: ${data}\n\n`
}
