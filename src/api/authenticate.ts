import type { IncomingMessage } from 'node:http'
import type { Clock } from '../platform/clock.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { FailedAttempts } from './failed-attempts.ts'
import { cameFromHere, checkHost } from './request-guard.ts'
import { sessionOf, tokenOfSession } from './session-cookie.ts'
import { anyToken, findToken, type KnownToken, validToken } from './tokens.ts'
import type { Role } from './views/session-schemas.ts'

/** Who asks. While nobody is asked for a token, whoever is on this machine is `local`, an admin. */
export interface Caller {
  readonly actor: string
  readonly role: Role
  readonly authentication: 'loopback' | 'token' | 'session'
  readonly tokenId?: string
}

export interface AuthenticateDeps {
  readonly db: StateDb
  readonly clock: Clock
  /** False: nobody is asked for a token, even when there is one. */
  readonly tokens: boolean
  readonly publicUrl?: string
  readonly attempts: FailedAttempts
}

export type Authenticate = ReturnType<typeof createAuthenticate>

export function createAuthenticate(deps: AuthenticateDeps) {
  const { db, clock, attempts } = deps

  /** Callers must show a token once there is one. */
  const asksForTokens = async () => deps.tokens && (await anyToken(db))

  /**
   * A wrong token costs the address one of its attempts.
   * @throws FaultlineError UNAUTHENTICATED, or RATE_LIMITED with `retryAfter` seconds.
   */
  function refuse(request: IncomingMessage, explanation: string): never {
    const retryAfter = attempts.failed(request.socket.remoteAddress ?? 'unknown', clock.now())
    if (retryAfter === undefined) throw new FaultlineError('UNAUTHENTICATED', explanation)
    throw new FaultlineError('RATE_LIMITED', 'Too many wrong tokens came from this address.', { retryAfter })
  }

  async function byToken(request: IncomingMessage, text: string): Promise<KnownToken> {
    return (await findToken(db, text, clock.now())) ?? refuse(request, 'This API token is not valid.')
  }

  /** @throws FaultlineError UNAUTHENTICATED, RATE_LIMITED, or FORBIDDEN for a foreign Host while none is asked for. */
  async function caller(request: IncomingMessage): Promise<Caller> {
    const { authorization, cookie } = request.headers
    if (authorization !== undefined) {
      const [, text] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
      if (text === undefined) refuse(request, 'The Authorization header must be "Bearer" and an API token.')
      return callerOf(await byToken(request, text), 'token')
    }
    if (!(await asksForTokens())) return local(request)
    const session = sessionOf(cookie)
    if (session === undefined) throw new FaultlineError('UNAUTHENTICATED')
    const token = await tokenOfSession(db, session, clock.now())
    return callerOf(token ?? refuse(request, 'This session is over.'), 'session')
  }

  function local(request: IncomingMessage): Caller {
    checkHost(request, deps.publicUrl)
    if (cameFromHere(request)) return { actor: 'local', role: 'admin', authentication: 'loopback' }
    throw new FaultlineError(
      'UNAUTHENTICATED',
      'While no API token is asked for, only requests made on this machine, without a proxy, are served.',
    )
  }

  /** For what lasts, such as a stream of events: the caller's token may have been revoked since. */
  async function stillValid({ tokenId }: Caller): Promise<boolean> {
    if (tokenId === undefined) return !(await asksForTokens())
    return (await validToken(db, tokenId)) !== undefined
  }

  return { caller, byToken, stillValid, asksForTokens }
}

const callerOf = (token: KnownToken, authentication: 'token' | 'session'): Caller => ({
  actor: token.name,
  role: token.role,
  authentication,
  tokenId: token.id,
})
