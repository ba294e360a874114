import { createSocket, type RemoteInfo } from 'node:dgram'
import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { isIPv6, SocketAddress } from 'node:net'
import type { SnmpAccess } from '../../model/target.ts'
import { messageOf } from '../../platform/errors.ts'
import type { CellValue } from './neighbour-tables.ts'

export interface Varbind {
  readonly oid: string
  /** Undefined: the agent has no such value. */
  readonly value: CellValue | undefined
}

/** Why there is no answer. `tooBig`: ask for less. `ended`: SNMPv1 has nothing behind what was asked for. */
export class AskFailure extends Error {
  override readonly name = 'AskFailure'
  readonly kind: 'silent' | 'refused' | 'tooBig' | 'ended'
  constructor(kind: AskFailure['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** Rejects with AskFailure, and only with that. */
export interface AskSession {
  get(oids: readonly string[]): Promise<readonly Varbind[]>
  /** What comes next behind each: rows of the columns side by side. One row in SNMPv1. */
  next(oids: readonly string[], rows: number): Promise<readonly (readonly Varbind[])[]>
  close(): void
}

/**
 * A session of the `net-snmp` package with one agent: for discovery, which asks each agent once. The package checks
 * neither where an answer comes from nor survives a malformed one by itself, so it gets a socket that does.
 * @throws AskFailure for credentials that the package does not offer.
 */
export function openAskSession(
  address: string,
  access: SnmpAccess,
  { timeoutMs, retries }: { readonly timeoutMs: number; readonly retries: number },
): AskSession {
  const { snmp, session } = open(address, access, timeoutMs, retries)
  const ask = <T>(send: (done: (error: Error | null, value?: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      session.on('error', (error: unknown) =>
        reject(new AskFailure('silent', `malformed: ${messageOf(error)}`)),
      )
      const done = (error: Error | null, value?: T) => {
        session.removeAllListeners('error').on('error', () => undefined)
        if (error === null && value !== undefined) resolve(value)
        else reject(failureOf(snmp, error))
      }
      try {
        send(done)
      } catch (error) {
        reject(new AskFailure('refused', messageOf(error)))
      }
    })
  session.on('error', () => undefined)
  return {
    async get(oids) {
      return (await ask<RawVarbind[]>((done) => session.get([...oids], done))).map(varbindOf)
    },
    async next(oids, rows) {
      if (access.version === '1') {
        const answer = await ask<RawVarbind[]>((done) => session.getNext([...oids], done))
        return answer.map((varbind) => [varbindOf(varbind)])
      }
      const columns = await ask<(RawVarbind | RawVarbind[])[]>((done) =>
        session.getBulk([...oids], 0, rows, done),
      )
      return columns.map((column) => [column].flat().map(varbindOf))
    },
    close: () => session.close(),
  }
}

function open(address: string, access: SnmpAccess, timeout: number, retries: number) {
  const snmp: NetSnmp = createRequire(import.meta.url)('net-snmp')
  const transport = isIPv6(address) ? ('udp6' as const) : ('udp4' as const)
  const dgramModule = guardedSockets([address, ...access.acceptFrom], access.port)
  const options = { port: access.port, transport, timeout, retries, dgramModule }
  if (access.version !== '3') {
    const version = access.version === '1' ? snmp.Version1 : snmp.Version2c
    return { snmp, session: snmp.createSession(address, access.community, { ...options, version }) }
  }
  return { snmp, session: snmp.createV3Session(address, userOf(snmp, access), options) }
}

function userOf(snmp: NetSnmp, { user: name, auth, priv }: Extract<SnmpAccess, { version: '3' }>) {
  const { SecurityLevel, AuthProtocols, PrivProtocols } = snmp
  if (auth === undefined) return { name, level: SecurityLevel.noAuthNoPriv }
  const authPart = { name, authProtocol: AuthProtocols[auth.protocol], authKey: auth.password }
  if (priv === undefined) return { ...authPart, level: SecurityLevel.authNoPriv }
  const privProtocol = PrivProtocols[priv.protocol === 'aes256' ? 'aes256b' : priv.protocol]
  if (privProtocol === undefined)
    throw new AskFailure('refused', `discovery cannot ask with ${priv.protocol}; use aes or aes256`)
  return { ...authPart, level: SecurityLevel.authPriv, privProtocol, privKey: priv.password }
}

const canonical = (address: string): string => {
  const bare = address.split('%', 1)[0] ?? address
  return isIPv6(bare) ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare
}

/** Sockets that hand over nothing from elsewhere, and survive a receiver that throws. */
function guardedSockets(from: readonly string[], port: number) {
  const allowed = new Set(from.map(canonical))
  return {
    createSocket(type: 'udp4' | 'udp6') {
      const socket = createSocket(type)
      // A failed send is told to its callback; anything else ends in the time-out.
      socket.on('error', () => undefined)
      return {
        on(event: string, listener: (...args: unknown[]) => void) {
          if (event === 'close') socket.on('close', listener)
          if (event !== 'message') return
          socket.on('message', (bytes: Buffer, sender: RemoteInfo) => {
            if (sender.port !== port || !allowed.has(canonical(sender.address))) return
            try {
              listener(bytes, sender)
            } catch {} // malformed; the request goes on to its time-out
          })
        },
        send: socket.send.bind(socket),
        close: () => socket.close(),
        ref: () => socket.ref(),
        unref: () => socket.unref(),
      }
    },
  }
}

function failureOf(snmp: NetSnmp, error: Error | null): AskFailure {
  if (error instanceof snmp.RequestTimedOutError) return new AskFailure('silent', 'no answer')
  if (error instanceof snmp.RequestFailedError) {
    const { status } = error
    if (status === 1 || status === 5) return new AskFailure('tooBig', 'the answer is too big')
    if (status === 2) return new AskFailure('ended', 'nothing there')
    return new AskFailure('refused', `the agent answered with an error (${status})`)
  }
  // The package's own words may hold digests.
  if (error instanceof snmp.ResponseInvalidError)
    return new AskFailure('refused', 'wrong credentials, or an answer that is not acceptable')
  return new AskFailure('silent', error === null ? 'an empty answer' : `could not ask: ${messageOf(error)}`)
}

/** noSuchObject, noSuchInstance and endOfMibView (RFC 3416). */
const absent: ReadonlySet<number> = new Set([128, 129, 130])

const varbindOf = ({ oid, type, value }: RawVarbind): Varbind => ({
  oid,
  value:
    !absent.has(type) && (typeof value === 'number' || typeof value === 'string' || Buffer.isBuffer(value))
      ? value
      : undefined,
})

interface RawVarbind {
  readonly oid: string
  readonly type: number
  readonly value: unknown
}

type Done<T> = (error: Error | null, value?: T) => void

interface RawSession extends EventEmitter {
  get(oids: string[], done: Done<RawVarbind[]>): void
  getNext(oids: string[], done: Done<RawVarbind[]>): void
  getBulk(oids: string[], nonRepeaters: number, rows: number, done: Done<(RawVarbind | RawVarbind[])[]>): void
  close(): void
}

/** The part of the package that is used here; it has no types of its own. */
interface NetSnmp {
  createSession(address: string, community: string, options: object): RawSession
  createV3Session(address: string, user: object, options: object): RawSession
  readonly Version1: number
  readonly Version2c: number
  readonly SecurityLevel: {
    readonly noAuthNoPriv: number
    readonly authNoPriv: number
    readonly authPriv: number
  }
  readonly AuthProtocols: Readonly<Record<string, number>>
  readonly PrivProtocols: Readonly<Record<string, number>>
  readonly RequestTimedOutError: new () => Error & { readonly name: 'RequestTimedOutError' }
  readonly RequestFailedError: new () => Error & {
    readonly name: 'RequestFailedError'
    readonly status: number
  }
  readonly ResponseInvalidError: new () => Error & { readonly name: 'ResponseInvalidError' }
}
