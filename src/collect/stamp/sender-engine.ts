import { isIPv6, SocketAddress } from 'node:net'
import { openSender, type SenderDeps } from '../sender/open-sender.ts'
import { describeSockets } from '../sender/sender-records.ts'
import { ntpToUnixMs } from './ntp-time.ts'
import { packetBytes } from './packet.ts'
import { readSenderStamp, type SenderStamp, stampRecordBytes } from './sender-stamp.ts'
import type { AnswerMark, Echo } from './stamp-burst.ts'
import {
  type Aim,
  isUnresolved,
  type StampEngine,
  type StampEngineDeps,
  type StampOutcome,
  type StampSettings,
  seenStamp,
  stampOutcome,
} from './stamp-engine.ts'

export type SenderEngineDeps = StampEngineDeps & Pick<SenderDeps, 'perl'>

/** All packets to one reflector, at one address and port. */
interface Session {
  /** The number of its next packet on the wire. */
  wire: number
  /** How many packets left. Loss is told apart by these: a number that never left must not look like a lost packet. */
  left: number
  /** The latest answer, and the process whose it is: to another one's port a reflector counts anew. */
  last: (AnswerMark & { readonly sender: number }) | undefined
  /** Bursts under way: where several are, their packets mix, and nothing is known of the ways. */
  readonly bursts: Set<OpenBurst>
}

interface OpenBurst {
  readonly aim: Aim
  readonly place: number
  readonly session: Session
  readonly before: Session['last']
  isMixed: boolean
  echoes: readonly Echo[]
  sender: number
}

/** An IPv6 address has many spellings. */
function keyOf({ address, port }: Aim): string {
  if (!isIPv6(address)) return `${address}/${port}`
  const [bare = '', zone = ''] = address.split('%')
  return `${new SocketAddress({ address: bare, family: 'ipv6' }).address}%${zone}/${port}`
}

/**
 * STAMP by a sender of our own (`sender/burst-sender.pl`): answers are timed by the kernel, however busy this machine is.
 * Resolves with why not, when it may not run here.
 */
export async function openSenderEngine(
  settings: StampSettings,
  { watchBurst, ...deps }: SenderEngineDeps,
): Promise<StampEngine | string> {
  const { count, timeoutMs, spacingMs, dscp = 0 } = settings
  const sender = await openSender(
    {
      packets: 'stamp',
      count,
      timeoutMs,
      spacingMs,
      dscp,
      sizeBytes: packetBytes,
      kinds: ['udp'],
      watched: false,
    },
    stampRecordBytes,
    deps,
  )
  if (typeof sender === 'string') return sender
  const sessions = new Map<string, Session>()

  function begin(aim: Aim, place: number): OpenBurst {
    const key = keyOf(aim)
    const session = sessions.get(key) ?? { wire: 0, left: 0, last: undefined, bursts: new Set() }
    sessions.set(key, session)
    const burst = { aim, place, session, before: session.last, isMixed: false, echoes: [], sender: 0 }
    session.bursts.add(burst)
    if (session.bursts.size > 1) for (const one of session.bursts) one.isMixed = true
    return burst
  }

  /** A target as the sender wants it; the numbers of so many packets are taken. */
  function targetOf({ aim, session }: OpenBurst, packets: number): string {
    const first = session.wire
    session.wire = (first + packets) % 2 ** 32
    return `${aim.address}/${aim.port}/${first}`
  }

  /** Numbers the packets that left, and keeps the latest answer. */
  function number(burst: OpenBurst, packets: readonly SenderStamp[], pid: number): readonly Echo[] {
    const { session } = burst
    if (session.last?.sender !== pid) session.last = undefined
    burst.sender = pid
    return packets.map(({ echo, left }) => {
      const numbered = left ? { ...echo, sequence: session.left++ % 2 ** 32 } : echo
      if (numbered.fate === 'answered') session.last = { ...numbered, sender: pid }
      return numbered
    })
  }

  const readAll = (bytes: Buffer, at: number, packets: number) =>
    Array.from({ length: packets }, (_, i) => readSenderStamp(bytes, at + i * stampRecordBytes))

  function watch({ aim, echoes }: OpenBurst, packets: readonly SenderStamp[]): void {
    for (const [i, echo] of echoes.entries()) {
      const packet = packets[i]
      if (packet === undefined) continue
      const { wireSequence, sentMs, ttl, ttlThere, reachedAt, reflectedAt } = packet
      watchBurst?.(
        seenStamp(aim, echo, {
          ...(packet.left ? { sequence: wireSequence, sentAt: ntpToUnixMs(sentMs) } : {}),
          ...(reachedAt === undefined ? {} : { reachedAt }),
          ...(reflectedAt === undefined ? {} : { reflectedAt }),
          ...(packet.elapsedMs === undefined ? {} : { answeredAt: ntpToUnixMs(sentMs + packet.elapsedMs) }),
          ...(ttl > 0 ? { ttl } : {}),
          ...(ttlThere > 0 ? { ttlThere } : {}),
        }),
      )
    }
  }

  /** What came of it, with the one packet more that was sent after it. */
  function outcomeOf(burst: OpenBurst, closing?: Echo): StampOutcome {
    const { session, before, echoes, isMixed, aim } = burst
    session.bursts.delete(burst)
    // A packet more that was mixed with others cannot be a fixed point for the next burst either.
    if (isMixed) session.last = undefined
    return stampOutcome(echoes, {
      stateful: aim.stateful && !isMixed,
      before: before?.sender === burst.sender ? before : undefined,
      after: closing?.fate === 'answered' ? closing : undefined,
      timeoutMs,
    })
  }

  return {
    description: `own sender, ${describeSockets(sender.facts)}, times of the kernel${dscp > 0 ? `, DSCP ${dscp}` : ''}`,
    async burst(aims, deliver, signal) {
      const bursts = aims.map(begin)
      const unresolved: OpenBurst[] = []
      await sender.burst(
        bursts.map((burst) => targetOf(burst, count)),
        count,
        {
          told(place, bytes, at, pid) {
            const burst = bursts[place]
            if (burst === undefined) return
            const packets = readAll(bytes, at, count)
            burst.echoes = number(burst, packets, pid)
            if (watchBurst !== undefined) watch(burst, packets)
            if (isUnresolved(burst.echoes, burst.aim) && !burst.isMixed) unresolved.push(burst)
            else deliver(burst.place, outcomeOf(burst))
          },
          failed(place, problem) {
            const burst = bursts[place]
            if (burst === undefined) return
            burst.session.last = undefined
            deliver(burst.place, { outcome: 'notSent', problem })
          },
        },
        signal,
      )
      if (unresolved.length > 0 && !signal.aborted)
        await sender.burst(
          unresolved.map((burst) => targetOf(burst, 1)),
          1,
          {
            told(place, bytes, at, pid) {
              const burst = unresolved[place]
              if (burst === undefined) return
              const isSame = burst.sender === pid
              const [closing] = number(burst, readAll(bytes, at, 1), pid)
              deliver(burst.place, outcomeOf(burst, isSame ? closing : undefined))
            },
            failed(place) {
              const burst = unresolved[place]
              if (burst !== undefined) deliver(burst.place, outcomeOf(burst))
            },
          },
          signal,
        )
      // Untold, since it was ended: nobody knows how many of its packets left.
      for (const burst of bursts) if (burst.session.bursts.delete(burst)) burst.session.last = undefined
    },
    close: () => sender.close(),
  }
}
