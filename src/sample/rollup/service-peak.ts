import { type Sample, sampleOf } from '../../model/sample.ts'
import type { Service } from '../../model/service.ts'
import type { PeakPolicy } from '../../model/service-policy.ts'

/** The window of one day as a service saw it, less the time of planned work. Absent where it was not measured. */
export interface ServiceWindow {
  /** How much of the window was planned work, 0..1. With 1 nothing is left to judge. */
  readonly plannedRatio: number
  /** Of the probe that measures the path to the customer’s end, 0..1, of the time that is left. */
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
 * Whether a service was good in the window of a day. `good` is absent, neither good nor bad, when too little was
 * measured (less of the path than the limits ask for, or no loss at all) and when all of the window was planned work.
 * With every packet lost there is no round-trip time, and the loss alone fails it. What has no limit is told and not
 * judged.
 */
export function servicePeakSample(
  { id, area, class: kind }: Pick<Service, 'id' | 'area' | 'class'>,
  at: number,
  window: ServiceWindow,
  { id: policy, version, limits }: PeakPolicy,
): Sample {
  const failed = {
    latency_failed: isFailed(window.rttMs, limits.latencyMs),
    // Loss is asked of every service: without it the path was not measured.
    loss_failed: isFailed(window.lossRatio, limits.lossRatio),
    jitter_failed: isFailed(window.jitterMs, limits.jitterMs),
    utilisation_failed: isFailed(window.utilisationRatio, limits.utilisationRatio),
  }
  const isPlanned = window.plannedRatio >= 1
  const isEnough = window.coverage >= limits.coverageRatio && window.lossRatio !== undefined
  const isJudged = !isPlanned && isEnough
  const good = Object.values(failed).includes(1) ? 0 : 1
  const fields = {
    judged: isJudged ? 1 : 0,
    insufficient: isPlanned || isEnough ? 0 : 1,
    good: isJudged ? good : undefined,
    planned_ratio: window.plannedRatio,
    coverage: isPlanned ? undefined : window.coverage,
    rtt_avg_ms: window.rttMs,
    loss_ratio: window.lossRatio,
    jitter_ms: window.jitterMs,
    utilisation_ratio: window.utilisationRatio,
    ...failed,
    policy,
    policy_version: version,
  }
  return sampleOf(
    'service_peak',
    { service: id, area, class: kind },
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    at,
  )
}

const isFailed = (value: number | undefined, limit: number | undefined): 0 | 1 | undefined =>
  value === undefined || limit === undefined ? undefined : value < limit ? 0 : 1
