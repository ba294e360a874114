import type { Incident, IncidentKind, RootCause } from '../model/incident.ts'
import type { Finding } from '../model/incident-event.ts'

/** How much a finding has in common with an incident; compared from left to right. */
export interface Overlap {
  readonly sameRoot: boolean
  readonly alarms: number
  readonly elements: number
}

type Correlated = Pick<Incident, 'kind' | 'roots' | 'shadowed' | 'alarms'>

/**
 * Kinds that may turn into each other. A silent agent and a blind vantage are matters of their own: joined with an
 * outage they would give it their onset, and their customers.
 */
const family: Readonly<Record<IncidentKind, string>> = {
  outage: 'service',
  degradation: 'service',
  redundancy: 'service',
  agent: 'agent',
  blind: 'blind',
}

/** What a root may be called; "the element or its uplink" is the same root as either, once the evidence tells. */
function rootKeys(root: RootCause): readonly string[] {
  switch (root.kind) {
    case 'element':
      return [`element ${root.element}`]
    case 'link':
      return [`link ${root.link.id}`]
    case 'elementOrUplink':
      return [`element ${root.element}`, ...root.uplinks.map((link) => `link ${link.id}`)]
  }
}

/** The ends of a link are no part of what failed: two links of one core router are two incidents. */
export const elementsOf = ({ roots, shadowed }: Pick<Incident, 'roots' | 'shadowed'>): ReadonlySet<string> =>
  new Set([...roots.flatMap((root) => (root.kind === 'link' ? [] : [root.element])), ...shadowed])

function common<T>(one: Iterable<T>, other: ReadonlySet<T>): number {
  let count = 0
  for (const value of new Set(one)) if (other.has(value)) count++
  return count
}

/** Undefined when they have nothing in common. */
export function overlapOf(incident: Correlated, finding: Finding): Overlap | undefined {
  if (family[incident.kind] !== family[finding.kind]) return undefined
  if (incident.kind === 'blind') return { sameRoot: true, alarms: 0, elements: 0 }
  const overlap = {
    sameRoot: common(incident.roots.flatMap(rootKeys), new Set(finding.roots.flatMap(rootKeys))) > 0,
    alarms: common(incident.alarms, new Set(finding.alarms)),
    elements: common(elementsOf(incident), elementsOf(finding)),
  }
  return overlap.sameRoot || overlap.alarms > 0 || overlap.elements > 0 ? overlap : undefined
}

/** Negative when the first has more in common. */
export const byOverlap = (one: Overlap, other: Overlap): number =>
  Number(other.sameRoot) - Number(one.sameRoot) || other.alarms - one.alarms || other.elements - one.elements

const sameSet = (one: readonly string[], other: readonly string[]): boolean => {
  const set = new Set(one)
  return set.size === new Set(other).size && other.every((value) => set.has(value))
}

const rootNames = (roots: readonly RootCause[]) =>
  roots.map((root) => `${root.kind} ${rootKeys(root).toSorted()}`)
const impactNames = (impact: Finding['impact']) =>
  impact.map(({ service, customer, state }) => JSON.stringify([service, customer, state]))

/** Whether it is still the same cause; "the element or its uplink" is another one than either. */
export const isSameCause = (incident: Pick<Incident, 'kind' | 'roots'>, finding: Finding): boolean =>
  family[incident.kind] === family[finding.kind] &&
  sameSet(rootNames(incident.roots), rootNames(finding.roots))

/** Whether a finding says something that the incident does not hold yet. The order of lists does not matter. */
export const saysMore = (incident: Incident, finding: Finding): boolean =>
  finding.kind !== incident.kind ||
  finding.severity !== incident.severity ||
  finding.onsetAt < incident.onsetAt ||
  !sameSet(rootNames(finding.roots), rootNames(incident.roots)) ||
  !sameSet(finding.shadowed, incident.shadowed) ||
  !sameSet(finding.alarms, incident.alarms) ||
  !sameSet(impactNames(finding.impact), impactNames(incident.impact)) ||
  !sameSet(finding.explanation, incident.explanation)

/** An order of findings that does not depend on how they came. */
export const byOnset = (one: Finding, other: Finding): number => {
  const [a, b] = [one, other].map(({ roots }) => rootNames(roots).toSorted().join())
  return one.onsetAt - other.onsetAt || (a ?? '').localeCompare(b ?? '', 'en')
}
