import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Caller } from './authenticate.ts'
import { parse, parseQuery } from './problem.ts'
import type { Role } from './views/session-schemas.ts'
import type { ViewName, views } from './views.ts'

/** The names in a path: `element` of `/api/v1/elements/:element`. */
type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamsOf<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

/** A request that may be answered: its caller is known and allowed. */
export interface RawCall {
  readonly request: Request
  readonly response: Response
  readonly params: Readonly<Record<string, string>>
  readonly caller: Caller
  readonly now: number
  /** Aborts when the client has gone, or after the time limit of a request. */
  readonly signal: AbortSignal
}

export interface Call<Name extends string, Query, Body> extends Omit<RawCall, 'params'> {
  readonly params: Readonly<Record<Name, string>>
  readonly query: Query
  readonly body: Body
}

export interface Reply<Body> {
  readonly body: Body
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The version that If-Match takes; with it the answer gets an ETag. `''`: an ETag by content alone. */
  readonly version?: number | ''
}

interface RouteHead {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  readonly path: string
  readonly summary: string
  /** The least role that may call it; `anyone` needs no token. */
  readonly role: Role | 'anyone'
  /** Statuses of success; the first is the usual one. */
  readonly statuses: readonly number[]
  /** Serves personal data: the name under which each read is audited. */
  readonly personal?: string
  readonly ifMatch: boolean
}

/** One row of the route table, from which the server and the OpenAPI document are made. */
export interface Route extends RouteHead {
  readonly query: z.ZodObject
  readonly body?: z.ZodType
  readonly answer: { readonly view: ViewName } | { readonly media: string; readonly description: string }
  /** Resolves with nothing when it has answered itself. */
  run(call: RawCall, body: unknown): Promise<Reply<unknown> | undefined>
}

type Optional<T> = { readonly [K in keyof T]?: T[K] }
type Head<Path extends string> = Pick<RouteHead, 'method' | 'summary' | 'role'> &
  Optional<Pick<RouteHead, 'statuses' | 'personal' | 'ifMatch'>> & { readonly path: Path }

const nothing = z.strictObject({})

function head(spec: Head<string>): RouteHead {
  return { statuses: [200], ifMatch: false, ...spec }
}

/** A route that answers JSON. Query and body are parsed before `handle` sees them; what is unknown is refused. */
export function route<
  Path extends string,
  V extends ViewName,
  Q extends z.ZodObject = z.ZodObject<Record<never, never>>,
  B extends z.ZodType = z.ZodUndefined,
>(
  spec: Head<Path> & {
    readonly query?: Q
    readonly body?: B
    readonly view: V
    handle(
      call: Call<ParamsOf<Path>, z.output<Q>, z.output<B>>,
    ): Promise<Reply<z.output<(typeof views)[V]>>> | Reply<z.output<(typeof views)[V]>>
  },
): Route {
  const { query: querySchema, body: bodySchema } = spec
  return {
    ...head(spec),
    query: querySchema ?? nothing,
    ...(bodySchema === undefined ? {} : { body: bodySchema }),
    answer: { view: spec.view },
    async run(call, body) {
      const query = parseQuery(querySchema ?? nothing, call.request.query) as z.output<Q>
      const parsed = (bodySchema === undefined ? undefined : parse(bodySchema, body)) as z.output<B>
      const params = call.params as Record<ParamsOf<Path>, string>
      return spec.handle({ ...call, params, query, body: parsed })
    },
  }
}

/** A route that writes its answer itself: a stream, plain text. */
export function rawRoute<Path extends string, Q extends z.ZodObject = z.ZodObject<Record<never, never>>>(
  spec: Head<Path> & {
    readonly query?: Q
    readonly media: string
    readonly description: string
    handle(call: Call<ParamsOf<Path>, z.output<Q>, undefined>): Promise<void> | void
  },
): Route {
  const { query: querySchema } = spec
  return {
    ...head(spec),
    query: querySchema ?? nothing,
    answer: { media: spec.media, description: spec.description },
    async run(call) {
      const query = parseQuery(querySchema ?? nothing, call.request.query) as z.output<Q>
      const params = call.params as Record<ParamsOf<Path>, string>
      await spec.handle({ ...call, params, query, body: undefined })
      return undefined
    },
  }
}
