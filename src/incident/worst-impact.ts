import type { Impact, ImpactState, ServiceImpact } from '../model/impact.ts'

const rank: Readonly<Record<ImpactState, number>> = { atRisk: 1, degraded: 2, down: 3 }

/** Both impacts in one, the worse state for each service; in the order in which services came. */
export function worstImpact(one: Impact, other: Impact): Impact {
  const worst = new Map<string, ServiceImpact>(one.map((entry) => [entry.service, entry]))
  for (const entry of other) {
    const known = worst.get(entry.service)
    if (known === undefined || rank[entry.state] > rank[known.state]) worst.set(entry.service, entry)
  }
  return [...worst.values()]
}
