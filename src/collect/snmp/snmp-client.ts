import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import { createCommunitySecurity } from './community-security.ts'
import type { MessageSecurity } from './message-security.ts'
import { SignalWatch } from './signal-watch.ts'
import { SnmpSession, type SnmpSessionOptions } from './snmp-session.ts'
import type { PacketWatch } from './transport/packet-watch.ts'
import type { Refusal } from './transport/refusal.ts'
import { createSnmpTransport } from './transport/snmp-transport.ts'
import type { EngineMemo } from './usm/engine.ts'
import { createPasswordKeys } from './usm/password-keys.ts'
import { createUsmSecurity } from './usm/usm-security.ts'

/** Whom to ask, and how. */
export interface SnmpAgentOptions extends SnmpSessionOptions {
  /** SNMPv3: the engine as it was when we last ran. */
  readonly engine?: EngineMemo
}

/** Asks any number of agents through a few sockets. */
export interface SnmpClient {
  agent(options: SnmpAgentOptions): SnmpSession
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
  const signals = new SignalWatch()
  /** Agents that are asked with the same words share them. */
  const communities = new Map<string, MessageSecurity>()

  const byCommunity = (version: 0 | 1, community: string): MessageSecurity => {
    const key = `${version} ${community}`
    const known = communities.get(key) ?? createCommunitySecurity(version, community)
    communities.set(key, known)
    return known
  }
  const securityOf = ({ access, engine }: SnmpAgentOptions): MessageSecurity =>
    access.version === '3'
      ? createUsmSecurity(access, {
          passwords,
          now: clock.now,
          ...(engine === undefined ? {} : { known: engine }),
        })
      : byCommunity(access.version === '1' ? 0 : 1, access.community)

  return {
    agent: (options) => new SnmpSession(options, { transport, security: securityOf(options), signals }),
    sockets: transport.sockets.count,
    receiveBuffer: transport.sockets.receiveBuffer,
    close: transport.close,
  }
}
