import type { Burst } from '../../model/reading.ts'
import { elapsedMs, type NtpTime } from './ntp-time.ts'
import { inNanoseconds, type ReflectorPacket } from './packet.ts'

/** What became of one packet. */
export type Echo = { readonly sequence: number } & (
  | {
      readonly fate: 'answered'
      /** Without the reflector's dwell. */
      readonly rttMs: number
      /** When it left (T1) and when its answer came (T4), on this host's clock. */
      readonly sentAt: NtpTime
      readonly arrivedAt: NtpTime
      readonly answer: ReflectorPacket
    }
  | { readonly fate: 'lost' }
  | { readonly fate: 'notSent'; readonly problem: string }
)
export type AnsweredEcho = Extract<Echo, { fate: 'answered' }>

export interface BurstContext {
  /** The reflector counts its own packets. */
  readonly stateful: boolean
  /** The last answer before this burst and one after it, as fixed points for telling the ways apart. */
  readonly before?: AnsweredEcho | undefined
  readonly after?: AnsweredEcho | undefined
  readonly timeoutMs: number
}

const distance = (from: number, to: number) => (to - from) >>> 0

/**
 * Splits the lost packets into those lost on the way there and back. A stateful reflector numbers what reaches it
 * (RFC 8762 §4.2), so between two answers the gap in its numbers is what arrived, and the gap in ours is what was
 * sent. Undefined when no two answers enclose all that was lost, or when the numbers make no sense (the reflector
 * restarted).
 */
function lossByDirection(echoes: readonly Echo[], { before, after }: BurstContext) {
  const lost = echoes.filter((echo) => echo.fate === 'lost').length
  if (lost === 0) return { lostForward: 0, lostBackward: 0 }
  const first = echoes[0]
  const last = echoes.at(-1)
  if (first === undefined || last === undefined) return undefined
  if (distance(first.sequence, last.sequence) !== echoes.length - 1) return undefined

  const adjoining = before !== undefined && distance(before.sequence, first.sequence) === 1
  const opening = first.fate === 'answered' ? first : adjoining ? before : undefined
  const closing = last.fate === 'answered' ? last : after
  if (opening === undefined || closing === undefined) return undefined

  const sent = distance(opening.sequence, closing.sequence)
  const arrived = distance(opening.answer.sequence, closing.answer.sequence)
  const lostForward = sent - arrived
  if (lostForward < 0 || lostForward > lost) return undefined
  return { lostForward, lostBackward: lost - lostForward }
}

const meanStepMs = (delaysMs: readonly number[]) =>
  delaysMs.slice(1).reduce((sum, delay, i) => sum + Math.abs(delay - (delaysMs[i] ?? delay)), 0) /
  (delaysMs.length - 1)

/**
 * Mean absolute difference of the one-way delays of consecutive answers (RFC 3393). The two clocks differ by a constant
 * that cancels out. Undefined below two answers, without stamps, or when a clock was set during the burst: a step
 * beyond the time-out cannot be a delay.
 */
function jitterByDirection(answers: readonly AnsweredEcho[], timeoutMs: number) {
  if (answers.length < 2) return undefined
  // The stamps of the two sides may differ in format, so each side is compared with itself.
  const base = answers[0]
  if (base === undefined || answers.some(({ answer }) => answer.receivedAt === 0n)) return undefined
  const delays = (ours: 'sentAt' | 'arrivedAt', theirs: 'receivedAt' | 'timestamp', sign: 1 | -1) =>
    answers.map(
      (echo) =>
        sign *
        (elapsedMs(base.answer[theirs], echo.answer[theirs], lowerHalf(echo.answer)) -
          elapsedMs(base[ours], echo[ours])),
    )
  const jitterForwardMs = meanStepMs(delays('sentAt', 'receivedAt', 1))
  const jitterBackwardMs = meanStepMs(delays('arrivedAt', 'timestamp', -1))
  if (jitterForwardMs > timeoutMs || jitterBackwardMs > timeoutMs) return undefined
  return { jitterForwardMs, jitterBackwardMs }
}

const lowerHalf = (answer: ReflectorPacket) =>
  inNanoseconds(answer.errorEstimate) ? 'nanoseconds' : 'fraction'

/** Time that the reflector kept the packet (T3 - T2), ms. */
export const dwellMs = (answer: ReflectorPacket): number =>
  elapsedMs(answer.receivedAt, answer.timestamp, lowerHalf(answer))

/** What the packets of one burst tell together. `echoes` are in the order of sending. */
export function stampBurst(echoes: readonly Echo[], context: BurstContext): Burst {
  const sent = echoes.filter((echo) => echo.fate !== 'notSent')
  const answers = echoes.filter((echo) => echo.fate === 'answered')
  return {
    sent: sent.length,
    rttsMs: sent.map((echo) => (echo.fate === 'answered' ? echo.rttMs : null)),
    ...(context.stateful ? lossByDirection(sent, context) : undefined),
    ...jitterByDirection(answers, context.timeoutMs),
  }
}
