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

/** How the lower half of a timestamp counts; nanoseconds in the truncated PTPv2 format (Z bit, RFC 8186 §2). */
export type LowerHalf = 'fraction' | 'nanoseconds'

/** Milliseconds of the lower half of a timestamp. */
export const lowerHalfMs = (value: number, unit: LowerHalf): number =>
  unit === 'fraction' ? (value / fraction) * 1_000 : value / 1e6

/** UTC epoch milliseconds of milliseconds since 1900, which wrapped in 2036. */
export const ntpToUnixMs = (ms: number): number => {
  const unixMs = ms - unixEpoch * 1_000
  return unixMs < 0 ? unixMs + fraction * 1_000 : unixMs
}
