import { type Link, type LinkEnd, linkBetween } from '../model/link.ts'
import type { LearnedLink } from './learned-links.ts'

/**
 * Joins what is declared with what LLDP shows. Declared links and uplinks all stay; one that names no ports, or one of
 * them, takes the missing ports from the LLDP link between the same elements. What is left of LLDP is added.
 */
export function mergeLinks(declared: readonly Link[], learned: readonly LearnedLink[]): readonly Link[] {
  const { chosen, left } = matchLinks(declared, learned)
  const kept = declared.map((link) => {
    const match = chosen.get(link)
    return match ? linkBetween(withPort(link.a, match), withPort(link.b, match), link.source) : link
  })
  const ids = new Set(kept.map((link) => link.id))
  const added = [...left]
    .map(({ a, b, aPort, bPort }) => linkBetween(endAt(a, aPort), endAt(b, bPort), 'lldp'))
    .filter((link) => !ids.has(link.id))
  return [...kept, ...added]
}

/** Which link of LLDP each declared one is, and those of LLDP that are left over. */
export function matchLinks(declared: readonly Link[], learned: readonly LearnedLink[]) {
  const left = new Set(learned)
  const byPair = Map.groupBy(learned, ({ a, b }) => pairKey(a, b))
  // Those that name most ports choose first, so that one without ports does not take what belongs to another.
  const byPorts = declared.toSorted((one, other) => portsOf(other) - portsOf(one))
  const chosen = new Map<Link, LearnedLink>()
  for (const link of byPorts) {
    const candidates = byPair.get(pairKey(link.a.element, link.b.element)) ?? []
    const match = candidates.find((candidate) => left.has(candidate) && fits(link, candidate))
    if (!match) continue
    chosen.set(link, match)
    left.delete(match)
  }
  return { chosen, left }
}

export const pairKey = (one: string, other: string): string => [one, other].toSorted().join(' ')

const portsOf = ({ a, b }: Link): number => [a, b].filter((end) => end.interface !== undefined).length

export const portIn = (learned: LearnedLink, element: string): string | undefined =>
  learned.a === element ? learned.aPort : learned.bPort

export const endAt = (element: string, port: string | undefined): LinkEnd =>
  port === undefined ? { element } : { element, interface: port }

const withPort = (end: LinkEnd, learned: LearnedLink): LinkEnd =>
  end.interface === undefined ? endAt(end.element, portIn(learned, end.element)) : end

/**
 * One cable goes into one port: they are the same when a port is. Otherwise they may be, where LLDP says nothing against
 * a port that is declared.
 */
function fits(link: Link, learned: LearnedLink): boolean {
  const ends = [link.a, link.b].map((end) => [end.interface, portIn(learned, end.element)] as const)
  const same = ends.some(([declared, told]) => declared !== undefined && declared === told)
  return same || ends.every(([declared, told]) => declared === undefined || told === undefined)
}
