import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { FaultlineError, messageOf } from '../platform/errors.ts'
import { alarmRoutes } from './alarm-routes.ts'
import type { ApiDeps } from './api-deps.ts'
import { type Authenticate, createAuthenticate } from './authenticate.ts'
import { busyHourRoutes } from './busy-hour-routes.ts'
import { collectionRoutes } from './collection-routes.ts'
import { limitConnections } from './connection-limit.ts'
import { createDispatch } from './dispatch.ts'
import { eventRoutes } from './event-routes.ts'
import { createFailedAttempts } from './failed-attempts.ts'
import { incidentRoutes } from './incident-routes.ts'
import { kpiRoutes } from './kpi-routes.ts'
import { maintenanceRoutes } from './maintenance-routes.ts'
import { networkRoutes } from './network-routes.ts'
import { notificationRoutes } from './notification-routes.ts'
import { describeApi } from './openapi.ts'
import { operationsRoutes } from './operations-routes.ts'
import { asFaultlineError, sendProblem } from './problem.ts'
import { reportRoutes } from './report-routes.ts'
import { checkHost, isLoopback } from './request-guard.ts'
import type { Route } from './route.ts'
import { sampleRoutes } from './sample-routes.ts'
import { serviceRoutes } from './service-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { statusRoutes } from './status-routes.ts'

export interface Api {
  /**
   * @throws FaultlineError LISTEN_FAILED when the address cannot be had, or is not a loopback one while there is no
   * API token.
   */
  listen(host: string, port: number): Promise<{ readonly url: string }>
  /** Ends streams and idle connections at once, gives requests under way a second. */
  close(): Promise<void>
  /** The route table, for tests and documents. */
  readonly routes: readonly Route[]
}

const closeWaitMs = 1_000

/** The HTTP side of Faultline: API, OpenAPI document, event stream, and the console's files. */
export function createApi(deps: ApiDeps): Api {
  const closing = new AbortController()
  const authenticate = createAuthenticate({ ...deps, attempts: createFailedAttempts() })
  const routes: readonly Route[] = [
    ...operationsRoutes(deps, () => description),
    ...sessionRoutes(deps, authenticate),
    ...networkRoutes(deps),
    ...collectionRoutes(deps),
    ...sampleRoutes(deps),
    ...busyHourRoutes(deps),
    ...kpiRoutes(deps),
    ...alarmRoutes(deps),
    ...incidentRoutes(deps),
    ...maintenanceRoutes(deps),
    ...reportRoutes(deps),
    ...serviceRoutes(deps),
    ...statusRoutes(deps),
    ...notificationRoutes(deps),
    ...eventRoutes(deps, authenticate, closing.signal),
  ]
  const description = describeApi(routes, deps.version)
  const app = express()
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple')
  app.use(count(deps), headers(), hostCheck(authenticate, deps.publicUrl))
  mount(app, routes, createDispatch(deps, authenticate))
  if (deps.console) app.use(onlyPages(deps.console))
  app.use(() => {
    throw new FaultlineError('NOT_FOUND')
  })
  app.use(problems(deps))
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 20_000,
      keepAliveTimeout: 5_000,
      // How often these limits are looked at.
      connectionsCheckingInterval: 2_000,
    },
    app,
  )
  limitConnections(server)

  return {
    routes,
    async listen(host, port) {
      const open = !(await authenticate.asksForTokens())
      if (open && !isLoopback(host))
        throw new FaultlineError(
          'LISTEN_FAILED',
          `there is no API token, so the API may listen on a loopback address only, and not on ${host}; make a token with "faultline token create", or listen on 127.0.0.1`,
          { host },
        )
      try {
        server.listen(port, host)
        await once(server, 'listening')
      } catch (error) {
        throw new FaultlineError(
          'LISTEN_FAILED',
          `${host}:${port} cannot be listened on: ${messageOf(error)}`,
          { host, port },
          { cause: error },
        )
      }
      const { port: actual } = server.address() as AddressInfo
      const url = `http://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${actual}`
      deps.log.info({ url }, 'listening')
      if (open)
        deps.log.warn(
          'no API token is asked for: whoever is on this machine may do everything, nobody else anything',
        )
      return { url }
    },
    async close() {
      closing.abort()
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), closeWaitMs)
      await closed
      clearTimeout(timer)
    },
  }
}

/** Each path with its methods, and 405 for every other method. */
function mount(app: Express, routes: readonly Route[], dispatch: ReturnType<typeof createDispatch>): void {
  for (const [path, sharing] of Map.groupBy(routes, (route) => route.path)) {
    for (const route of sharing) app[route.method](path, dispatch(route))
    const methods = sharing.map((route) => route.method.toUpperCase())
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ')
    app.all(path, (_request, response) => {
      response.set('Allow', allowed)
      throw new FaultlineError('METHOD_NOT_ALLOWED')
    })
  }
}

/** Nothing from elsewhere is loaded, nothing inline runs, nobody frames us. */
const headers = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // Whether there is TLS in front is not ours to promise.
    strictTransportSecurity: false,
  })

/** While no token is asked for, the whole server answers only under its own names. */
const hostCheck =
  ({ asksForTokens }: Pick<Authenticate, 'asksForTokens'>, publicUrl: string | undefined): RequestHandler =>
  async (request, _response, next) => {
    if (!(await asksForTokens())) checkHost(request, publicUrl)
    next()
  }

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS'])

const count =
  ({ metrics, log, clock }: Pick<ApiDeps, 'metrics' | 'log' | 'clock'>): RequestHandler =>
  (request, response, next) => {
    const startedAt = clock.now()
    response.once('finish', () => {
      const method = knownMethods.has(request.method) ? request.method : 'other'
      metrics.httpRequests.inc({ method, status: `${Math.floor(response.statusCode / 100)}xx` })
      log.debug(
        { method, status: response.statusCode, durationMs: clock.now() - startedAt },
        'request answered',
      )
    })
    next()
  }

/** The console answers GET outside the API; what it does not know falls through to 404. */
const onlyPages =
  (console: RequestHandler): RequestHandler =>
  (request, response, next) => {
    const isPage =
      (request.method === 'GET' || request.method === 'HEAD') && !request.path.startsWith('/api/')
    if (isPage) return console(request, response, next)
    next()
  }

const problems =
  ({ log }: Pick<ApiDeps, 'log'>): ErrorRequestHandler =>
  (thrown: unknown, request, response, _next) => {
    // The client has gone, and took its request along.
    if (response.closed) return
    const error = asFaultlineError(thrown)
    if (error.code === 'INTERNAL') log.error({ err: error.cause ?? error }, 'request failed')
    if (error.code === 'STATE_UNAVAILABLE') log.error({ err: error }, 'request not served')
    // Half an answer cannot become a problem document.
    if (response.headersSent) response.destroy()
    else sendProblem(response, error, request.path)
  }
