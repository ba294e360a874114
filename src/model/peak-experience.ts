import type { ServiceId } from './service.ts'

/** Share of the judged days of services that should be good. */
export const peakTarget = 0.95
/** With less of the days judged than this, nothing is said about the target. */
export const leastPeakCoverage = 0.8

/** What can be said of a service on a day: `insufficient` is too little data, `planned` a window that was planned work. */
export const peakOutcomes = ['good', 'bad', 'insufficient', 'planned'] as const
export type PeakOutcome = (typeof peakOutcomes)[number]

export const peakLimits = ['latency', 'loss', 'jitter', 'utilisation'] as const
export type PeakLimit = (typeof peakLimits)[number]

/** Days of services. */
export interface PeakCounts extends Readonly<Record<PeakOutcome, number>> {
  /** Good ones divided by good and bad ones; absent when there are neither. */
  readonly share?: number
  /** Good and bad ones divided by all that were not planned work; absent when there are none. */
  readonly coverage?: number
}

export interface PeakGroup extends PeakCounts {
  /** A class, an area, or a local date. */
  readonly name: string
}

export interface ServicePeak extends PeakCounts {
  readonly service: ServiceId
  readonly class: string
  readonly area: string
  /** Bad days by the limit that was missed; a day can miss several. */
  readonly missed: Readonly<Record<PeakLimit, number>>
}

/** Whether services were good at the peak, over some days: the KPI "good experience at the peak for 95 %". */
export interface PeakExperience {
  /** `insufficient`: too few days of services were judged to say either. */
  readonly state: 'met' | 'missed' | 'insufficient'
  readonly total: PeakCounts
  readonly services: number
  readonly missed: Readonly<Record<PeakLimit, number>>
  readonly byClass: readonly PeakGroup[]
  readonly byArea: readonly PeakGroup[]
  /** In the order of time. */
  readonly byDay: readonly PeakGroup[]
  /** Those with bad days or days without enough data, the worst first. */
  readonly worst: readonly ServicePeak[]
}
