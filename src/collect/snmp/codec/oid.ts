/** An object identifier as the content of its BER field, within some bytes. */
export interface OidRange {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

const mostArcs = 128
const largestArc = 2 ** 32 - 1

/** Encodes numbers with dots. Throws RangeError for what is no OID: OIDs of ours are constants. */
export function encodeOid(dotted: string): Uint8Array {
  const arcs = dotted.split('.').map(Number)
  const [first = -1, second = -1, ...rest] = arcs
  const fits = arcs.every((arc) => Number.isInteger(arc) && arc >= 0 && arc <= largestArc)
  if (!fits || arcs.length < 2 || arcs.length > mostArcs || first > 2 || (first < 2 && second > 39))
    throw new RangeError(`not an object identifier: ${dotted}`)
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    let size = 1
    while (arc >= 128 ** size) size++
    for (; size > 1; size--) bytes.push((Math.floor(arc / 128 ** (size - 1)) & 127) | 128)
    bytes.push(arc & 127)
  }
  return Uint8Array.from(bytes)
}

export const oidRange = (dotted: string): OidRange => {
  const bytes = encodeOid(dotted)
  return { bytes, start: 0, end: bytes.length }
}

/** An OID with one more arc, 0 to 2^32 - 1. */
export function withArc({ bytes, start, end }: OidRange, arc: number): OidRange {
  let size = 1
  while (arc >= 128 ** size) size++
  const made = new Uint8Array(end - start + size)
  made.set(bytes.subarray(start, end))
  let rest = arc
  for (let at = made.length - 1; size > 0; at--, size--) {
    made[at] = (rest % 128) | (at === made.length - 1 ? 0 : 128)
    rest = Math.floor(rest / 128)
  }
  return { bytes: made, start: 0, end: made.length }
}

/** Numbers with dots; empty for bytes that are no OID. */
export function oidText(bytes: Uint8Array, start: number, end: number): string {
  if (start >= end || ((bytes[end - 1] ?? 0) & 128) !== 0) return ''
  const arcs: number[] = []
  let arc = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    arc = arc * 128 + (byte & 127)
    if (byte & 128) {
      if (arc > largestArc) return ''
      continue
    }
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(arc / 40))
      arcs.push(first, arc - first * 40)
    } else arcs.push(arc)
    if (arcs.length > mostArcs) return ''
    arc = 0
  }
  return arcs.join('.')
}

/** Whether one begins with all of the other and goes on. */
export function isUnder(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  const { length } = prefix
  if (end - start <= length) return false
  // Columns of one table differ in their last arc.
  for (let i = length - 1; i >= 0; i--) if (bytes[start + i] !== prefix[i]) return false
  return true
}

/** Whether an OID comes after another in the order of the MIB: by arc, not by byte (RFC 3416 §4.2.2). */
export function comesAfter(bytes: Uint8Array, start: number, end: number, previous: OidRange): boolean {
  let i = start
  let j = previous.start
  while (j < previous.end) {
    if (i >= end) return false
    let next = 0
    let before = 0
    let byte = 0
    do {
      byte = bytes[i++] ?? 0
      next = next * 128 + (byte & 127)
    } while (byte > 127 && i < end)
    do {
      byte = previous.bytes[j++] ?? 0
      before = before * 128 + (byte & 127)
    } while (byte > 127 && j < previous.end)
    if (next !== before) return next > before
  }
  return i < end
}
