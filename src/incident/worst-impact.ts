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

/** What of `one` is left where the services suffer as in `other`: for each service the better state, or none. */
export function betterImpact(one: Impact, other: Impact): Impact {
  const states = new Map(other.map(({ service, state }) => [service, state]))
  return one.flatMap((entry) => {
    const state = states.get(entry.service)
    if (state === undefined) return []
    return [rank[state] < rank[entry.state] ? { ...entry, state } : entry]
  })
}
