const longest = 255
const space = 0x20

/**
 * Text from a device: UTF-8, else Latin-1; control characters and line ends become a space, invisible format
 * characters (which can reorder a line on the screen) go; at most 255 characters. It is still hostile text.
 */
export function deviceText(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (isPlain(bytes, start, end))
    return Buffer.isBuffer(bytes)
      ? bytes.toString('latin1', start, end)
      : Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
  const own = bytes.subarray(start, end)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(own)
  } catch {
    text = new TextDecoder('latin1').decode(own)
  }
  const plain = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cf}+/gu, '')
    .trim()
  // The cut must not leave half of a surrogate pair behind.
  return plain.length <= longest ? plain : plain.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '')
}

/** Whether nothing need be done to these bytes: printable ASCII with no space at an end, as almost all texts are. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > longest || (end > start && (bytes[start] === space || bytes[end - 1] === space)))
    return false
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0
    if (byte < space || byte > 126) return false
  }
  return true
}
