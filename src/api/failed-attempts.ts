/** At most so many wrong tokens an address and minute are answered with 401; the rest with 429. */
const allowed = 10
const windowMs = 60_000
/** An attacker with many addresses must not fill the memory; the oldest are forgotten first. */
const addressesKept = 10_000

/**
 * Counts wrong tokens by address. A right token is taken even from an address that is over the limit: nobody guesses
 * 256 bits, and one broken script must not lock out its whole office.
 */
export function createFailedAttempts() {
  const failures = new Map<string, { count: number; readonly since: number }>()

  /** Counts one failure; returns the seconds to wait when there were too many. */
  function failed(address: string, now: number): number | undefined {
    const known = failures.get(address)
    if (!known || now - known.since >= windowMs) {
      failures.delete(address)
      failures.set(address, { count: 1, since: now })
      for (const oldest of failures.keys()) {
        if (failures.size <= addressesKept) break
        failures.delete(oldest)
      }
      return undefined
    }
    known.count++
    return known.count > allowed ? Math.max(1, Math.ceil((known.since + windowMs - now) / 1_000)) : undefined
  }

  return { failed }
}

export type FailedAttempts = ReturnType<typeof createFailedAttempts>
