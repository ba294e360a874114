import type { Config } from '../config/schema.ts'
import type { Clock } from '../platform/clock.ts'
import type { SampleStore } from '../store/sample-store.ts'
import type { ConfigDeps } from './read-config.ts'

export const reportFormats = ['table', 'csv', 'json', 'html'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** What every `faultline report` is asked. */
export interface ReportRequest {
  readonly config: string
  /** A local day, `2026-03-01`, or an RFC 3339 time. */
  readonly from?: string
  readonly to?: string
  readonly format: ReportFormat
}

/** What `faultline report busy-hour` was asked. */
export interface BusyHourRequest extends ReportRequest {
  readonly element?: string
  readonly interface?: string
  readonly percentiles: boolean
}

/** What `faultline report kpi` was asked. */
export interface KpiRequest extends ReportRequest {
  readonly service?: string
  readonly class?: string
  readonly area?: 'urban' | 'rural'
  /** Most services that are named. */
  readonly services: number
}

export interface ReportDeps extends ConfigDeps {
  readonly clock: Clock
  /** For when no daemon answers: only one process may have an embedded store. */
  readonly openStore: (config: Config) => Promise<SampleStore>
}
