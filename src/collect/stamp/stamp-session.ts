import { messageOf } from '../../platform/errors.ts'
import type { NtpTime } from './ntp-time.ts'
import { encodeSenderPacket, ownErrorEstimate, type ReflectorPacket } from './packet.ts'
import { type AnsweredEcho, dwellMs, type Echo } from './stamp-burst.ts'

/** Why an answer was not taken; the label of the metric. */
export type Refusal = 'malformed' | 'source' | 'late' | 'mismatch'

export interface StampSessionDeps {
  readonly monotonicMs: () => number
  /** The time stamp on the wire for a monotonic time. */
  readonly stampOf: (monotonicMs: number) => NtpTime
  /** Calls back with what went wrong, or throws. */
  readonly send: (packet: Buffer, done: (error: Error | null) => void) => void
}

/** A packet on its way. */
export interface SentPacket {
  /** Never rejects; pending until it is answered, has failed, or is given up. */
  readonly echo: Promise<Echo>
  /** It counts as lost, unless its fate is known already. */
  giveUp(): void
}

/** All packets to one reflector, at one address and port: they share a row of sequence numbers. */
export interface StampSession {
  /** Sends one packet, whose answer must come within the time-out. */
  send(timeoutMs: number): SentPacket
  /** Takes an answer if it belongs to a packet that is still awaited, and echoes its time stamp. */
  accept(answer: ReflectorPacket, arrivedAtMs: number): Refusal | undefined
  /** The answer to the latest packet that was answered. */
  last(): AnsweredEcho | undefined
}

interface Awaited {
  readonly timestamp: NtpTime
  readonly sentAtMs: number
  readonly timeoutMs: number
  readonly settle: (echo: Echo) => void
}

export function createStampSession({ monotonicMs, stampOf, send }: StampSessionDeps): StampSession {
  const awaited = new Map<number, Awaited>()
  let next = 0
  let last: AnsweredEcho | undefined

  function transmit(sequence: number, timestamp: NtpTime, settle: Awaited['settle']): void {
    const notSent = (error: unknown) => {
      // A number that never left must not look like a packet that was lost.
      if (next === (sequence + 1) >>> 0) next = sequence
      settle({ sequence, fate: 'notSent', problem: messageOf(error) })
    }
    try {
      send(encodeSenderPacket({ sequence, timestamp, errorEstimate: ownErrorEstimate }), (error) => {
        if (error) notSent(error)
      })
    } catch (error) {
      notSent(error)
    }
  }

  return {
    send(timeoutMs) {
      const sequence = next
      next = (next + 1) >>> 0
      const { promise: echo, resolve } = Promise.withResolvers<Echo>()
      const sentAtMs = monotonicMs()
      const timestamp = stampOf(sentAtMs)
      const packet: Awaited = {
        timestamp,
        sentAtMs,
        timeoutMs,
        settle: (fate) => {
          // The number may have passed to a later packet.
          if (awaited.get(sequence) === packet) awaited.delete(sequence)
          resolve(fate)
        },
      }
      awaited.set(sequence, packet)
      transmit(sequence, timestamp, packet.settle)
      return { echo, giveUp: () => packet.settle({ sequence, fate: 'lost' }) }
    },

    accept(answer, arrivedAtMs) {
      const { sequence } = answer.sender
      const packet = awaited.get(sequence)
      if (packet === undefined) return 'late'
      if (packet.timestamp !== answer.sender.timestamp) return 'mismatch'
      const elapsed = arrivedAtMs - packet.sentAtMs
      if (elapsed > packet.timeoutMs) return 'late'
      const dwell = dwellMs(answer)
      last = {
        sequence,
        fate: 'answered',
        // A dwell that cannot be (a coarse clock at the other side, or one that was set) is not believed.
        rttMs: dwell >= 0 && dwell < elapsed ? elapsed - dwell : elapsed,
        sentAt: packet.timestamp,
        arrivedAt: stampOf(arrivedAtMs),
        answer,
      }
      packet.settle(last)
      return undefined
    },

    last: () => last,
  }
}
