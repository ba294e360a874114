import type { InterfaceName } from '../model/interface.ts'
import type { InterfaceList } from '../model/interface-list.ts'
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

/** One or both sightings of a link: the port on each side, where it is known. */
interface Seen {
  a: InterfaceName | undefined
  b: InterfaceName | undefined
  /** The far port is one that its owner has, so a sighting from there that names another port is of another link. */
  readonly sure: boolean
}

// The longest ifName (RFC 2863); what a neighbour tells may be anything.
const longestName = 255

/** The port that a neighbour was told of; the text itself while nothing is known of its owner's interfaces. */
function portCalled(
  text: string,
  owner: InterfaceList | undefined,
): { readonly name: InterfaceName | undefined; readonly sure: boolean } {
  if (owner === undefined || owner.length === 0)
    return { name: text.slice(0, longestName) || undefined, sure: false }
  const named = owner.rowNamed(text)
  if (named >= 0) return { name: owner.name(named), sure: true }
  const [row, ...others] = owner.rowsKnownAs(text)
  return row !== undefined && others.length === 0
    ? { name: owner.name(row), sure: true }
    : { name: undefined, sure: false }
}

/**
 * Makes links of sightings. Both ends of a link tell of it: two sightings are one link when they agree on a port, and
 * as far as either could be, when neither can be told from the other. What an element says of its own port outranks
 * what its neighbour says of it.
 */
export function learnedLinks(
  sightings: readonly Sighting[],
  interfaces: ReadonlyMap<ElementId, InterfaceList>,
): readonly LearnedLink[] {
  const pairs = Map.groupBy(sightings, ({ element, remote }) => [element, remote].toSorted().join(' '))
  return [...pairs.entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, told]) => linksOfPair(told, interfaces))
}

function linksOfPair(
  told: readonly Sighting[],
  interfaces: ReadonlyMap<ElementId, InterfaceList>,
): readonly LearnedLink[] {
  const [a = '', b = ''] = told[0] ? [told[0].element, told[0].remote].toSorted() : []
  const fromA: Seen[] = []
  const fromB: Seen[] = []
  for (const { element, port, remote, remotePort } of told) {
    const { name, sure } = portCalled(remotePort, interfaces.get(remote))
    if (element === a) fromA.push({ a: port, b: name, sure })
    else fromB.push({ a: name, b: port, sure })
  }
  return joined(fromA, fromB)
    .map((link) => ({
      a,
      b,
      ...(link.a === undefined ? {} : { aPort: link.a }),
      ...(link.b === undefined ? {} : { bPort: link.b }),
    }))
    .toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
}

function joined(fromA: readonly Seen[], fromB: readonly Seen[]): readonly Seen[] {
  const alone = new Set(fromA)
  const both: Seen[] = []
  const leftOfB: Seen[] = []
  for (const sighting of fromB) {
    const same =
      [...alone].find((link) => agree(link.b, sighting.b)) ??
      [...alone].find((link) => agree(link.a, sighting.a))
    if (!same) {
      leftOfB.push(sighting)
      continue
    }
    alone.delete(same)
    both.push({ ...same, b: sighting.b })
  }
  const [sureA, vagueA] = split([...alone])
  const [sureB, vagueB] = split(leftOfB)
  return [...both, ...sureA, ...sureB, ...merged(vagueA, vagueB)]
}

/** Each end tells of these, in names that the other does not know: as many links as the end tells of that tells of more. */
function merged(fromA: readonly Seen[], fromB: readonly Seen[]): readonly Seen[] {
  const [a, b] = [fromA[0], fromB[0]]
  if (a && b && fromA.length === 1 && fromB.length === 1) return [{ ...a, b: b.b }]
  return fromA.length >= fromB.length ? fromA : fromB
}

const split = (all: readonly Seen[]): readonly [sure: readonly Seen[], vague: readonly Seen[]] => [
  all.filter((seen) => seen.sure),
  all.filter((seen) => !seen.sure),
]

const agree = (one: InterfaceName | undefined, other: InterfaceName | undefined): boolean =>
  one !== undefined && one === other
