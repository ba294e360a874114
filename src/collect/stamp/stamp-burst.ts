import type { Burst } from '../../model/reading.ts'

/** The numbers that an answer ties together: ours, and the reflector's own if it is stateful. */
export interface AnswerMark {
  readonly sequence: number
  readonly reflectorSequence: number
}

/** What became of one packet. */
export type Echo = { readonly sequence: number } & (
  | (AnswerMark & {
      readonly fate: 'answered'
      /** Without the reflector's dwell. */
      readonly rttMs: number
      /**
       * One-way delays, each off by the same difference of two clocks that nobody knows; NaN where the reflector does
       * not tell when it received.
       */
      readonly forwardMs: number
      readonly backwardMs: number
    })
  | { readonly fate: 'lost' }
  | { readonly fate: 'notSent'; readonly problem: string }
)
export type AnsweredEcho = Extract<Echo, { fate: 'answered' }>

export interface BurstContext {
  /** The reflector counts its own packets. */
  readonly stateful: boolean
  /** The last answer before this burst and one after it, as fixed points for telling the ways apart. */
  readonly before?: AnswerMark | undefined
  readonly after?: AnswerMark | undefined
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
  const arrived = distance(opening.reflectorSequence, closing.reflectorSequence)
  const lostForward = sent - arrived
  if (lostForward < 0 || lostForward > lost) return undefined
  return { lostForward, lostBackward: lost - lostForward }
}

const meanStepMs = (delaysMs: readonly number[]) =>
  delaysMs.slice(1).reduce((sum, delay, i) => sum + Math.abs(delay - (delaysMs[i] ?? delay)), 0) /
  (delaysMs.length - 1)

/**
 * Mean absolute difference of the one-way delays of consecutive answers (RFC 3393). The two clocks differ by a constant
 * that cancels out. Undefined below two answers, without stamps, or when a clock was set during the burst (or the
 * format wrapped): a step beyond the time-out cannot be a delay.
 */
function jitterByDirection(answers: readonly AnsweredEcho[], timeoutMs: number) {
  if (answers.length < 2) return undefined
  const jitterForwardMs = meanStepMs(answers.map((echo) => echo.forwardMs))
  const jitterBackwardMs = meanStepMs(answers.map((echo) => echo.backwardMs))
  if (!(jitterForwardMs <= timeoutMs && jitterBackwardMs <= timeoutMs)) return undefined
  return { jitterForwardMs, jitterBackwardMs }
}

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
