import type { Impact, ServiceImpact } from '../model/impact.ts'
import type { ImpactChange } from '../model/incident-event.ts'

const same = (one: ServiceImpact, other: ServiceImpact | undefined): boolean =>
  one.service === other?.service &&
  one.state === other.state &&
  one.customer === other.customer &&
  one.planned === other.planned

/** What makes the second of the first; undefined when they say the same in any order. */
export function impactChange(before: Impact, after: Impact): ImpactChange | undefined {
  if (before.length === after.length && after.every((entry, index) => same(entry, before[index])))
    return undefined
  const known = new Map(before.map((entry) => [entry.service, entry]))
  const left = new Set(after.map(({ service }) => service))
  const set = after.filter((entry) => !same(entry, known.get(entry.service)))
  const gone = before.flatMap(({ service }) => (left.has(service) ? [] : [service]))
  return set.length === 0 && gone.length === 0 ? undefined : { set, gone }
}

/** Services keep their place; new ones come last. */
export function afterImpactChange(before: Impact, { set, gone }: ImpactChange): Impact {
  const impact = new Map(before.map((entry) => [entry.service, entry]))
  for (const entry of set) impact.set(entry.service, entry)
  for (const service of gone) impact.delete(service)
  return [...impact.values()]
}
