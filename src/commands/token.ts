import { createToken as storeToken } from '../api/tokens.ts'
import { roles } from '../api/views/session-schemas.ts'
import type { Clock } from '../platform/clock.ts'
import { openStateDb } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import { type ConfigDeps, readConfig } from './read-config.ts'
import { exitCodes } from './terminal.ts'

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
  const config = await readConfig(request.config, deps)
  if (!config) return exitCodes.config
  try {
    const db = await openStateDb(config.state.path)
    try {
      const { id, token } = await storeToken(db, { name: request.name, role }, clock.now())
      terminal.out(token)
      terminal.error(`${id}, role ${role}. The token is shown this once; only its hash is kept.`)
      if (!config.auth.tokens) terminal.error('auth.tokens is false: nobody is asked for a token')
      return exitCodes.ok
    } finally {
      await db.destroy()
    }
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    terminal.error(error.message)
    return exitCodes.failed
  }
}
