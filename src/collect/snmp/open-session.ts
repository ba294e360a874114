import {
  AuthProtocols,
  createSession,
  createV3Session,
  PrivProtocols,
  SecurityLevel,
  type Session,
  type V3User,
  Version1,
  Version2c,
} from 'net-snmp'
import type { SnmpAccess } from '../../model/target.ts'
import { SnmpFailure } from './snmp-failure.ts'
import { type Gate, type GateWatcher, gatedDgram } from './source-gate.ts'

const authFlag = 1
const privFlag = 2

function v3User(access: Extract<SnmpAccess, { version: '3' }>): V3User {
  const { user: name, auth, priv } = access
  if (auth === undefined) return { name, level: SecurityLevel.noAuthNoPriv }
  const authPart = { name, authProtocol: AuthProtocols[auth.protocol], authKey: auth.password }
  if (priv === undefined) return { ...authPart, level: SecurityLevel.authNoPriv }
  if (priv.protocol === 'aes192')
    throw new SnmpFailure('refused', 'AES-192 is not offered; use aes or aes256')
  // "aes256" is the key extension of draft-blumenthal-aes-usm, which Net-SNMP has too.
  const privProtocol = PrivProtocols[priv.protocol === 'aes256' ? 'aes256b' : priv.protocol]
  return { ...authPart, level: SecurityLevel.authPriv, privProtocol, privKey: priv.password }
}

function gateOf(address: string, access: SnmpAccess): Gate {
  const from = { port: access.port, addresses: [address, ...access.acceptFrom] }
  if (access.version !== '3')
    return { ...from, version: access.version === '1' ? 0 : 1, community: access.community }
  const flags = access.auth === undefined ? 0 : access.priv === undefined ? authFlag : authFlag | privFlag
  return { ...from, version: 3, flags }
}

/** A session of the library, behind a gate. Throws SnmpFailure for what the library does not offer. */
export function openSession(
  agent: { readonly address: string; readonly access: SnmpAccess; readonly timeoutMs: number },
  watcher: GateWatcher,
): Session {
  const { address, access, timeoutMs } = agent
  const options = {
    port: access.port,
    transport: address.includes(':') ? ('udp6' as const) : ('udp4' as const),
    timeout: timeoutMs,
    // Attempts are made by the caller, each with an id of its own: a late answer to an earlier one is then nobody's.
    retries: 0,
    dgramModule: gatedDgram(gateOf(address, access), watcher),
  }
  if (access.version === '3') return createV3Session(address, v3User(access), options)
  const version = access.version === '1' ? Version1 : Version2c
  return createSession(address, access.community, { ...options, version })
}
