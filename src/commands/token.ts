import { listTokens, revokeToken, createToken as storeToken } from '../api/tokens.ts'
import { roles } from '../api/views/session-schemas.ts'
import type { Config } from '../config/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { openStateDb, type StateDb } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import { type ConfigDeps, readConfig } from './read-config.ts'
import { exitCodes, failureText } from './terminal.ts'
import { table } from './text-table.ts'

export interface TokenRequest {
  readonly config: string
  readonly role: string
  readonly name: string
}

export interface TokenDeps extends ConfigDeps {
  readonly clock: Clock
}

// The name stands in logs and in the audit trail, one line each.
const nameAllowed = /^[^\p{Cc}]{1,64}$/u

/** `faultline token create`: makes an API token and prints it, once. Returns the exit code. */
export async function createToken(request: TokenRequest, deps: TokenDeps): Promise<number> {
  const { terminal, clock } = deps
  const role = roles.find((known) => known === request.role)
  if (role === undefined) {
    terminal.error(`--role must be one of ${roles.join(', ')}`)
    return exitCodes.usage
  }
  if (!nameAllowed.test(request.name)) {
    terminal.error('--name must be 1 to 64 characters on one line')
    return exitCodes.usage
  }
  return withTokens(request.config, deps, async (db, config) => {
    const { id, token } = await storeToken(db, { name: request.name, role }, clock.now())
    terminal.out(token)
    terminal.error(`${id}, role ${role}. The token is shown this once; only its hash is kept.`)
    if (!config.auth.tokens) terminal.error('auth.tokens is false: nobody is asked for a token')
  })
}

/** `faultline token list`: which tokens there are, never what they are. Returns the exit code. */
export function printTokens(file: string, deps: ConfigDeps): Promise<number> {
  return withTokens(file, deps, async (db) => {
    const tokens = await listTokens(db)
    if (tokens.length === 0) {
      deps.terminal.error('there is no token')
      return
    }
    const rows = tokens.map(({ id, role, name, createdAt, lastUsedAt, revokedAt }) => [
      id,
      role,
      name,
      dateTime(createdAt),
      lastUsedAt === undefined ? 'never' : dateTime(lastUsedAt),
      revokedAt === undefined ? '' : dateTime(revokedAt),
    ])
    const head = ['id', 'role', 'name', 'created', 'last used', 'revoked']
    deps.terminal.out(table([head, ...rows]).join('\n'))
  })
}

/** `faultline token revoke`: whoever shows that token is refused from the next request on. Returns the exit code. */
export function endToken(file: string, id: string, deps: TokenDeps): Promise<number> {
  return withTokens(file, deps, async (db) => {
    await revokeToken(db, id, deps.clock.now())
    deps.terminal.out(`${id} is revoked`)
  })
}

/** `2026-03-01 08:00 UTC`: uses are noted once a minute. */
const dateTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

async function withTokens(
  file: string,
  deps: ConfigDeps,
  work: (db: StateDb, config: Config) => Promise<void>,
): Promise<number> {
  const config = await readConfig(file, deps)
  if (!config) return exitCodes.config
  try {
    const db = await openStateDb(config.state.path)
    try {
      await work(db, config)
      return exitCodes.ok
    } finally {
      await db.destroy()
    }
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    deps.terminal.error(failureText(error))
    return exitCodes.failed
  }
}
