import type { CustomerId } from './customer.ts'
import type { ServiceId } from './service.ts'

/**
 * How a service suffers: `down` no path is left, `degraded` it works below target, `atRisk` the last of its disjoint
 * paths carries it. down > degraded > atRisk.
 */
export type ImpactState = 'down' | 'degraded' | 'atRisk'

export interface ServiceImpact {
  readonly service: ServiceId
  readonly customer: CustomerId
  readonly state: ImpactState
  /** The maintenance window that explains it: customers hear nothing of it as an outage, and clocks leave it out. */
  readonly planned?: string
  /** What the customer weighed when it was found (`impact-weight.ts`); absent: 1. */
  readonly weight?: number
}

/** One entry a service, the worst state; customers are counted once, by `customersIn`. */
export type Impact = readonly ServiceImpact[]

export const customersIn = (impact: Impact, ...states: readonly ImpactState[]): ReadonlySet<CustomerId> =>
  new Set(impact.filter((entry) => states.includes(entry.state)).map((entry) => entry.customer))
