import type { Clock } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { NtpTime } from './ntp-time.ts'
import { encodeSenderPacket, ownErrorEstimate, type ReflectorPacket } from './packet.ts'
import { type AnsweredEcho, dwellMs, type Echo } from './stamp-burst.ts'

/** Why an answer was not taken; the label of the metric. */
export type Refusal = 'malformed' | 'source' | 'late' | 'mismatch'

export interface StampSessionDeps {
  readonly clock: Clock
  readonly monotonicMs: () => number
  /** The time stamp on the wire for a monotonic time. */
  readonly stampOf: (monotonicMs: number) => NtpTime
  /** Calls back with what went wrong, or throws. */
  readonly send: (packet: Buffer, done: (error: Error | null) => void) => void
}

/** All packets to one reflector, at one address and port: they share a row of sequence numbers. */
export interface StampSession {
  /** Sends one packet and resolves when its fate is known; on abort, as lost. Never rejects. */
  echo(timeoutMs: number, signal: AbortSignal): Promise<Echo>
  /** Takes an answer if it belongs to a packet that is still awaited, and echoes its time stamp. */
  accept(answer: ReflectorPacket, arrivedAtMs: number): Refusal | undefined
  /** The answer to the latest packet that was answered. */
  last(): AnsweredEcho | undefined
}

/** A packet on its way. */
interface Awaited {
  readonly timestamp: NtpTime
  readonly sentAtMs: number
  readonly timeoutMs: number
  readonly settle: (echo: Echo) => void
}

export function createStampSession({ clock, monotonicMs, stampOf, send }: StampSessionDeps): StampSession {
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
        if (error !== null) notSent(error)
      })
    } catch (error) {
      notSent(error)
    }
  }

  return {
    echo(timeoutMs, signal) {
      const sequence = next
      next = (next + 1) >>> 0
      const { promise, resolve } = Promise.withResolvers<Echo>()
      const settled = new AbortController()
      const settle = (echo: Echo) => {
        // Once is enough: the slot may belong to a later packet by now.
        if (settled.signal.aborted) return
        awaited.delete(sequence)
        settled.abort()
        resolve(echo)
      }
      const sentAtMs = monotonicMs()
      const timestamp = stampOf(sentAtMs)
      awaited.set(sequence, { timestamp, sentAtMs, timeoutMs, settle })
      transmit(sequence, timestamp, settle)
      const waiting = AbortSignal.any([settled.signal, signal])
      void clock.sleep(timeoutMs, waiting).then(() => settle({ sequence, fate: 'lost' }))
      return promise
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
