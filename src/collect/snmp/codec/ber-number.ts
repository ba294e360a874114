import { tags } from './tags.ts'

/** Content of an INTEGER, signed; NaN when it has no bytes or more than 32 bits. */
export function signedAt(bytes: Uint8Array, start: number, end: number): number {
  const size = end - start
  if (size < 1 || size > 4) return Number.NaN
  let value = (bytes[start] ?? 0) << 24
  value >>= 24
  for (let at = start + 1; at < end; at++) value = (value << 8) | (bytes[at] ?? 0)
  return value
}

/** Content of a 32-bit unsigned value; NaN when it has no bytes or does not fit. A leading zero is usual. */
export function unsignedAt(bytes: Uint8Array, start: number, end: number): number {
  const size = end - start
  if (size < 1 || size > 5 || (size === 5 && bytes[start] !== 0)) return Number.NaN
  let value = 0
  for (let at = start; at < end; at++) value = (value << 8) | (bytes[at] ?? 0)
  return value >>> 0
}

/** An integer, gauge, time or 32-bit counter; NaN for any other value. */
export function numberAt(bytes: Uint8Array, tag: number, start: number, end: number): number {
  if (tag === tags.counter32 || tag === tags.gauge32 || tag === tags.timeTicks)
    return unsignedAt(bytes, start, end)
  return tag === tags.integer ? signedAt(bytes, start, end) : Number.NaN
}

/** The 64 bits of a counter, in two halves. */
export interface Halves {
  low: number
  high: number
}

/**
 * Reads a counter of either width, exactly: Counter64 as 1 to 9 bytes, the ninth a leading zero; or a number that is
 * not negative. False for any other value, and `into` is then as it was.
 */
export function counterInto(
  into: Halves,
  bytes: Uint8Array,
  tag: number,
  start: number,
  end: number,
): boolean {
  if (tag === tags.counter64) {
    const size = end - start
    if (size < 1 || size > 9 || (size === 9 && bytes[start] !== 0)) return false
    let high = 0
    let low = 0
    const middle = end - 4
    for (let at = size === 9 ? start + 1 : start; at < middle; at++) high = (high << 8) | (bytes[at] ?? 0)
    for (let at = middle > start ? middle : start; at < end; at++) low = (low << 8) | (bytes[at] ?? 0)
    into.high = high >>> 0
    into.low = low >>> 0
    return true
  }
  const value = numberAt(bytes, tag, start, end)
  if (!(value >= 0)) return false
  into.high = 0
  into.low = value
  return true
}
