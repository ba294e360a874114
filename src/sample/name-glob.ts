/**
 * Whether a name fits a glob: `*` stands for any characters, `?` for one; upper and lower case are the same. Names come
 * from devices, so it takes at most the product of both lengths, whatever they hold.
 */
export function fitsGlob(glob: string, name: string): boolean {
  const pattern = glob.toLowerCase()
  const text = name.toLowerCase()
  let at = 0
  let next = 0
  /** The last star, and how far the text was when it came. */
  let star = -1
  let resume = 0
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next++
      resume = at
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
      next++
      at++
    } else if (star >= 0) {
      next = star + 1
      at = ++resume
    } else return false
  }
  while (pattern[next] === '*') next++
  return next === pattern.length
}
