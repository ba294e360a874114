import type { Config } from '../config/schema.ts'
import type { Clock } from '../platform/clock.ts'
import type { SampleStore } from '../store/sample-store.ts'
import type { ConfigDeps } from './read-config.ts'

export const reportFormats = ['table', 'csv', 'json', 'html'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** What `faultline report busy-hour` was asked. */
export interface BusyHourRequest {
  readonly config: string
  /** A local day, `2026-03-01`, or an RFC 3339 time. */
  readonly from?: string
  readonly to?: string
  readonly element?: string
  readonly interface?: string
  readonly percentiles: boolean
  readonly format: ReportFormat
}

export interface BusyHourDeps extends ConfigDeps {
  readonly clock: Clock
  /** For when no daemon answers: only one process may have an embedded store. */
  readonly openStore: (config: Config) => Promise<SampleStore>
}
