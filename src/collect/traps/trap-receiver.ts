import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6, SocketAddress } from 'node:net'
import type { ElementId } from '../../model/network-element.ts'
import type { Trap, TrapKind } from '../../model/trap.ts'
import type { Clock } from '../../platform/clock.ts'
import { FaultlineError, messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { DayLog } from './day-log.ts'
import { isOfPolled, type PolledEngine } from './engine-clock.ts'
import { TokenBucket } from './token-bucket.ts'
import { trapKind } from './trap-kind.ts'
import { TrapLimiter, type TrapLimits, trapLimits } from './trap-limiter.ts'
import type { EngineTime } from './trap-message.ts'
import type { TrapPdu } from './trap-pdu.ts'
import { createTrapReader, type TrapReaderSettings, type TrapRefusal } from './trap-reader.ts'

export interface TrapReceiverSettings extends TrapReaderSettings {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Default: `trapLimits`. */
  readonly limits?: TrapLimits
}

export interface TrapReceiverDeps {
  /** Undefined for an address that no element has, or more than one. */
  elementAt(address: string): ElementId | undefined
  /** The engine that the element's agent has when it is polled by SNMPv3; undefined: not known. Default: of none. */
  engineOf?(element: ElementId): PolledEngine | undefined
  /** Told of each trap of an element, in the order in which they come. */
  deliver(trap: Trap): void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** Why traps of an address do not count; `limited` ones were not even read. */
export type SenderTrouble = Exclude<TrapRefusal, 'discovery'> | 'unknown-sender' | 'limited'

interface Refused {
  readonly why: SenderTrouble
  readonly kind?: TrapKind | 'none'
}

interface Seen {
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

/** What came in the last day, for people. */
export interface TrapStatus {
  /** Where it listens. */
  readonly host: string
  readonly port: number
  /** The socket's receive buffer as the kernel granted it, bytes. */
  readonly receiveBuffer: number
  /** Traps of elements, the latest first, at most 50. */
  readonly latest: readonly Trap[]
  /** The latest first. */
  readonly refused: readonly (Seen & { readonly address: string; readonly why: SenderTrouble })[]
  /** Traps of elements that are not understood, by object identifier. */
  readonly unknown: readonly (Seen & { readonly element: ElementId; readonly oid: string })[]
}

export interface TrapReceiver {
  status(): TrapStatus
  close(): Promise<void>
}

const receiveBufferBytes = 4 * 1024 * 1024
const mostRemembered = 1_000
const mostLatest = 50
/** New troubles that are logged: whoever invents addresses must not fill the disk. */
const logged = { perSecond: 1 / 60, burst: 20 }

/**
 * Receives traps and informs (SNMPv1, v2c, v3) on one socket. Nothing that comes in ends the process, costs more than
 * the limits allow, or is kept without bound; what is not let in by them is not acknowledged either, so that a sender
 * of informs tries again.
 * @throws FaultlineError LISTEN_FAILED
 */
export async function startTrapReceiver(
  settings: TrapReceiverSettings,
  deps: TrapReceiverDeps,
): Promise<TrapReceiver> {
  const { clock, log, metrics } = deps
  const socket = await listen(settings)
  const { address: host, port } = socket.address()
  const receiveBuffer = socket.getRecvBufferSize()
  const reader = createTrapReader(settings)
  const limiter = new TrapLimiter(settings.limits ?? trapLimits, clock.now())
  const troubles = new DayLog<{
    readonly address: string
    readonly why: SenderTrouble
    readonly known: boolean
  }>({
    name: ({ address, why }) => `${why} ${address}`,
    owner: ({ address, known }) => (known ? address : 'strangers'),
    most: mostRemembered,
  })
  const unknown = new DayLog<{ readonly element: ElementId; readonly oid: string }>({
    name: ({ element, oid }) => `${oid} ${element}`,
    owner: ({ element }) => element,
    most: mostRemembered,
  })
  const latest: Trap[] = []
  const lines = new TokenBucket(logged, clock.now())

  function refuse(address: string, { why, kind = 'none' }: Refused, now: number): void {
    metrics.traps.inc({ kind, outcome: why })
    const known = deps.elementAt(address) !== undefined
    if (!troubles.note({ address, why, known }, now) || !lines.take(now)) return
    log.warn({ from: address, why }, 'traps of this address do not count; it is not logged again today')
  }

  function accept(trap: Trap): void {
    const { element, kind, oid, at, authenticated } = trap
    metrics.traps.inc({ kind, outcome: 'accepted' })
    if (kind === 'other') unknown.note({ element, oid }, at)
    latest.unshift(trap)
    latest.length = Math.min(latest.length, mostLatest)
    log.debug({ element, kind, oid, authenticated }, 'trap')
    deps.deliver(trap)
  }

  /** A trap that counts, or why it does not; neither for one who only asks who we are. */
  function judge(bytes: Buffer, from: RemoteInfo, now: number): Trap | Refused | undefined {
    const source = plainAddress(from.address)
    const sender = deps.elementAt(source)
    if (!limiter.admit(source, sender !== undefined, now)) return { why: 'limited' }
    const read = reader.read(bytes, now)
    if (read.reply !== undefined) answer(read.reply, from)
    if (read.outcome === 'discovery') {
      metrics.traps.inc({ kind: 'none', outcome: 'discovery' })
      return undefined
    }
    if (read.outcome !== 'read') return { why: read.outcome }
    const { version, pdu } = read
    const kind = trapKind(pdu.oid)
    const element = elementOf(pdu, sender)
    if (element === undefined) return { why: 'unknown-sender', kind }
    const authenticated = read.authenticated && mayVouch(element, read.signedBy)
    const { type, oid, upTimeTicks, interfaceIndex, interfaceName, adminStatus, operStatus } = pdu
    return {
      element,
      at: now,
      kind,
      oid,
      version,
      inform: type === 'inform',
      authenticated,
      source,
      ...(upTimeTicks === undefined ? {} : { upTimeTicks }),
      ...(interfaceIndex === undefined ? {} : { interfaceIndex }),
      ...(interfaceName === undefined ? {} : { interfaceName }),
      ...(adminStatus === undefined ? {} : { adminStatus }),
      ...(operStatus === undefined ? {} : { operStatus }),
    }
  }

  /** Informs are signed for our engine, and tell nothing of the sender's. */
  function mayVouch(element: ElementId, signedBy: EngineTime | undefined): boolean {
    const polled = signedBy && deps.engineOf?.(element)
    return !polled || isOfPolled(polled, signedBy)
  }

  /** A proxy passes on the traps of others; the address that it names counts when an element has it. */
  const elementOf = ({ agentAddress }: TrapPdu, sender: ElementId | undefined): ElementId | undefined =>
    (agentAddress === undefined ? undefined : deps.elementAt(agentAddress)) ?? sender

  function answer(reply: Buffer, { address, port: to }: RemoteInfo): void {
    socket.send(reply, to, address, (error) => {
      if (error !== null) log.debug({ err: error }, 'trap could not be acknowledged')
    })
  }

  socket.on('error', (err) => log.error({ err }, 'trap socket failed'))
  socket.on('message', (bytes, from) => {
    const now = clock.now()
    try {
      const judged = judge(bytes, from, now)
      if (judged === undefined) return
      if ('why' in judged) refuse(plainAddress(from.address), judged, now)
      else accept(judged)
    } catch (err) {
      metrics.traps.inc({ kind: 'none', outcome: 'failed' })
      if (lines.take(now)) log.error({ err }, 'trap could not be handled')
    }
  })
  log.info({ host, port, receiveBuffer, engineId: settings.engineId.toString('hex') }, 'receiving traps')

  return {
    status() {
      const now = clock.now()
      return {
        host,
        port,
        receiveBuffer,
        latest: [...latest],
        refused: troubles
          .entries(now)
          .map(({ key: { address, why }, ...seen }) => ({ address, why, ...seen })),
        unknown: unknown.entries(now).map(({ key, ...seen }) => ({ ...key, ...seen })),
      }
    },
    async close() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

async function listen({ host, port }: TrapReceiverSettings): Promise<Socket> {
  const type = isIPv6(host) ? 'udp6' : 'udp4'
  const socket = createSocket({
    type,
    recvBufferSize: receiveBufferBytes,
    // Answers go to addresses, so nothing waits for a resolver.
    lookup: (address, _options, found) => found(null, address, type === 'udp6' ? 6 : 4),
  })
  try {
    const listening = once(socket, 'listening')
    socket.bind(port, host)
    await listening
    return socket
  } catch (error) {
    throw new FaultlineError(
      'LISTEN_FAILED',
      `traps cannot be received on ${host}:${port}: ${messageOf(error)}`,
      { host, port },
      { cause: error },
    )
  }
}

/** One spelling for each address; IPv4 comes in the clothes of IPv6 on a socket for both. */
export function plainAddress(address: string): string {
  const bare = address.split('%', 1)[0] ?? address
  if (!isIPv6(bare)) return bare
  const canonical = new SocketAddress({ address: bare, family: 'ipv6' }).address
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(canonical)?.[1] ?? canonical
}
