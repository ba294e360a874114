import type { Instability } from '../model/alarm.ts'

/** When a (resource, type) counts as flapping (route flap damping, RFC 2439, for alarms). */
export interface FlappingSettings {
  /** Added at each raise and at each clear. */
  readonly penalty: number
  /** Flapping begins at this penalty and ends below `reuse`. */
  readonly suppress: number
  readonly reuse: number
  readonly halfLifeMs: number
  /** However restless it was, it is stable after so long without a change, ms: the penalty grows no further. */
  readonly maxMs: number
}

/** Three raises within about ten minutes; over after 18 to 60 minutes without a change. */
export const usualFlapping: FlappingSettings = {
  penalty: 1_000,
  suppress: 4_000,
  reuse: 2_000,
  halfLifeMs: 15 * 60_000,
  maxMs: 60 * 60_000,
}

/** What is left of the penalty. A clock that was set back takes nothing off. */
export const penaltyAt = (
  instability: Instability | undefined,
  now: number,
  { halfLifeMs }: FlappingSettings,
): number =>
  instability === undefined ? 0 : instability.penalty * 2 ** (-Math.max(0, now - instability.at) / halfLifeMs)

/** After one more raise or clear. */
export function disturbed(
  before: Instability | undefined,
  now: number,
  settings: FlappingSettings,
): Instability {
  const most = Math.max(settings.suppress, settings.reuse * 2 ** (settings.maxMs / settings.halfLifeMs))
  return { penalty: Math.min(most, penaltyAt(before, now, settings) + settings.penalty), at: now }
}

/** Of so little nothing is remembered. */
const leastPenalty = ({ reuse, penalty }: FlappingSettings): number => Math.min(reuse, penalty) / 2

export const isForgotten = (
  instability: Instability | undefined,
  now: number,
  settings: FlappingSettings,
): boolean => penaltyAt(instability, now, settings) < leastPenalty(settings)

/** What was cleared before that time is forgotten by now. */
export const restlessSince = (now: number, settings: FlappingSettings): number =>
  now - settings.maxMs - settings.halfLifeMs * Math.log2(settings.reuse / leastPenalty(settings))
