const longest = 255
const space = 0x20

/**
 * Text from a device: UTF-8, else Latin-1; control characters and line ends become a space, invisible format
 * characters (which can reorder a line on the screen) go; at most 255 characters. It is still hostile text.
 */
export function deviceText(bytes: Uint8Array): string {
  if (isPlain(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    text = new TextDecoder('latin1').decode(bytes)
  }
  const plain = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cf}+/gu, '')
    .trim()
  // The cut must not leave half of a surrogate pair behind.
  return plain.length <= longest ? plain : plain.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '')
}

/** Whether nothing need be done to these bytes: printable ASCII with no space at an end, as almost all texts are. */
function isPlain(bytes: Uint8Array): boolean {
  const { length } = bytes
  if (length > longest || bytes[0] === space || bytes[length - 1] === space) return false
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] ?? 0
    if (byte < space || byte > 126) return false
  }
  return true
}
