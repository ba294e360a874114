/** What breaks a line or turns the reading direction of what follows. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu
const longest = 200

/**
 * Why a poll failed, as one line of at most 200 characters for a sentence, a log line or the API. It may quote what a
 * device sent, so it is still hostile text: not escaped.
 */
export function problemText(problem: string): string {
  const plain = [...problem.toWellFormed().replace(unprintable, ' ').trim()]
  return plain.length <= longest ? plain.join('') : `${plain.slice(0, longest - 1).join('')}…`
}
