import { openSender, type SenderDeps } from '../sender/open-sender.ts'
import { describeSockets, noRoom, readFate } from '../sender/sender-records.ts'
import {
  describePackets,
  type EchoEngine,
  type EchoPacket,
  type EchoResult,
  type EchoSettings,
} from './echo-engine.ts'

/**
 * Which sockets to try, in this order for IPv4 and the other way for IPv6: `ping` needs `net.ipv4.ping_group_range` to
 * hold a group of ours, or any for root; `raw` needs CAP_NET_RAW.
 */
export type SocketKinds = readonly ('ping' | 'raw')[]

export interface SocketDeps extends SenderDeps {
  /** Default: ping sockets, else raw ones. */
  readonly kinds?: SocketKinds
}

const fateBytes = 4
/** A packet that is watched: its fate, then when it was sent (two numbers), identifier, sequence, hops of its answer. */
const watchedBytes = fateBytes + 20

/** What became of the packets of a burst. Those that were not sent, or of which nothing is known, are left out. */
export function readEchoes(bytes: Buffer, at: number, count: number, packetBytes = fateBytes): EchoResult {
  const rttsMs: (number | null)[] = []
  let problem: string | undefined
  for (let i = 0; i < count; i++) {
    const fate = readFate(bytes.readUInt32LE(at + i * packetBytes))
    if (typeof fate === 'string') problem = fate
    else rttsMs.push(fate)
  }
  if (rttsMs.length > 0 || problem === undefined) return { kind: 'sent', rttsMs }
  return { kind: 'notSent', problem }
}

function readWatched(bytes: Buffer, at: number): EchoPacket {
  const fate = readFate(bytes.readUInt32LE(at))
  const [seconds = 0, nanoseconds = 0, identifier = 0, sequence = 0, ttl = 0] = Array.from(
    { length: 5 },
    (_, i) => bytes.readUInt32LE(at + fateBytes + 4 * i),
  )
  const known = { sentAt: seconds * 1_000 + nanoseconds / 1e6, identifier, sequence }
  if (typeof fate === 'number')
    return { ...known, fate: 'answered', rttMs: fate, ...(ttl > 0 ? { ttl } : {}) }
  if (fate === null) return { ...known, fate: 'lost' }
  return fate === noRoom ? { ...known, fate: 'unknown' } : { fate: 'notSent', problem: fate }
}

/**
 * ICMP echo by a sender of our own (`sender/burst-sender.pl`). It costs a third of fping, since it wakes a few hundred
 * times a second whatever it sends and its sockets hear no answers but their own. Resolves with why not, when it may not
 * run here.
 */
export async function openSocketEngine(
  settings: EchoSettings,
  { kinds = ['ping', 'raw'], ...deps }: SocketDeps,
): Promise<EchoEngine | string> {
  const { count, timeoutMs, spacingMs, dscp = 0, sizeBytes = 56, watched = false } = settings
  const wanted = { packets: 'echo', count, timeoutMs, spacingMs, dscp, sizeBytes, kinds, watched } as const
  const packetBytes = watched ? watchedBytes : fateBytes
  const sender = await openSender(wanted, packetBytes, deps)
  if (typeof sender === 'string') return sender

  return {
    description: `own sender, ${describeSockets(sender.facts)}${describePackets(settings)}`,
    async burst(addresses, deliver, signal) {
      const to = (place: number, result: EchoResult) => {
        const address = addresses[place]
        if (address !== undefined) deliver(address, result)
      }
      await sender.burst(
        addresses,
        count,
        {
          told(place, bytes, at) {
            const result = readEchoes(bytes, at, count, packetBytes)
            const packets = Array.from({ length: watched ? count : 0 }, (_, i) =>
              readWatched(bytes, at + i * packetBytes),
            )
            to(place, watched ? { ...result, packets } : result)
          },
          failed: (place, problem) => to(place, { kind: 'notSent', problem }),
        },
        signal,
      )
    },
    close: () => sender.close(),
  }
}
