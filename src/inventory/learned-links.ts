import type { Interface, InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'

/** What one element tells about a neighbour on one of its ports. */
export interface Sighting {
  readonly element: ElementId
  readonly port: InterfaceName
  readonly remote: ElementId
  /** As the neighbour calls its port, in whatever way it was set up to: name, description, alias or index. */
  readonly remotePort: string
}

/** An adjacency that LLDP shows, `a` before `b` in the alphabet. A port that cannot be told is absent. */
export interface LearnedLink {
  readonly a: ElementId
  readonly b: ElementId
  readonly aPort?: InterfaceName
  readonly bPort?: InterfaceName
}

interface Seen {
  a: InterfaceName | undefined
  b: InterfaceName | undefined
  sightedBy: Set<'a' | 'b'>
}

// The longest ifName (RFC 2863); what a neighbour tells may be anything.
const longestName = 255

/** The name of the port that a neighbour was told of; the text itself while its owner's interfaces are not known. */
function nameOfPort(text: string, owner: readonly Interface[] | undefined): InterfaceName | undefined {
  if (text === '') return undefined
  if (!owner) return text.slice(0, longestName)
  const named = owner.find((port) => port.name === text)
  if (named) return named.name
  const described = owner.filter(
    (port) => port.description === text || port.alias === text || String(port.index) === text,
  )
  return described.length === 1 ? described[0]?.name : undefined
}

/**
 * Makes links of sightings. Both ends of a link tell of it: two sightings are one link when they agree on a port, or
 * when each end tells of just one. What an element says of its own port outranks what its neighbour says of it.
 */
export function learnedLinks(
  sightings: readonly Sighting[],
  interfaces: ReadonlyMap<ElementId, readonly Interface[]>,
): readonly LearnedLink[] {
  const pairs = Map.groupBy(sightings, ({ element, remote }) => [element, remote].toSorted().join(' '))
  return [...pairs.entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, told]) => linksOfPair(told, interfaces))
}

function linksOfPair(
  told: readonly Sighting[],
  interfaces: ReadonlyMap<ElementId, readonly Interface[]>,
): readonly LearnedLink[] {
  const [a = '', b = ''] = told[0] ? [told[0].element, told[0].remote].toSorted() : []
  const fromA: Seen[] = []
  const fromB: Seen[] = []
  for (const { element, port, remote, remotePort } of told) {
    const remoteName = nameOfPort(remotePort, interfaces.get(remote))
    if (element === a) fromA.push({ a: port, b: remoteName, sightedBy: new Set(['a']) })
    else fromB.push({ a: remoteName, b: port, sightedBy: new Set(['b']) })
  }
  const links = [...fromA]
  const alone = fromA.length === 1 && fromB.length === 1
  for (const sighting of fromB) {
    const free = links.filter((link) => !link.sightedBy.has('b'))
    const same =
      free.find((link) => agree(link.b, sighting.b)) ??
      free.find((link) => agree(link.a, sighting.a)) ??
      (alone ? free[0] : undefined)
    if (!same) links.push(sighting)
    else {
      same.b = sighting.b
      same.sightedBy.add('b')
    }
  }
  return links
    .map((link) => ({
      a,
      b,
      ...(link.a === undefined ? {} : { aPort: link.a }),
      ...(link.b === undefined ? {} : { bPort: link.b }),
    }))
    .toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
}

const agree = (one: InterfaceName | undefined, other: InterfaceName | undefined): boolean =>
  one !== undefined && one === other
