import { crc32 } from 'node:zlib'

/**
 * A frame is what the spool writes, reads and trusts as one: 16 bytes of header (little endian: mark, length of the
 * payload, rows in it, CRC-32 of the two numbers and the payload) and the payload. The CRC covers everything but the mark,
 * so a cut or flipped byte anywhere is seen; the mark, which stands in no UTF-8 text, lets a reader find the next frame
 * behind a damaged one.
 */
export interface Frame {
  readonly payload: Buffer
  readonly rows: number
  /** Index after the frame. */
  readonly end: number
}

export const headerLength = 16
/** Larger than any frame that is written: bounds what a damaged length makes us read. */
export const mostPayload = 2 ** 22

const mark = Buffer.from([0xf1, 0x46, 0x4c, 0x53])

/** The header of a frame; the payload follows it. */
export function frameHeader(payload: Buffer, rows: number): Buffer {
  const header = Buffer.allocUnsafe(headerLength)
  mark.copy(header)
  header.writeUInt32LE(payload.length, 4)
  header.writeUInt32LE(rows, 8)
  header.writeUInt32LE(checksumOf(header, payload), 12)
  return header
}

/**
 * The frame that begins at `at`. `incomplete` when the bytes end before it does, with the length needed; `damaged` when
 * there is none.
 */
export function frameAt(bytes: Buffer, at: number): Frame | { readonly incomplete: number } | 'damaged' {
  const left = bytes.length - at
  if (bytes.compare(mark, 0, Math.min(left, mark.length), at, at + Math.min(left, mark.length)) !== 0)
    return 'damaged'
  if (left < headerLength) return { incomplete: headerLength }
  const length = bytes.readUInt32LE(at + 4)
  if (length > mostPayload) return 'damaged'
  const end = at + headerLength + length
  if (end > bytes.length) return { incomplete: end - at }
  const header = bytes.subarray(at, at + headerLength)
  const payload = bytes.subarray(at + headerLength, end)
  if (header.readUInt32LE(12) !== checksumOf(header, payload)) return 'damaged'
  return { payload, rows: header.readUInt32LE(8), end }
}

/** Where the next whole frame begins, at `from` or later; undefined when there is none in these bytes. */
export function findFrame(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(mark, from); at !== -1; at = bytes.indexOf(mark, at + 1)) {
    const found = frameAt(bytes, at)
    if (found !== 'damaged' && 'payload' in found) return at
  }
  return undefined
}

const checksumOf = (header: Buffer, payload: Buffer): number => crc32(payload, crc32(header.subarray(4, 12)))
