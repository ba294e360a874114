import { type Sample, sampleOf } from '../../model/sample.ts'
import type { Service } from '../../model/service.ts'

/** What still counts as good. Ratios 0..1; a value must lie below its limit. */
export interface PeakLimits {
  readonly latencyMs: number
  readonly lossRatio: number
  readonly jitterMs: number
  readonly utilisationRatio: number
  /** With less of the window measured nothing is said. */
  readonly coverageRatio: number
}

/** The peak window of one day as a service saw it. Absent where it was not measured. */
export interface ServiceWindow {
  /** Of the probe that measures the path to the customer's end, 0..1. */
  readonly coverage: number
  readonly rttMs?: number
  readonly lossRatio?: number
  readonly jitterMs?: number
  /** Of the fullest interface on its way to the gateway, in the fuller direction; absent where none tells traffic and speed. */
  readonly utilisationRatio?: number
}

/** Of all points on a way the fullest decides; those that were not measured say nothing. */
export const fullestOf = (ratios: readonly (number | undefined)[]): number | undefined =>
  ratios.reduce(
    (fullest, ratio) => (ratio !== undefined && ratio > (fullest ?? -1) ? ratio : fullest),
    undefined,
  )

/**
 * Whether a service was good in the peak window of a day. `good` is absent, neither good nor bad, when too little was
 * measured: less of the path than the limits ask for, or no loss at all. With every packet lost there is no round-trip
 * time, and the loss alone fails it.
 */
export function servicePeakSample(
  { id, area, class: kind }: Pick<Service, 'id' | 'area' | 'class'>,
  at: number,
  window: ServiceWindow,
  limits: PeakLimits,
): Sample {
  const judged = {
    latency_failed: failed(window.rttMs, limits.latencyMs),
    loss_failed: failed(window.lossRatio, limits.lossRatio),
    jitter_failed: failed(window.jitterMs, limits.jitterMs),
    utilisation_failed: failed(window.utilisationRatio, limits.utilisationRatio),
  }
  const values = {
    rtt_avg_ms: window.rttMs,
    loss_ratio: window.lossRatio,
    jitter_ms: window.jitterMs,
    utilisation_ratio: window.utilisationRatio,
  }
  const isEnough = window.coverage >= limits.coverageRatio && window.lossRatio !== undefined
  const good = Object.values(judged).includes(1) ? 0 : 1
  const fields = { coverage: window.coverage, ...values, ...judged, good: isEnough ? good : undefined }
  return sampleOf(
    'service_peak',
    { service: id, area, class: kind },
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    at,
  )
}

const failed = (value: number | undefined, limit: number): 0 | 1 | undefined =>
  value === undefined ? undefined : value < limit ? 0 : 1
