const longest = 255

/**
 * Text from a device: UTF-8, else Latin-1; control characters and line ends become a space, invisible format
 * characters (which can reorder a line on the screen) go; at most 255 characters. It is still hostile text.
 */
export function deviceText(bytes: Uint8Array): string {
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

/** The text of these bytes: `known` itself when they say the same, so that what is read again costs nothing. */
export function sameOrNewText(bytes: Uint8Array, start: number, end: number, known: string): string {
  return isText(bytes, start, end, known) ? known : deviceText(bytes.subarray(start, end))
}

/** Whether bytes are this text, all of it ASCII. */
function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[start + i] ?? 0
    if (byte > 126 || byte !== text.charCodeAt(i)) return false
  }
  return true
}
