import { createSocket, type RemoteInfo } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { FaultlineError, messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { ntpTime } from './ntp-time.ts'
import { decodeSenderPacket, encodeReflectorPacket, ownErrorEstimate, type SenderPacket } from './packet.ts'

export interface ReflectorOptions {
  /** Not a wildcard where the host has several: the kernel would choose what to answer from, and senders refuse that. */
  readonly address: string
  /** 0: any free port. */
  readonly port: number
  /** Counts its own packets for each sender, so that the sender can tell the ways of loss apart (RFC 8762 §4.2). */
  readonly stateful: boolean
  readonly log: Logger
  readonly metrics?: Metrics
  readonly clock?: Clock
  /** 0..1, decides about injected loss. Default: Math.random. */
  readonly random?: () => number
}

/** What to do to packets, as a bad path would. Left out: nothing. */
interface Injection {
  /** Share of packets to lose, 0..1. */
  readonly lossForward?: number
  readonly lossBackward?: number
  /** Added to each packet; the way there before it is stamped as received, the way back after it is stamped as sent. */
  readonly delayForwardMs?: number
  readonly delayBackwardMs?: number
}

export interface StampReflector {
  readonly address: string
  readonly port: number
  /** Takes the place of what was injected before; `{}` makes the path good again. */
  inject(injection: Injection): void
  close(): Promise<void>
}

/** Senders whose numbers are kept, the latest heard; forged sources must not fill the memory. */
const maxSessions = 10_000
/** Packets held by injected delay at a time. */
const maxHeld = 10_000

/**
 * A STAMP Session-Reflector in unauthenticated mode (RFC 8762). Malformed packets are counted and dropped. It cannot
 * read the TTL of what it receives and writes 0. Throws LISTEN_FAILED when the address cannot be had.
 */
export async function startReflector(options: ReflectorOptions): Promise<StampReflector> {
  const { address, stateful, log, metrics, clock = systemClock, random = Math.random } = options
  const closing = new AbortController()
  const sessions = new Map<string, number>()
  let injected: Injection = {}
  let held = 0
  const startedAt = clock.now() - performance.now()
  const stamp = () => ntpTime(startedAt + performance.now())
  const refused = (reason: string) => metrics?.packetsRefused.inc({ protocol: 'stamp-reflector', reason })
  const socket = createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    // Many senders may ask at once; the kernel cuts this to net.core.rmem_max.
    recvBufferSize: 1024 * 1024,
    // Answers go to the address that asked, so nothing needs to be looked up.
    lookup: (host, _options, done) => done(null, host, isIPv6(host) ? 6 : 4),
  })

  /** Numbers of this side count what reached it: 0, 1, 2 … for each sender. */
  function nextSequence(sender: string): number {
    const sequence = sessions.get(sender) ?? 0
    // Written anew at the end, so that the first of the map is the one heard longest ago.
    sessions.delete(sender)
    sessions.set(sender, (sequence + 1) >>> 0)
    const oldest = sessions.size > maxSessions ? sessions.keys().next().value : undefined
    if (oldest !== undefined) sessions.delete(oldest)
    return sequence
  }

  function reflect(packet: SenderPacket, from: RemoteInfo): void {
    const receivedAt = stamp()
    const sequence = stateful ? nextSequence(`${from.address}|${from.port}`) : packet.sequence
    if (random() < (injected.lossBackward ?? 0)) return
    const answer = encodeReflectorPacket({
      sequence,
      receivedAt,
      errorEstimate: ownErrorEstimate,
      sender: packet,
      senderTtl: 0,
      timestamp: stamp(),
    })
    later(injected.delayBackwardMs ?? 0, () =>
      socket.send(answer, from.port, from.address, (err) => {
        if (err) log.debug({ err }, 'stamp answer could not be sent')
      }),
    )
  }

  function later(delayMs: number, act: () => void): void {
    if (delayMs <= 0) {
      act()
      return
    }
    if (held >= maxHeld) {
      refused('held')
      return
    }
    held++
    void clock.sleep(delayMs, closing.signal).then(() => {
      held--
      if (!closing.signal.aborted) act()
    })
  }

  function receive(bytes: Buffer, from: RemoteInfo): void {
    const packet = decodeSenderPacket(bytes)
    if (packet === undefined) refused('malformed')
    // Where an answer has the sender's stamp a question has zeros. Answering answers could go on for ever between two.
    else if (bytes.readBigUInt64BE(28) !== 0n) refused('loop')
    else if (random() >= (injected.lossForward ?? 0))
      later(injected.delayForwardMs ?? 0, () => reflect(packet, from))
  }

  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(options.port, address, () => {
        socket.off('error', reject)
        resolve()
      })
    })
  } catch (cause) {
    throw new FaultlineError(
      'LISTEN_FAILED',
      `STAMP reflector: ${messageOf(cause)}`,
      { port: options.port },
      { cause },
    )
  }
  socket.on('message', receive)
  socket.on('error', (err) => log.warn({ err }, 'stamp reflector socket failed'))

  return {
    address,
    port: socket.address().port,
    inject(injection) {
      injected = injection
    },
    async close() {
      if (closing.signal.aborted) return
      closing.abort()
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}
