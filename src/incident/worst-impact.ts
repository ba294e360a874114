import type { Impact, ImpactState, ServiceImpact } from '../model/impact.ts'

const rank: Readonly<Record<ImpactState, number>> = { atRisk: 1, degraded: 2, down: 3 }

const unplanned = ({ planned: _, ...entry }: ServiceImpact): ServiceImpact => entry

/** What was not planned at any time is not planned: whoever was told of it is told of its end. */
function worse(one: ServiceImpact, other: ServiceImpact): ServiceImpact {
  const worst = rank[other.state] > rank[one.state] ? other : one
  return worst.planned === undefined || (one.planned !== undefined && other.planned !== undefined)
    ? worst
    : unplanned(worst)
}

/** Both impacts in one, the worse state for each service; in the order in which services came. */
export function worstImpact(one: Impact, other: Impact): Impact {
  const worst = new Map<string, ServiceImpact>(one.map((entry) => [entry.service, entry]))
  for (const entry of other) {
    const known = worst.get(entry.service)
    worst.set(entry.service, known === undefined ? entry : worse(known, entry))
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
