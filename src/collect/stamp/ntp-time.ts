/** 64-bit NTP timestamp (RFC 5905 §6): seconds since 1900 in the upper half, fractions of a second in the lower. */
export type NtpTime = bigint

/** Seconds from 1900-01-01 to 1970-01-01. */
const unixEpoch = 2_208_988_800

const fraction = 2 ** 32

/** Of UTC epoch milliseconds, which may have decimals. Wraps in 2036, as the format does. */
export function ntpTime(unixMs: number): NtpTime {
  const seconds = Math.floor(unixMs / 1_000)
  const rest = Math.floor(((unixMs - seconds * 1_000) / 1_000) * fraction)
  return (BigInt.asUintN(32, BigInt(seconds + unixEpoch)) << 32n) | BigInt(Math.min(rest, fraction - 1))
}

/**
 * Milliseconds from one timestamp to another of the same clock, negative when the second is earlier. Right across the
 * wrap of 2036. `nanoseconds`: the lower halves count those, as in the truncated PTPv2 format (Z bit, RFC 8186 §2).
 */
export function elapsedMs(
  from: NtpTime,
  to: NtpTime,
  lowerHalf: 'fraction' | 'nanoseconds' = 'fraction',
): number {
  if (lowerHalf === 'fraction') return (Number(BigInt.asIntN(64, to - from)) / fraction) * 1_000
  const seconds = Number(BigInt.asIntN(32, (to >> 32n) - (from >> 32n)))
  return seconds * 1_000 + Number((to & 0xffff_ffffn) - (from & 0xffff_ffffn)) / 1e6
}
