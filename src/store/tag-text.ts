/** Longest text field kept, in UTF-16 units; longer text is cut, since people read it. Tags are identity: never cut. */
const mostText = 4_096

/**
 * A tag value as every store keeps and queries it. Line protocol cannot carry control characters, nor a backslash
 * before the comma that ends the tag, so the first become a space and trailing backslashes go. May end up empty.
 */
export function tagText(value: string): string {
  const text = oneLine(value).trimStart()
  let end = text.length
  while (end > 0 && (text[end - 1] === '\\' || text[end - 1] === ' ')) end--
  return end === text.length ? text : text.slice(0, end)
}

/** The value of a text field as every store keeps it: one line, well-formed, at most 4,096 characters. */
export const fieldText = (value: string): string =>
  oneLine(value.length > mostText ? value.slice(0, mostText) : value)

const oneLine = (value: string): string => {
  const wellFormed = value.isWellFormed() ? value : value.toWellFormed()
  return /\p{Cc}/u.test(wellFormed) ? wellFormed.replace(/\p{Cc}+/gu, ' ') : wellFormed
}
