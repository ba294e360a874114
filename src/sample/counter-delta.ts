/** Why a counter gave no rate. */
export type CounterRefusal =
  /** The counter fell, and a wrap does not explain it: it was reset. */
  | 'reset'
  /** A 32-bit counter may have wrapped more than once in that time at that speed. */
  | 'ambiguous-wrap'
  /** More than the interface can carry. */
  | 'above-speed'

export type CounterDelta =
  | { readonly delta: bigint; readonly refused?: never }
  | { readonly refused: CounterRefusal }

/**
 * What a counter moved by, modulo its width. `most` is how much it can have moved at all in that time, undefined when
 * that is not known. A wrap is one wrap, and only when the movement that it means is possible; else there is no value.
 */
export function counterDelta(
  previous: bigint,
  current: bigint,
  width: 32 | 64,
  most: bigint | undefined,
): CounterDelta {
  const size = 1n << BigInt(width)
  // The counter could go round without our seeing it, so not even a rise can be believed.
  if (most !== undefined && most >= size) return { refused: 'ambiguous-wrap' }
  if (current >= previous) {
    const delta = current - previous
    return most !== undefined && delta > most ? { refused: 'above-speed' } : { delta }
  }
  if (most === undefined) return { refused: 'reset' }
  const wrapped = current - previous + size
  return wrapped > most ? { refused: 'reset' } : { delta: wrapped }
}
