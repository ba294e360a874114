import { usualLimits } from '../config/peak-settings.ts'
import type { Config } from '../config/schema.ts'
import type { Calendar } from '../model/calendar.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Service } from '../model/service.ts'
import { type PeakPolicy, peakPolicyFor } from '../model/service-policy.ts'

/** By what each service is judged: the packs of the configuration, and what it says for the whole network. */
export function createServicePolicies(
  { peak, policies }: Pick<Config, 'peak' | 'policies'>,
  inventory: () => Pick<Inventory, 'customers'>,
): (service: Service) => PeakPolicy {
  const limits = { written: peak.goodBelow, usual: usualLimits }
  const known = new Map<string, PeakPolicy>()
  return ({ class: kind, area, customer }) => {
    const tier = inventory().customers.get(customer)?.tier ?? ''
    const key = JSON.stringify([kind, area, tier])
    const policy = known.get(key) ?? peakPolicyFor(policies, limits, { class: kind, area, tier })
    known.set(key, policy)
    return policy
  }
}

/** The hours that policies judge in place of the peak window. */
export const policyCalendars = ({ policies }: Pick<Config, 'policies'>): readonly Calendar[] =>
  policies.flatMap(({ peakGood }) => peakGood.flatMap(({ window }) => (window === undefined ? [] : [window])))
