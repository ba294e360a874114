import { type PeakRule, peakRuleFor } from '../model/service-policy.ts'
import type { Found } from './problem.ts'
import type { Config } from './schema.ts'
import { at, entriesOf, isMapping, itemsOf, type Spot, textOf } from './spot.ts'

/** Numbers that some service is judged by and that nobody compared with the source that they are said to be from. */
export function findUnverified(
  value: unknown,
  { policies, services, customers }: Pick<Config, 'policies' | 'services' | 'customers'>,
  found: Found,
): void {
  const tiers = new Map(customers.map(({ id, tier }) => [id, tier]))
  const inForce = new Set<PeakRule>()
  for (const { class: kind, area, customer } of services) {
    const subject = { class: kind, area, tier: tiers.get(customer) ?? '' }
    const held = peakRuleFor(policies, subject)
    if (held) inForce.add(held.rule)
  }
  for (const [i, pack] of itemsOf(at({ value, path: [] }, 'policies')).entries()) {
    const sources = new Map(
      itemsOf(at(at(pack, 'pack'), 'sources')).map((source) => [textOf(at(source, 'id')), source]),
    )
    for (const [j, rule] of itemsOf(at(pack, 'peakGood')).entries()) {
      const known = policies[i]?.peakGood[j]
      if (known === undefined || !inForce.has(known)) continue
      for (const limit of limitsOf(rule)) {
        const source = sources.get(textOf(at(limit, 'source')))
        const isVerified = at(limit, 'verified').value !== false
        if (isVerified && (source === undefined || at(source, 'verified').value !== false)) continue
        found(
          limit.path,
          source === undefined
            ? 'is marked as not verified, and services are judged by it'
            : `was not compared with its source (${textOf(at(source, 'ref'))}), and services are judged by it`,
        )
      }
    }
  }
}

const limitsOf = (rule: Spot): readonly Spot[] =>
  [...entriesOf(at(rule, 'below')).map(([, limit]) => limit), at(rule, 'coverage')].filter(({ value }) =>
    isMapping(value),
  )
