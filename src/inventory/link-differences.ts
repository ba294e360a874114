import type { Link, LinkEnd } from '../model/link.ts'
import type { LinkDifference } from '../model/link-difference.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Neighbour } from '../model/reading.ts'
import type { LearnedLink } from './learned-links.ts'
import { endAt, matchLinks, pairKey, portIn } from './merge-links.ts'

export interface LinkDifferencesInput {
  /** Declared links and those of uplinks. */
  readonly declared: readonly Link[]
  /** What LLDP shows, of the last day. */
  readonly learned: readonly LearnedLink[]
  /** Elements that told of their neighbours at least once, be it that there are none. */
  readonly telling: ReadonlySet<ElementId>
  /** Elements whose interfaces are known, so that a port can be told from a mere description. */
  readonly portsKnown: (element: ElementId) => boolean
  /** Neighbours that are no element, by the element that tells of them. */
  readonly strangers: ReadonlyMap<ElementId, readonly Neighbour[]>
}

/** Compares the live LLDP tables with what is declared. In a fixed order, so that two results can be compared. */
export function linkDifferences(input: LinkDifferencesInput): readonly LinkDifference[] {
  const { chosen, left } = matchLinks(input.declared, input.learned)
  const unclaimed = new Set(left)
  const leftByPair = Map.groupBy(left, ({ a, b }) => pairKey(a, b))
  const declared = input.declared.flatMap((link): readonly LinkDifference[] => {
    const match = chosen.get(link)
    if (match !== undefined) return otherPorts(link, match, input)
    const between = leftByPair.get(pairKey(link.a.element, link.b.element)) ?? []
    const instead = between.find((one) => unclaimed.has(one))
    if (instead !== undefined) {
      unclaimed.delete(instead)
      return otherPorts(link, instead, input)
    }
    const bothTell = [link.a, link.b].every((end) => input.telling.has(end.element))
    return bothTell ? [missing(link)] : []
  })
  const undeclared = [...unclaimed].map(({ a, b, aPort, bPort }): LinkDifference => {
    const ends = { a: endAt(a, aPort), b: endAt(b, bPort) }
    return {
      kind: 'undeclaredLink',
      ...ends,
      text: `LLDP shows a link from ${nameOf(ends.a)} to ${nameOf(ends.b)} that is not declared.`,
    }
  })
  const strangers = [...input.strangers].flatMap(([element, neighbours]) =>
    neighbours.map(({ localPort, remoteSystem, remotePort }): LinkDifference => {
      const a = endAt(element, localPort)
      const far = remotePort === '' ? '' : `, port ${remotePort}`
      return {
        kind: 'unknownNeighbour',
        a,
        neighbour: remoteSystem,
        text: `${nameOf(a)} has a neighbour that is no element: ${remoteSystem}${far}.`,
      }
    }),
  )
  return [declared, undeclared, strangers].flatMap((some) =>
    some.toSorted((one, other) => (one.text < other.text ? -1 : one.text > other.text ? 1 : 0)),
  )
}

/** Only ports of elements that tell their interfaces are compared: others go by any text. */
function otherPorts(link: Link, shown: LearnedLink, input: LinkDifferencesInput): readonly LinkDifference[] {
  const wrong = [link.a, link.b].flatMap((end) => {
    const port = portIn(shown, end.element)
    const differs = end.interface !== undefined && port !== undefined && port !== end.interface
    return differs && input.portsKnown(end.element) ? [`${nameOf(end)} is on ${port}`] : []
  })
  if (wrong.length === 0) return []
  const { a, b } = link
  const text = `The declared link from ${nameOf(a)} to ${nameOf(b)} is elsewhere by LLDP: ${wrong.join(', ')}.`
  return [{ kind: 'otherPort', a, b, text }]
}

const missing = ({ a, b }: Link): LinkDifference => ({
  kind: 'missingLink',
  a,
  b,
  text: `The declared link from ${nameOf(a)} to ${nameOf(b)} is not shown by LLDP, though both ends tell of their neighbours.`,
})

const nameOf = (end: LinkEnd): string =>
  end.interface === undefined ? end.element : `${end.element} ${end.interface}`
