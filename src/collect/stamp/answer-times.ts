import { type LowerHalf, lowerHalfMs, ntpToUnixMs } from './ntp-time.ts'
import { answerLayout, inNanoseconds } from './packet.ts'

export interface AnswerTimes {
  /** Time that the reflector kept the packet (T3 - T2), ms; negative when its clock was set back. */
  readonly dwellMs: number
  /** When it received and sent (T2, T3), ms on its clock since its epoch; 0 where it does not tell T2. */
  readonly receivedMs: number
  readonly sentMs: number
  /** The same as UTC epoch ms, as far as its clock is right; undefined where it does not tell. */
  readonly reachedAt: number | undefined
  readonly reflectedAt: number | undefined
}

/** What an answer of full length tells about times. */
export function answerTimes(answer: Buffer): AnswerTimes {
  const lowerHalf: LowerHalf = inNanoseconds(answer.readUInt16BE(answerLayout.errorEstimate))
    ? 'nanoseconds'
    : 'fraction'
  const receivedSeconds = answer.readUInt32BE(answerLayout.receivedAt)
  const sentSeconds = answer.readUInt32BE(answerLayout.timestamp)
  const receivedRest = lowerHalfMs(answer.readUInt32BE(answerLayout.receivedAt + 4), lowerHalf)
  const sentRest = lowerHalfMs(answer.readUInt32BE(answerLayout.timestamp + 4), lowerHalf)
  const receivedMs = receivedSeconds * 1_000 + receivedRest
  const sentMs = sentSeconds * 1_000 + sentRest
  const toUnix = (ms: number) => (ms === 0 ? undefined : lowerHalf === 'fraction' ? ntpToUnixMs(ms) : ms)
  return {
    // As signed 32 bits, so that it is right across the wrap of the seconds (2036 for NTP).
    dwellMs: ((sentSeconds - receivedSeconds) | 0) * 1_000 + (sentRest - receivedRest),
    receivedMs,
    sentMs,
    reachedAt: toUnix(receivedMs),
    reflectedAt: toUnix(sentMs),
  }
}
