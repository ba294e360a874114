/** Why a counter gave no rate. */
export type CounterRefusal =
  /** The counter fell, and a wrap does not explain it: it was reset. */
  | 'reset'
  /** A 32-bit counter may have wrapped more than once in that time at that speed. */
  | 'ambiguous-wrap'
  /** More than the interface can carry. */
  | 'above-speed'

/** What a delta that there is none of is instead: no counter moves by less than nothing. */
export const noDelta = { reset: -1, 'ambiguous-wrap': -2, 'above-speed': -3 } as const satisfies Record<
  CounterRefusal,
  number
>

export const refusalOf = (delta: number): CounterRefusal =>
  delta === noDelta.reset ? 'reset' : delta === noDelta['above-speed'] ? 'above-speed' : 'ambiguous-wrap'

/** How much a counter can have moved is not known. */
export const unknownMost = -1

const half = 2 ** 32

/**
 * What a counter moved by, modulo its width; below 0 one of `noDelta`. Counters come in two halves of 32 bits. `most` is
 * how much it can have moved at all in that time. A wrap is one wrap, and only when the movement that it means is
 * possible; else there is no value. Exact up to 2^53, and to one part in 2^52 beyond.
 */
export function counterDelta(
  previousLow: number,
  previousHigh: number,
  low: number,
  high: number,
  width: 32 | 64,
  most: number,
): number {
  const size = width === 32 ? half : half * half
  // The counter could go round without our seeing it, so not even a rise can be believed.
  if (most >= size) return noDelta['ambiguous-wrap']
  // Halves are taken apart first: each difference is exact.
  const delta = (high - previousHigh) * half + (low - previousLow)
  if (delta >= 0) return most !== unknownMost && delta > most ? noDelta['above-speed'] : delta
  if (most === unknownMost) return noDelta.reset
  const wrapped = width === 32 ? delta + half : (high - previousHigh + half) * half + (low - previousLow)
  return wrapped > most ? noDelta.reset : wrapped
}
