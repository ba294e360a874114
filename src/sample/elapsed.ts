import type { SystemGroup } from '../model/reading.ts'

/** When an agent was read: by our clock, and by its own. */
export interface ReadAt {
  /** The poll began then, and took so long. */
  readonly at: number
  readonly durationMs: number
  readonly system: Pick<SystemGroup, 'upTimeTicks' | 'engineBoots'>
}

export type Elapsed =
  /** A whole number of milliseconds above 0, and whether both clocks tell it. */
  | { readonly kind: 'running'; readonly elapsedMs: number; readonly agrees: boolean }
  /** The agent started anew between the two. */
  | { readonly kind: 'restarted' }
  /** The second is not later than the first. */
  | { readonly kind: 'outOfOrder' }

/** TimeTicks are 32 bits of hundredths of a second: 497 days. */
const ticksSize = 2 ** 32
const msPerTick = 10
/** Some clocks show no less. */
const coarseMs = 500

/**
 * The time between two readings of one agent. Its own clock (sysUpTime) is read beside the counters, so it is taken
 * where it agrees with ours; where it does not, ours is. sysUpTime falls at a restart and every 497 days: it is a wrap
 * only when snmpEngineBoots is there, unchanged, and the clocks agree (RFC 3418, RFC 3411). An agent that is no older
 * than the gap may have started in it, however well its clock fits: two starts in a row look like none.
 */
export function elapsedBetween(previous: ReadAt, current: ReadAt): Elapsed {
  const polledMs = Math.round(current.at - previous.at)
  if (polledMs <= 0) return { kind: 'outOfOrder' }
  // The answer came at some moment of the poll; the rest is for a clock that is coarse or runs a little wrong.
  const slackMs = coarseMs + polledMs * 0.1
  const agrees = (toldMs: number) =>
    toldMs > 0 &&
    toldMs >= polledMs - previous.durationMs - slackMs &&
    toldMs <= polledMs + current.durationMs + slackMs
  const { upTimeTicks: before, engineBoots: bootsBefore } = previous.system
  const { upTimeTicks: now, engineBoots: boots } = current.system
  const knowsBoots = bootsBefore !== undefined && boots !== undefined
  if (knowsBoots && boots !== bootsBefore) return { kind: 'restarted' }
  if (now < before) {
    const wrappedMs = (now - before + ticksSize) * msPerTick
    return knowsBoots && agrees(wrappedMs)
      ? { kind: 'running', elapsedMs: wrappedMs, agrees: true }
      : { kind: 'restarted' }
  }
  const toldMs = (now - before) * msPerTick
  const isYoung = now * msPerTick <= polledMs + current.durationMs + coarseMs
  if (toldMs > 0 && isYoung && !knowsBoots) return { kind: 'restarted' }
  if (agrees(toldMs)) return { kind: 'running', elapsedMs: toldMs, agrees: true }
  // There are agents whose engineBoots never moves.
  if (toldMs > 0 && now * msPerTick < polledMs - slackMs) return { kind: 'restarted' }
  return { kind: 'running', elapsedMs: polledMs, agrees: false }
}
