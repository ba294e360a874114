import { noRoom, readFate } from '../sender/sender-records.ts'
import { answerTimes } from './answer-times.ts'
import { answerLayout } from './packet.ts'
import type { Echo } from './stamp-burst.ts'

/** What the sender tells of a packet: its fate, its own first bytes, those of its answer, and hops there and here. */
export const stampRecordBytes = 44

const layout = { sequence: 4, sentSeconds: 8, sentFraction: 12, answer: 16, hopsThere: 40, hops: 41 } as const

/** One packet that the sender tells of. */
export interface SenderStamp {
  /** With a sequence of 0: who knows the session numbers the packets that left. */
  readonly echo: Echo
  /** Whether it left, though nothing may be known of its answer. */
  readonly left: boolean
  /** The number in the packet. */
  readonly wireSequence: number
  /** On our clock, ms since 1900. */
  readonly sentMs: number
  /** Until its answer came; undefined without one. */
  readonly elapsedMs: number | undefined
  readonly ttl: number
  readonly ttlThere: number
  /** On the clock of the reflector, UTC epoch ms; undefined where it does not tell, or there was no answer. */
  readonly reachedAt: number | undefined
  readonly reflectedAt: number | undefined
}

/** Milliseconds of a fraction of a second in 32 bits. */
const fractionMs = (fraction: number) => (fraction / 2 ** 32) * 1_000

export function readSenderStamp(bytes: Buffer, at: number): SenderStamp {
  const fate = readFate(bytes.readUInt32LE(at))
  const sentMs =
    bytes.readUInt32BE(at + layout.sentSeconds) * 1_000 +
    fractionMs(bytes.readUInt32BE(at + layout.sentFraction))
  const own = { wireSequence: bytes.readUInt32BE(at + layout.sequence), sentMs, left: true }
  const unheard = {
    ...own,
    elapsedMs: undefined,
    ttl: 0,
    ttlThere: 0,
    reachedAt: undefined,
    reflectedAt: undefined,
  }
  if (fate === null) return { ...unheard, echo: { sequence: 0, fate: 'lost' } }
  if (typeof fate === 'string')
    return { ...unheard, left: fate === noRoom, echo: { sequence: 0, fate: 'notSent', problem: fate } }
  const answer = bytes.subarray(at + layout.answer, at + layout.hopsThere)
  const { dwellMs, receivedMs, sentMs: reflectedMs, reachedAt, reflectedAt } = answerTimes(answer)
  return {
    ...own,
    elapsedMs: fate,
    ttl: bytes.readUInt8(at + layout.hops),
    ttlThere: bytes.readUInt8(at + layout.hopsThere),
    reachedAt,
    reflectedAt,
    echo: {
      sequence: 0,
      fate: 'answered',
      // A dwell that cannot be (a coarse clock at the other side, or one that was set) is not believed.
      rttMs: dwellMs >= 0 && dwellMs < fate ? fate - dwellMs : fate,
      forwardMs: receivedMs === 0 ? Number.NaN : receivedMs - sentMs,
      backwardMs: sentMs + fate - reflectedMs,
      reflectorSequence: answer.readUInt32BE(answerLayout.sequence),
    },
  }
}
