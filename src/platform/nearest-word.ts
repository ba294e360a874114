/** More than this many letters apart is another word. */
const mostApart = 2

/** Of the known words the one that was meant by a mistyped one; undefined when none is near. Letter case does not count. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined
  // A short word is near to too much.
  let least = Math.min(mostApart, Math.floor(word.length / 3)) + 1
  for (const one of known) {
    if (Math.abs(one.length - word.length) >= least) continue
    const apart = distance(word.toLowerCase(), one.toLowerCase())
    if (apart < least) {
      least = apart
      nearest = one
    }
  }
  return nearest
}

/** Letters put in, left out, changed, or swapped with their neighbour (optimal string alignment). */
function distance(one: string, other: string): number {
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row++) {
    const here = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      here[column] = Math.min(
        (last[column] ?? 0) + 1,
        (here[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
      )
    }
    before = last
    last = here
  }
  return last[other.length] ?? Infinity
}
