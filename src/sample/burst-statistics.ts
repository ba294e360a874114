import type { FieldOf } from '../model/measurements.ts'
import type { Burst } from '../model/reading.ts'

export type BurstFields = Readonly<Partial<Record<FieldOf<'icmp'>, number>>>
export type DirectionFields = Readonly<Partial<Record<Exclude<FieldOf<'stamp'>, FieldOf<'icmp'>>, number>>>

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Of the two in the middle, where there are two, the mean. */
function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Mean absolute difference of neighbouring values; undefined for fewer than two. */
function meanStep(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined
  return mean(values.slice(1).map((value, i) => Math.abs(value - (values[i] ?? Number.NaN))))
}

/**
 * What one burst says, as fields of the `icmp` and `stamp` measurements.
 * - `loss_ratio`, 0..1: packets without a reply in time, divided by those sent (RFC 2680 §3); absent when none was sent.
 * - `rtt_*_ms`: over the replies only, since the round-trip time of a lost packet is undefined (RFC 2681 §2.4); absent
 *   without any reply. The standard deviation is that of the burst as a whole (divisor n), absent below two replies.
 * - `jitter_ms`: mean absolute difference of the round-trip times of consecutive replies, that is RFC 3393 with "each
 *   reply and the one before it" as the selection function, on round trips; absent below two replies.
 */
export function burstFields(burst: Burst): BurstFields {
  const replies = burst.rttsMs.filter((rtt) => rtt !== null)
  const counts = { sent: burst.sent, received: replies.length }
  if (burst.sent === 0) return counts
  const loss = { ...counts, loss_ratio: 1 - replies.length / burst.sent }
  if (replies.length === 0) return loss

  const sorted = replies.toSorted((a, b) => a - b)
  const smallest = sorted[0] ?? Number.NaN
  const largest = sorted.at(-1) ?? Number.NaN
  // Rounding may put the mean of equal values a little outside them.
  const average = Math.min(Math.max(mean(replies), smallest), largest)
  const jitter = meanStep(replies)
  return {
    ...loss,
    rtt_min_ms: smallest,
    rtt_avg_ms: average,
    rtt_median_ms: median(sorted),
    rtt_max_ms: largest,
    ...(jitter === undefined
      ? {}
      : {
          rtt_stddev_ms: Math.sqrt(mean(replies.map((rtt) => (rtt - average) ** 2))),
          jitter_ms: jitter,
        }),
  }
}

/** The fields that only `stamp` has: loss and delay variation each way, where the burst tells them. Ratios 0..1. */
export function directionFields(burst: Burst): DirectionFields {
  const ratio = (lost: number | undefined) =>
    lost === undefined || burst.sent === 0 ? undefined : Math.min(Math.max(lost / burst.sent, 0), 1)
  const fields = {
    loss_forward_ratio: ratio(burst.lostForward),
    loss_backward_ratio: ratio(burst.lostBackward),
    jitter_forward_ms: burst.jitterForwardMs,
    jitter_backward_ms: burst.jitterBackwardMs,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
