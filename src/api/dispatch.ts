import express, { type NextFunction, type Request, type Response } from 'express'
import type { z } from 'zod'
import { FaultlineError } from '../platform/errors.ts'
import type { ApiDeps } from './api-deps.ts'
import { audit } from './audit.ts'
import type { Authenticate, Caller } from './authenticate.ts'
import { etagOf, matchesAny } from './etag.ts'
import { checkOrigin } from './request-guard.ts'
import type { Reply, Route } from './route.ts'
import { mayActAs } from './tokens.ts'

const bodyLimit = '64kb'
/** No request may keep a handler busy for longer; streams of events are their own handler's matter. */
const timeLimitMs = 30_000

/** A compressed body is refused: 64 KB of it could become gigabytes. What is no object, the schema refuses in better words. */
const readJson = express.json({ limit: bodyLimit, type: 'application/json', strict: false, inflate: false })

const nobody: Caller = { actor: 'anyone', role: 'readonly', authentication: 'token' }

/** Carries out one request to one row of the route table: who, may they, what, and the answer. */
export function createDispatch(
  deps: Pick<ApiDeps, 'clock' | 'db' | 'publicUrl'>,
  authenticate: Authenticate,
) {
  return (route: Route) =>
    async (request: Request, response: Response): Promise<void> => {
      if (route.method !== 'get') checkOrigin(request, deps.publicUrl)
      const caller = route.role === 'anyone' ? nobody : await authenticate.caller(request)
      if (route.role !== 'anyone' && !mayActAs(caller.role, route.role))
        throw new FaultlineError(
          'FORBIDDEN',
          `This needs the role ${route.role}; the token has the role ${caller.role}.`,
        )
      const body = route.body === undefined ? undefined : await bodyOf(request, response, route.body)
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const reply = await route.run(
        {
          request,
          response,
          params: request.params as Record<string, string>,
          caller,
          now: deps.clock.now(),
          signal: AbortSignal.any([gone.signal, AbortSignal.timeout(timeLimitMs)]),
        },
        body,
      )
      if (!reply) return
      await auditRead(route, request, caller)
      send(request, response, reply)
    }

  /** Personal data leaves only after it is written down who read it. Roles below `desk` get none. */
  async function auditRead(route: Route, request: Request, caller: Caller): Promise<void> {
    if (route.personal === undefined || !mayActAs(caller.role, 'desk')) return
    const subject = Object.values(request.params).join('/') || '*'
    await audit(deps.db, caller, route.personal, subject, {}, deps.clock.now())
  }
}

/** A request without a body is one with `{}`, where that is all there is to say. */
async function bodyOf(request: Request, response: Response, schema: z.ZodType): Promise<unknown> {
  if (!hasBody(request)) {
    if (schema.safeParse({}).success) return {}
    throw new FaultlineError('REQUEST_INVALID', 'This needs a body in JSON, and there is none.')
  }
  if (!request.is('application/json'))
    throw new FaultlineError(
      'UNSUPPORTED_MEDIA',
      'The body must be JSON, with the header Content-Type: application/json.',
    )
  await new Promise<void>((resolve, reject) => {
    const next: NextFunction = (error?: unknown) => (error === undefined ? resolve() : reject(error))
    readJson(request, response, next)
  })
  return request.body
}

/** RFC 9112 §6.3: a request has a body when either header says so. */
const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function send(request: Request, response: Response, reply: Reply<unknown>): void {
  const text = JSON.stringify(reply.body)
  response.status(reply.status ?? 200).set({ 'Cache-Control': 'no-store', ...reply.headers })
  if (reply.version !== undefined) {
    const etag = etagOf(text, reply.version)
    // Kept by the client, and asked about each time.
    response.set({ ETag: etag, 'Cache-Control': 'private, no-cache' })
    if (request.method === 'GET' && matchesAny(request.get('if-none-match'), etag)) {
      response.status(304).end()
      return
    }
  }
  response.type('application/json').send(text)
}
