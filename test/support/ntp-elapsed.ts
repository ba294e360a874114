/** Milliseconds from one 64-bit NTP timestamp to another. */
export const ntpElapsedMs = (from: bigint, to: bigint): number =>
  (Number(BigInt.asIntN(64, to - from)) / 2 ** 32) * 1_000
