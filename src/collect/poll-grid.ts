import type { ElementId } from '../model/network-element.ts'

/** An interval cut into equal slots. Slot n begins at n × slotMs of UTC, so a restart keeps everyone's time. */
export interface PollGrid {
  readonly slotMs: number
  readonly slots: number
}

/**
 * Batched probes get 10 slots an interval, so that one call serves many; others 600 at most, which spreads them evenly.
 * No slot is shorter than 100 ms, unless the interval is.
 */
export function pollGrid(intervalMs: number, batched: boolean): PollGrid {
  const slots = Math.max(1, Math.min(batched ? 10 : 600, Math.floor(intervalMs / 100)))
  return { slotMs: intervalMs / slots, slots }
}

export const slotAt = (grid: PollGrid, now: number): number => Math.floor(now / grid.slotMs)

/** The slot of an element within each interval: always the same, and evenly spread (FNV-1a, 32 bits). */
export function phaseOf(element: ElementId, slots: number): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(element)) hash = Math.imul(hash ^ byte, 0x01000193)
  // The low bits of FNV alone are poor for small moduli.
  hash ^= hash >>> 15
  return (hash >>> 0) % slots
}
