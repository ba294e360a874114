import type { Customer, CustomerId } from './customer.ts'
import type { Impact, ImpactState } from './impact.ts'
import type { Severity } from './severity.ts'

/** How much customers and their troubles weigh against each other. Plain numbers without a unit. */
export interface ImpactWeights {
  /** By tier; a tier that is not named weighs 1. */
  readonly tiers: Readonly<Record<string, number>>
  /** What each flag adds to the weight of its customer. */
  readonly flags: Readonly<Record<string, number>>
  /** Share of the weight that counts in each state, 0..1. */
  readonly states: Readonly<Record<ImpactState, number>>
  /** An incident whose services are down or degraded with this weight or more is at least so severe. */
  readonly severities: Readonly<Partial<Record<Severity, number>>>
}

/**
 * | what | weighs |
 * |---|---|
 * | consumer 1, business 5, enterprise, government and vip 20 | the tier |
 * | elderly 2, disabled 4, medical 20, school 20, hospital 100, emergency 100 | added for each flag |
 * | down 1, degraded 0.4, at risk 0.1 | share of it that counts, the worst service of each customer |
 * | 20 major, 100 critical | an incident is at least so severe from this weight of services down and degraded |
 *
 * So one hospital without service is critical, and so are a hundred households; twenty households are major.
 */
export const defaultImpactWeights: ImpactWeights = {
  tiers: { consumer: 1, business: 5, enterprise: 20, government: 20, vip: 20 },
  flags: { elderly: 2, disabled: 4, medical: 20, school: 20, hospital: 100, emergency: 100 },
  states: { down: 1, degraded: 0.4, atRisk: 0.1 },
  severities: { major: 20, critical: 100 },
}

const weightIn = (weights: Readonly<Record<string, number>>, name: string): number | undefined =>
  Object.hasOwn(weights, name) ? weights[name] : undefined

/** What a customer weighs; one that is not known weighs 1. */
export function customerWeight(
  customer: Pick<Customer, 'tier' | 'flags'> | undefined,
  weights: ImpactWeights,
): number {
  if (customer === undefined) return 1
  let weight = weightIn(weights.tiers, customer.tier) ?? 1
  for (const flag of new Set(customer.flags)) weight += weightIn(weights.flags, flag) ?? 0
  return weight
}

/**
 * What an impact weighs: each customer once, by the worst of its services, in hundredths. What is planned does not count.
 * Entries carry the weight of their customer since they were found (absent: 1), so the past does not change with a tier.
 */
export function impactWeight(
  impact: Impact,
  states: ImpactWeights['states'] = defaultImpactWeights.states,
): number {
  const worst = new Map<CustomerId, number>()
  for (const { customer, state, weight = 1, planned } of impact) {
    if (planned !== undefined) continue
    const share = weight * states[state]
    if (share > (worst.get(customer) ?? 0)) worst.set(customer, share)
  }
  let sum = 0
  for (const share of worst.values()) sum += share
  return Math.round(sum * 100) / 100
}

/** The least severity that an impact has by its weight; undefined when it does not weigh enough for any. */
export function impactSeverity(impact: Impact, weights: ImpactWeights): Severity | undefined {
  const weight = impactWeight(
    impact.filter(({ state }) => state !== 'atRisk'),
    weights.states,
  )
  let found: Severity | undefined
  let limit = -Infinity
  for (const severity of ['warning', 'minor', 'major', 'critical'] as const) {
    const from = weights.severities[severity]
    if (from === undefined || weight < from || from < limit || weight === 0) continue
    limit = from
    found = severity
  }
  return found
}
