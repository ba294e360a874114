import { createHmac } from 'node:crypto'
import type { StateDb } from '../platform/db/state-db.ts'
import { type KnownToken, sameText, validToken } from './tokens.ts'

/**
 * A browser's EventSource sends no Authorization header, so a token may be exchanged for a cookie:
 * `<token id>.<expiry>.<HMAC-SHA256 of both under the token's hash>`. Nothing is kept for it; it ends with its token.
 */
const sessionCookieName = 'faultline_session'
const lifetimeMs = 7 * 24 * 3_600_000

const sign = (token: KnownToken, expires: number) =>
  createHmac('sha256', token.hash).update(`${token.id}.${expires}`).digest('base64url')

/** The value of the Set-Cookie header. */
export function sessionCookie(token: KnownToken, now: number, secure: boolean): string {
  const expires = now + lifetimeMs
  return cookie(`${token.id}.${expires}.${sign(token, expires)}`, lifetimeMs / 1_000, secure)
}

export const endedSessionCookie = (secure: boolean): string => cookie('', 0, secure)

const cookie = (value: string, maxAge: number, secure: boolean) =>
  `${sessionCookieName}=${value}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`

/** The value of our cookie in a Cookie header. */
export function sessionOf(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value] = part.trim().split('=', 2)
    if (name === sessionCookieName && value !== undefined && value !== '') return value
  }
  return undefined
}

/** The token that a session stands for; undefined when it is forged, over, or its token was revoked. */
export async function tokenOfSession(
  db: StateDb,
  session: string,
  now: number,
): Promise<KnownToken | undefined> {
  const [, id, expires, signature] = /^([^.]{1,64})\.(\d{1,16})\.([A-Za-z0-9_-]{43})$/.exec(session) ?? []
  if (id === undefined || expires === undefined || signature === undefined) return undefined
  const token = await validToken(db, id)
  if (!token || !sameText(signature, sign(token, Number(expires)))) return undefined
  return Number(expires) > now ? token : undefined
}
