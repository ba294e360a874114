import type { InterfaceName } from './interface.ts'
import type { Link, LinkEnd, LinkId } from './link.ts'
import type { ElementId } from './network-element.ts'

/** One step from an element over a link. */
export interface Adjacency {
  readonly neighbour: ElementId
  readonly link: Link
  /** The port on this side and the one on the neighbour's side, where they are known. */
  readonly port?: InterfaceName
  readonly neighbourPort?: InterfaceName
}

/** The graph that root cause and impact are computed on. It may hold rings, parallel links and islands. */
export interface Topology {
  /** The element that this process polls from. */
  readonly vantage: ElementId
  /** Where services get out; impact is computed towards these. Never empty. */
  readonly gateways: readonly ElementId[]
  readonly elements: ReadonlySet<ElementId>
  readonly links: readonly Link[]
  /** Neighbours of an element, by link; an element without known links has an empty list. */
  readonly adjacent: (element: ElementId) => readonly Adjacency[]
}

const step = (from: LinkEnd, to: LinkEnd, link: Link): Adjacency => ({
  neighbour: to.element,
  link,
  ...(from.interface === undefined ? {} : { port: from.interface }),
  ...(to.interface === undefined ? {} : { neighbourPort: to.interface }),
})

/**
 * Builds the graph. Links with an end outside `elements`, links of an element to itself, and a link that is named again
 * (uplinks that form a loop) are left out: two links of the same id would look like a spare.
 */
export function buildTopology(
  vantage: ElementId,
  gateways: readonly ElementId[],
  elements: Iterable<ElementId>,
  links: readonly Link[],
): Topology {
  const known = new Set<ElementId>(elements).add(vantage)
  const ids = new Set<LinkId>()
  const kept = links.filter(({ id, a, b }) => {
    const isNew = !ids.has(id)
    ids.add(id)
    return isNew && known.has(a.element) && known.has(b.element) && a.element !== b.element
  })
  const steps = new Map<ElementId, Adjacency[]>([...known].map((element) => [element, []]))
  for (const link of kept) {
    steps.get(link.a.element)?.push(step(link.a, link.b, link))
    steps.get(link.b.element)?.push(step(link.b, link.a, link))
  }
  return {
    vantage,
    gateways: gateways.length > 0 ? gateways : [vantage],
    elements: known,
    links: kept,
    adjacent: (element) => steps.get(element) ?? [],
  }
}
