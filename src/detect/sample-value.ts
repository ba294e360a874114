import { type ValueRule, voiceFields } from '../model/rule.ts'
import type { FieldValue, Sample } from '../model/sample.ts'
import { mosOf, voiceQuality } from './e-model.ts'

/** What a rule's indicator reads in a sample of its measurement; NaN where it was not measured. */
export type ReadValue = (sample: Sample) => number

/** NaN for what is absent and for text. */
export function numberOf(value: FieldValue | undefined): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN
  return typeof value === 'bigint' ? Number(value) : Number.NaN
}

/** The busier direction divided by the capacity; NaN where the capacity is not known. */
export function utilisationOf({ fields }: Sample): number {
  const speed = numberOf(fields.speed_bps)
  if (!(speed > 0)) return Number.NaN
  return worseOf(numberOf(fields.in_bps), numberOf(fields.out_bps)) / speed
}

/** Of so few packets a second a share says nothing. */
const fewestPackets = 1

/** Packets that came to nothing, of all that were to be handled; the worse direction. */
function shareOf(bad: number, passed: number): number {
  const all = bad + passed
  return all >= fewestPackets ? bad / all : Number.NaN
}

const worseOf = (received: number, sent: number): number =>
  received >= sent || Number.isNaN(sent) ? received : sent

const discardRatio = ({ fields }: Sample): number =>
  worseOf(
    shareOf(numberOf(fields.in_discards_per_s), numberOf(fields.in_pps)),
    shareOf(numberOf(fields.out_discards_per_s), numberOf(fields.out_pps)),
  )

const errorRatio = ({ fields }: Sample): number =>
  worseOf(
    shareOf(numberOf(fields.in_errors_per_s), numberOf(fields.in_pps)),
    shareOf(numberOf(fields.out_errors_per_s), numberOf(fields.out_pps)),
  )

/** Of one direction, as a row of the busy hour is. */
function busyHourUtilisation({ fields }: Sample): number {
  const speed = numberOf(fields.speed_bps)
  return speed > 0 ? numberOf(fields.peak_mean_bps) / speed : Number.NaN
}

const rFactorOf = ({ fields }: Sample): number =>
  voiceQuality({
    lossRatio: numberOf(fields.loss_ratio),
    rttMs: numberOf(fields.rtt_avg_ms),
    jitterMs: numberOf(fields.jitter_ms),
  })

/** Made once a rule. */
export function readerOf({ indicator }: ValueRule): ReadValue {
  if (indicator === 'utilisation') return utilisationOf
  if (indicator === 'discard-ratio') return discardRatio
  if (indicator === 'error-ratio') return errorRatio
  if (indicator === 'busy-hour-utilisation') return busyHourUtilisation
  const { field } = indicator
  if (field === voiceFields[0]) return rFactorOf
  if (field === voiceFields[1]) return (sample) => mosOf(rFactorOf(sample))
  return ({ fields }) => numberOf(fields[field])
}

/** A burst of which every packet was lost: that says nothing of quality. */
export const isWhollyLost = ({ fields }: Sample): boolean => numberOf(fields.loss_ratio) >= 1
