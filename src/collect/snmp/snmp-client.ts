import type { SnmpAccess } from '../../model/target.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import { createCommunitySecurity } from './community-security.ts'
import { createSnmpSession, type SnmpSession } from './snmp-session.ts'
import type { PacketWatch } from './transport/packet-watch.ts'
import type { Refusal } from './transport/refusal.ts'
import { createSnmpTransport } from './transport/snmp-transport.ts'
import type { EngineMemo } from './usm/engine.ts'
import { createPasswordKeys } from './usm/password-keys.ts'
import { createUsmSecurity } from './usm/usm-security.ts'

/** Whom to ask, and how. */
export interface SnmpAgentOptions {
  readonly address: string
  readonly access: SnmpAccess
  /** For each attempt, at most. */
  readonly timeoutMs: number
  /** Further attempts after the first. */
  readonly retries: number
  /** SNMPv3: the engine as it was when we last ran. */
  readonly engine?: EngineMemo
  /** A packet was dropped that seemed to come from it. `from` is `address:port`. */
  readonly onRefused: (reason: Refusal, from: string) => void
}

/** One agent, until it is closed. */
export interface SnmpAgent extends SnmpSession {
  /** SNMPv3: its engine as it is known now. */
  engine(): EngineMemo | undefined
  /** SNMPv3: forgets the engine, so that the next request asks for it anew. */
  reset(): void
}

/** Asks any number of agents through a few sockets. */
export interface SnmpClient {
  agent(options: SnmpAgentOptions): SnmpAgent
  readonly sockets: number
  /** The receive buffer that a socket was given, bytes. */
  readonly receiveBuffer: number
  close(): Promise<void>
}

export interface SnmpClientDeps {
  readonly clock: Clock
  readonly log: Logger
  /** A packet came that nobody was asked for. */
  readonly onStranger: (reason: Refusal, from: string) => void
  readonly watch?: PacketWatch
}

export async function createSnmpClient({
  clock,
  log,
  onStranger,
  watch,
}: SnmpClientDeps): Promise<SnmpClient> {
  const transport = await createSnmpTransport({
    log,
    monotonic: () => performance.now(),
    strangerRefused: onStranger,
    ...(watch === undefined ? {} : { watch }),
  })
  const passwords = createPasswordKeys()
  return {
    agent({ onRefused, engine, ...options }) {
      const { access } = options
      if (access.version !== '3') {
        const security = createCommunitySecurity(access.version === '1' ? 0 : 1, access.community)
        const session = createSnmpSession(options, { transport, security, onRefused })
        return { ...session, engine: () => undefined, reset() {} }
      }
      const security = createUsmSecurity(access, {
        passwords,
        now: clock.now,
        ...(engine === undefined ? {} : { known: engine }),
      })
      const session = createSnmpSession(options, { transport, security, onRefused })
      return { ...session, engine: security.engine, reset: security.reset }
    },
    sockets: transport.sockets.count,
    receiveBuffer: transport.sockets.receiveBuffer,
    close: transport.close,
  }
}
