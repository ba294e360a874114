import { createSocket, type RemoteInfo } from 'node:dgram'
import { isIPv6, SocketAddress } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import { ntpTime } from './ntp-time.ts'
import { packetBytes } from './packet.ts'
import { createStampSession, type Refusal, type StampSession } from './stamp-session.ts'

export interface StampSocketDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
  /** Milliseconds on a clock that is never set. */
  readonly monotonicMs: () => number
  /** How long each answer is waited for. */
  readonly timeoutMs: number
}

export interface StampSocket {
  /** The session with a reflector; the same one each time. */
  session(address: string, port: number): StampSession
  close(): Promise<void>
}

/** An IPv6 address has many spellings; the kernel names senders by one of them. */
function canonicalAddress(address: string): string {
  if (!isIPv6(address)) return address
  const [bare = '', zone] = address.split('%')
  const canonical = new SocketAddress({ address: bare, family: 'ipv6' }).address
  return zone === undefined ? canonical : `${canonical}%${zone}`
}

/**
 * One UDP socket that all targets of an address family share. An answer is taken when its source is that of a session
 * and the session still awaits it; all else is counted and dropped. Rejects when this host lacks the family.
 */
export async function openStampSocket(family: 4 | 6, deps: StampSocketDeps): Promise<StampSocket> {
  const { clock, log, metrics, monotonicMs, timeoutMs } = deps
  const sessions = new Map<string, StampSession>()
  // Stamps on the wire follow the monotonic clock, so that setting the clock of this host bends no measurement.
  const startedAt = clock.now() - monotonicMs()

  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    ipv6Only: family === 6,
    // A burst to thousands of targets comes back at once; the kernel cuts this to net.core.rmem_max.
    recvBufferSize: 4 * 1024 * 1024,
    // Addresses only, so nothing needs to be looked up; the default would cost a turn of the event loop after T1.
    lookup: (address, _options, done) => done(null, address, family),
  })

  function accept(bytes: Buffer, from: RemoteInfo): Refusal | undefined {
    const arrivedAtMs = monotonicMs()
    if (bytes.length < packetBytes) return 'malformed'
    const session = sessions.get(`${from.address}|${from.port}`)
    return session === undefined ? 'source' : session.accept(bytes, arrivedAtMs)
  }

  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, () => {
      socket.off('error', reject)
      resolve()
    })
  })
  socket.on('message', (bytes, from) => {
    const reason = accept(bytes, from)
    if (reason !== undefined) metrics.packetsRefused.inc({ protocol: 'stamp', reason })
  })
  socket.on('error', (err) => log.warn({ err, family }, 'stamp socket failed'))

  return {
    session(address, port) {
      const canonical = canonicalAddress(address)
      const key = `${canonical}|${port}`
      let session = sessions.get(key)
      if (session === undefined) {
        session = createStampSession({
          monotonicMs,
          timeoutMs,
          stampOf: (atMs) => ntpTime(startedAt + atMs),
          send: (packet, done) => socket.send(packet, port, canonical, done),
        })
        sessions.set(key, session)
      }
      return session
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}
