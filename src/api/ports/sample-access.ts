import type { BusyHourReport } from '../../model/busy-hour.ts'
import type { FieldOf, Measurement } from '../../model/measurements.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { PeakExperience } from '../../model/peak-experience.ts'
import type { Service, ServiceId } from '../../model/service.ts'

/** Times are UTC epoch ms, `to` exclusive, `step` ms. More than `limit` points is REQUEST_INVALID. */
interface SamplesQuery {
  readonly measurement: Measurement
  readonly field: FieldOf<Measurement>
  readonly tags: Readonly<Record<string, string>>
  readonly from: number
  readonly to: number
  readonly step?: number
  readonly aggregate?: 'mean' | 'max' | 'p95'
  readonly limit: number
}

/** Times are UTC epoch ms, `to` exclusive. */
export interface BusyHourQuery {
  readonly element?: ElementId
  readonly interface?: string
  readonly from: number
  readonly to: number
  /** Whether the 95th percentiles of all 5-minute rates are worked out, which reads every one of them. */
  readonly percentiles: boolean
}

/** Times are UTC epoch ms, `to` exclusive. */
interface PeakExperienceQuery {
  readonly from: number
  readonly to: number
  readonly service?: ServiceId
  readonly class?: string
  readonly area?: Service['area']
  readonly mostServices: number
}

type LatestMeasurement = 'icmp' | 'stamp' | 'interface' | 'element' | 'sensor'

export interface LatestQuery {
  readonly measurement: LatestMeasurement
  readonly fields: readonly FieldOf<LatestMeasurement>[]
  readonly tags: Readonly<Record<string, string>>
  readonly limit: number
}

/** One series a row; NaN: the newest sample lacks that field. */
interface LatestRows {
  readonly tags: readonly Readonly<Record<string, string>>[]
  readonly at: Float64Array
  readonly values: Readonly<Record<string, Float64Array>>
}

interface SampleSeries {
  readonly tags: Readonly<Record<string, string>>
  readonly points: readonly (readonly [at: number, value: number])[]
}

/** Samples and what is worked out of them. */
export interface SampleAccess {
  querySamples(query: SamplesQuery, signal: AbortSignal): Promise<readonly SampleSeries[]>
  /** The newest sample of each series with these tags, from memory. More than `limit` series is REQUEST_INVALID. */
  latestSamples(query: LatestQuery): LatestRows
  /** More than one report may take is REQUEST_INVALID. */
  busyHour(query: BusyHourQuery, signal: AbortSignal): Promise<BusyHourReport>
  /** More than one report may take is REQUEST_INVALID. */
  peakExperience(query: PeakExperienceQuery, signal: AbortSignal): Promise<PeakExperience>
}
