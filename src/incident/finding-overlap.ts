import { type Incident, type IncidentKind, type RootCause, suspects } from '../model/incident.ts'
import type { Finding, IncidentEventBody } from '../model/incident-event.ts'
import { impactChange } from './impact-change.ts'

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
    case 'site':
      return [`site ${root.site}`]
  }
}

/** The ends of a link are no part of what failed: two links of one core router are two incidents. */
export const elementsOf = ({ roots, shadowed }: Pick<Incident, 'roots' | 'shadowed'>): ReadonlySet<string> =>
  new Set([...roots.flatMap(suspects), ...shadowed])

/** What each may have in common with another of its family. */
function partsOf({ kind, roots, shadowed, alarms }: Correlated) {
  const of = family[kind]
  // There is one vantage, whatever its root is called.
  return of === 'blind'
    ? { of, roots: ['blind'], alarms: [], elements: [] }
    : {
        of,
        roots: new Set(roots.flatMap(rootKeys)),
        alarms: new Set(alarms),
        elements: elementsOf({ roots, shadowed }),
      }
}

/** The findings that hold something, by its name; mostly it is one. */
type Holders = Map<string, Finding | Finding[]>

function hold(holders: Holders, names: Iterable<string>, finding: Finding): void {
  for (const name of names) {
    const known = holders.get(name)
    if (known === undefined) holders.set(name, finding)
    else if (Array.isArray(known)) known.push(finding)
    else holders.set(name, [known, finding])
  }
}

/**
 * Finds, for an incident, the findings that it has something in common with. They are looked up by what they hold: with a
 * hundred incidents of a hundred alarms each, comparing each with each took most of a step.
 */
export function overlapsWith(
  findings: readonly Finding[],
): (incident: Correlated) => ReadonlyMap<Finding, Overlap> {
  type Index = Record<'roots' | 'alarms' | 'elements', Holders>
  const families = new Map<string, Index>()
  for (const finding of findings) {
    const { of, roots, alarms, elements } = partsOf(finding)
    const index = families.get(of) ?? { roots: new Map(), alarms: new Map(), elements: new Map() }
    families.set(of, index)
    hold(index.roots, roots, finding)
    hold(index.alarms, alarms, finding)
    hold(index.elements, elements, finding)
  }
  return (incident) => {
    const found = new Map<Finding, { sameRoot: boolean; alarms: number; elements: number }>()
    const { of, roots, alarms, elements } = partsOf(incident)
    const index = families.get(of)
    if (!index) return found
    const overlapOf = (finding: Finding) => {
      const overlap = found.get(finding) ?? { sameRoot: false, alarms: 0, elements: 0 }
      found.set(finding, overlap)
      return overlap
    }
    const each = (names: Iterable<string>, holders: Holders, count: (finding: Finding) => void) => {
      for (const name of names) {
        const holder = holders.get(name)
        if (holder === undefined) continue
        if (Array.isArray(holder)) holder.forEach(count)
        else count(holder)
      }
    }
    each(roots, index.roots, (finding) => {
      overlapOf(finding).sameRoot = true
    })
    each(alarms, index.alarms, (finding) => {
      overlapOf(finding).alarms++
    })
    each(elements, index.elements, (finding) => {
      overlapOf(finding).elements++
    })
    return found
  }
}

/** Negative when the first has more in common. */
export const byOverlap = (one: Overlap, other: Overlap): number =>
  Number(other.sameRoot) - Number(one.sameRoot) || other.alarms - one.alarms || other.elements - one.elements

const sameSet = (one: readonly string[], other: readonly string[]): boolean => {
  // Most often nothing has changed since the step before, and all is in the same order.
  if (one.length === other.length && one.every((value, index) => value === other[index])) return true
  const set = new Set(one)
  return set.size === new Set(other).size && other.every((value) => set.has(value))
}

const rootNames = (roots: readonly RootCause[]) =>
  roots.map((root) => `${root.kind} ${rootKeys(root).toSorted()}`)
/** All that is said of the roots: the same one may be in other trouble than before. */
const rootFacts = (roots: readonly RootCause[]) =>
  roots.map((root) =>
    JSON.stringify([
      root.kind,
      rootKeys(root).toSorted(),
      suspects(root).toSorted(),
      'trouble' in root ? root.trouble : null,
    ]),
  )

/** Equal for the same cause; "the element or its uplink" is another one than either. */
export const causeOf = ({ kind, roots }: Pick<Incident, 'kind' | 'roots'>): string =>
  JSON.stringify([family[kind], [...new Set(rootNames(roots))].sort()])

/** What a finding says that the incident does not hold yet. The order of lists does not matter. */
export function newsIn(
  incident: Incident,
  finding: Finding,
): Extract<IncidentEventBody, { readonly type: 'changed' }> | undefined {
  const { kind, severity, roots, shadowed, alarms, explanation, onsetAt, planned } = finding
  const news: Partial<Finding> = {
    ...(kind === incident.kind ? {} : { kind }),
    ...(severity === incident.severity ? {} : { severity }),
    ...(sameSet(rootFacts(roots), rootFacts(incident.roots)) ? {} : { roots }),
    ...(sameSet(shadowed, incident.shadowed) ? {} : { shadowed }),
    ...(sameSet(alarms, incident.alarms) ? {} : { alarms }),
    ...(sameSet(explanation, incident.explanation) ? {} : { explanation }),
    ...(onsetAt < incident.onsetAt ? { onsetAt } : {}),
    ...(planned === undefined || planned === incident.planned ? {} : { planned }),
  }
  const impact = impactChange(incident.impact, finding.impact)
  if (Object.keys(news).length === 0 && !impact) return undefined
  return { type: 'changed', finding: news, ...(impact ? { impact } : {}) }
}

/** An order of findings that does not depend on how they came. */
export const byOnset = (one: Finding, other: Finding): number => {
  const [a, b] = [one, other].map(({ roots }) => rootNames(roots).toSorted().join())
  return one.onsetAt - other.onsetAt || (a ?? '').localeCompare(b ?? '', 'en')
}
