import { z } from 'zod'
import type { ApiDeps } from './api-deps.ts'
import { audit } from './audit.ts'
import type { Authenticate, Caller } from './authenticate.ts'
import { type Route, rawRoute, route } from './route.ts'
import { endedSessionCookie, sessionCookie } from './session-cookie.ts'
import type { SessionView } from './views/session-schemas.ts'

/** Signing in and out of the console with an API token. */
export function sessionRoutes(
  deps: Pick<ApiDeps, 'db' | 'demo' | 'version' | 'publicUrl'>,
  authenticate: Authenticate,
): readonly Route[] {
  const secure = deps.publicUrl?.startsWith('https:') ?? false
  const view = ({ actor, role, authentication }: Omit<Caller, 'tokenId'>): SessionView => ({
    actor,
    role,
    authentication,
    demo: deps.demo,
    version: deps.version,
  })

  return [
    route({
      method: 'get',
      path: '/api/v1/session',
      summary: 'Who the caller is and what it may do.',
      role: 'readonly',
      view: 'Session',
      handle: ({ caller }) => ({ body: view(caller) }),
    }),
    route({
      method: 'post',
      path: '/api/v1/session',
      summary: 'Exchanges an API token for a session cookie, for browsers.',
      role: 'anyone',
      body: z.strictObject({ token: z.string().min(1).max(128) }),
      view: 'Session',
      handle: async ({ request, body, now }) => {
        const token = await authenticate.byToken(request, body.token)
        await audit(deps.db, { actor: token.name }, 'session.start', token.id, {}, now)
        return {
          headers: { 'Set-Cookie': sessionCookie(token, now, secure) },
          body: view({ actor: token.name, role: token.role, authentication: 'session' }),
        }
      },
    }),
    rawRoute({
      method: 'delete',
      path: '/api/v1/session',
      summary: 'Ends the session of this browser.',
      role: 'anyone',
      statuses: [204],
      media: 'text/plain',
      description: 'Nothing; the cookie is gone.',
      handle: ({ response }) => {
        response.status(204).set('Set-Cookie', endedSessionCookie(secure)).end()
      },
    }),
  ]
}
