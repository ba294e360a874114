/** Whether an OID or index (numbers with dots) comes after another in the order of the MIB (RFC 3416 §4.2.2). */
export function comesAfter(next: string, previous: string): boolean {
  const one = previous.split('.')
  const other = next.split('.')
  for (let i = 0; i < other.length; i++) {
    const before = one[i]
    if (before === undefined) return true
    const difference = Number(other[i]) - Number(before)
    if (difference !== 0) return difference > 0
  }
  return false
}
