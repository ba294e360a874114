import { messageOf } from '../../platform/errors.ts'
import { answerTimes } from './answer-times.ts'
import type { NtpTime } from './ntp-time.ts'
import { OpenBurst } from './open-burst.ts'
import { answerLayout, encodeSenderPacket, ownErrorEstimate } from './packet.ts'
import type { AnswerMark, Echo } from './stamp-burst.ts'

/** Why an answer was not taken; the label of the metric. */
export type Refusal = 'malformed' | 'source' | 'late' | 'mismatch'

export interface StampSessionDeps {
  readonly monotonicMs: () => number
  /** The time stamp on the wire for a monotonic time. */
  readonly stampOf: (monotonicMs: number) => NtpTime
  /** Calls back with what went wrong, or throws. */
  readonly send: (packet: Buffer, done: (error: Error | null) => void) => void
  /** Each answer must come within this. */
  readonly timeoutMs: number
}

/** A burst that is being sent. */
export interface SentBurst {
  /** Sends the next of its packets. */
  send(): void
  /** What is still awaited is lost. */
  expire(): void
  /** Resolves when the fate of each of its packets is known; never rejects. */
  readonly echoes: Promise<readonly Echo[]>
}

/** All packets to one reflector, at one address and port: they share a row of sequence numbers. */
export interface StampSession {
  open(count: number): SentBurst
  /** Takes an answer, of full length, if it belongs to a packet that is still awaited and echoes its time stamp. */
  accept(answer: Buffer, arrivedAtMs: number): Refusal | undefined
  /** The numbers of the latest answer. */
  last(): AnswerMark | undefined
}

export function createStampSession(deps: StampSessionDeps): StampSession {
  const { monotonicMs, stampOf, send, timeoutMs } = deps
  const awaited = new Map<number, OpenBurst>()
  let next = 0
  let last: AnswerMark | undefined

  const forget = (sequence: number, burst: OpenBurst) => {
    // The number may have passed to a later packet.
    if (awaited.get(sequence) === burst && burst.awaited(sequence) < 0) awaited.delete(sequence)
  }

  function transmit(burst: OpenBurst): void {
    const sequence = next
    next = (next + 1) >>> 0
    const sentAtMs = monotonicMs()
    const index = burst.add(sequence, sentAtMs)
    awaited.set(sequence, burst)
    const notSent = (error: unknown) => {
      // A number that never left must not look like a packet that was lost.
      if (next === (sequence + 1) >>> 0) next = sequence
      if (burst.failed(index, messageOf(error))) forget(sequence, burst)
    }
    const packet = { sequence, timestamp: stampOf(sentAtMs), errorEstimate: ownErrorEstimate }
    try {
      send(encodeSenderPacket(packet), (error) => {
        if (error) notSent(error)
      })
    } catch (error) {
      notSent(error)
    }
  }

  return {
    open(count) {
      const { promise: over, resolve } = Promise.withResolvers<void>()
      const burst = new OpenBurst(count, resolve)
      return {
        send: () => transmit(burst),
        expire() {
          for (const sequence of burst.giveUp()) forget(sequence, burst)
        },
        echoes: over.then(() => burst.echoes()),
      }
    },

    accept(answer, arrivedAtMs) {
      const sequence = answer.readUInt32BE(answerLayout.senderSequence)
      const burst = awaited.get(sequence)
      const index = burst?.awaited(sequence) ?? -1
      if (burst === undefined || index < 0) return 'late'
      const sentAtMs = burst.sentAtMs(index)
      if (stampOf(sentAtMs) !== answer.readBigUInt64BE(answerLayout.senderTimestamp)) return 'mismatch'
      const elapsed = arrivedAtMs - sentAtMs
      if (elapsed > timeoutMs) return 'late'
      const { dwellMs, receivedMs, sentMs } = answerTimes(answer)
      const reflectorSequence = answer.readUInt32BE(answerLayout.sequence)
      awaited.delete(sequence)
      last = { sequence, reflectorSequence }
      burst.answered(index, {
        // A dwell that cannot be (a coarse clock at the other side, or one that was set) is not believed.
        rttMs: dwellMs >= 0 && dwellMs < elapsed ? elapsed - dwellMs : elapsed,
        forwardMs: receivedMs === 0 ? Number.NaN : receivedMs - sentAtMs,
        backwardMs: arrivedAtMs - sentMs,
        reflectorSequence,
      })
      return undefined
    },

    last: () => last,
  }
}
