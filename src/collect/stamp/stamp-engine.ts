import type { Burst } from '../../model/reading.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { BurstWatch, SeenStamp } from '../burst-watch.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import { type Echo, stampBurst } from './stamp-burst.ts'

export interface StampSettings {
  /** Packets in a burst. */
  readonly count: number
  /** How long each packet is waited for. */
  readonly timeoutMs: number
  /** Time between two packets of a burst. */
  readonly spacingMs: number
  /** Differentiated services code point of the packets (RFC 2474), 0..63. Default: 0. */
  readonly dscp?: number
}

export interface StampEngineDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
  readonly watchBurst?: BurstWatch
}

/** Where a reflector is. */
export interface Aim {
  readonly address: string
  readonly port: number
  /** The reflector counts its own packets. */
  readonly stateful: boolean
}

/** What one burst came to. */
export type StampOutcome =
  | { readonly outcome: 'answered' | 'timeout'; readonly burst: Burst }
  /** This host could not send; nothing is known about the other. */
  | { readonly outcome: 'notSent'; readonly problem: string }

/** What sends STAMP packets for us. */
export interface StampEngine {
  /** What runs and what it is allowed to do, for people. */
  readonly description: string
  /**
   * Sends a burst to each reflector and calls `deliver` once for each, with its place. Resolves when all are delivered, or
   * earlier on abort; never rejects.
   */
  burst(
    aims: readonly Aim[],
    deliver: (place: number, outcome: StampOutcome) => void,
    signal: AbortSignal,
  ): Promise<void>
  close(): Promise<void>
}

/**
 * Whether a stateful reflector has to be sent one more packet, which is no part of the burst: when the last one was lost,
 * nobody could tell otherwise where.
 */
export const isUnresolved = (echoes: readonly Echo[], { stateful }: Aim): boolean =>
  stateful && echoes.some((echo) => echo.fate === 'answered') && echoes.at(-1)?.fate === 'lost'

export function stampOutcome(
  echoes: readonly Echo[],
  context: Parameters<typeof stampBurst>[1],
): StampOutcome {
  const burst = stampBurst(echoes, context)
  const answered = echoes.some((echo) => echo.fate === 'answered')
  if (burst.sent > 0) return { outcome: answered ? 'answered' : 'timeout', burst }
  const failed = echoes.find((echo) => echo.fate === 'notSent')
  return { outcome: 'notSent', problem: failed?.problem ?? 'nothing was sent' }
}

/** For people who look: a packet, with what an engine tells of it besides. */
export function seenStamp({ address, port }: Aim, echo: Echo, more: Partial<SeenStamp> = {}): SeenStamp {
  const base = { probe: 'stamp', address, port, ...more } as const
  if (echo.fate === 'notSent') return { ...base, fate: 'notSent', problem: echo.problem }
  if (echo.fate === 'lost') return { sequence: echo.sequence, ...base, fate: 'lost' }
  const { sequence, rttMs, reflectorSequence } = echo
  const { sentAt, reachedAt, reflectedAt, answeredAt } = more
  const hasTimes =
    sentAt !== undefined && reachedAt !== undefined && reflectedAt !== undefined && answeredAt !== undefined
  const delays = hasTimes ? { forwardMs: reachedAt - sentAt, backwardMs: answeredAt - reflectedAt } : {}
  return { sequence, ...base, fate: 'answered', rttMs, reflectorSequence, ...delays }
}
