import { type LowerHalf, lowerHalfMs } from './ntp-time.ts'
import { answerLayout, inNanoseconds } from './packet.ts'

export interface AnswerTimes {
  /** Time that the reflector kept the packet (T3 - T2), ms; negative when its clock was set back. */
  readonly dwellMs: number
  /** When it received and sent (T2, T3), ms on its clock since its epoch; 0 where it does not tell T2. */
  readonly receivedMs: number
  readonly sentMs: number
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
  return {
    // As signed 32 bits, so that it is right across the wrap of the seconds (2036 for NTP).
    dwellMs: ((sentSeconds - receivedSeconds) | 0) * 1_000 + (sentRest - receivedRest),
    receivedMs: receivedSeconds * 1_000 + receivedRest,
    sentMs: sentSeconds * 1_000 + sentRest,
  }
}
