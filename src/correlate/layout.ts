import type { ElementId, NetworkElement } from '../model/network-element.ts'
import type { Topology } from '../model/topology.ts'
import { bridgeLinks, type DepthFirst, depthFirst } from './depth-first.ts'
import { buildGraph, everything, type Graph, reachableFrom } from './graph.ts'
import { once } from './once.ts'

/**
 * The network as it is meant to be, with what follows from that alone: it stays the same from step to step, so it is
 * computed when it is first asked for and kept.
 */
export interface Layout {
  readonly graph: Graph
  readonly gateways: readonly number[]
  /** A search of the whole network from one element. */
  readonly searchFrom: (vertex: number) => DepthFirst
  /** Links on the way to the gateways that no other way replaces. */
  readonly bridges: () => ReadonlySet<number>
  /** Elements that have a path to a gateway. */
  readonly served: () => Uint8Array
  readonly siteOf: (vertex: number) => string | undefined
  readonly elementsAt: (site: string) => readonly number[]
}

export type Sites = ReadonlyMap<ElementId, Pick<NetworkElement, 'site'>>

/** `further` are elements that are measured but that the topology does not name: islands. */
export function layOut(topology: Topology, sites: Sites, further: Iterable<ElementId> = []): Layout {
  const graph = buildGraph(topology, further)
  const gateways = topology.gateways.flatMap((id) => graph.indexOf.get(id) ?? [])
  const searches = new Map<number, DepthFirst>()
  const bridges = once(() => bridgeLinks(depthFirst(graph, gateways, everything)))
  const served = once(() => reachableFrom(graph, gateways, everything))
  const siteOf = (vertex: number) => sites.get(graph.ids[vertex] ?? '')?.site
  const bySite = once(() => Map.groupBy(graph.ids.keys(), siteOf))
  return {
    graph,
    gateways,
    searchFrom(vertex) {
      const known = searches.get(vertex)
      if (known) return known
      const search = depthFirst(graph, [vertex], everything)
      searches.set(vertex, search)
      return search
    },
    bridges,
    served,
    siteOf,
    elementsAt: (site) => bySite().get(site) ?? [],
  }
}

/** The layout of the last topology, for as long as that, the sites and the strangers stay the same. */
export function createLayoutCache(): (
  topology: Topology,
  sites: Sites,
  measured: Iterable<ElementId>,
) => Layout {
  let last: { topology: Topology; sites: Sites; strangers: string; layout: Layout } | undefined
  return (topology, sites, measured) => {
    const strangers: ElementId[] = []
    for (const id of measured) if (!topology.elements.has(id)) strangers.push(id)
    const key = strangers.length === 0 ? '' : JSON.stringify([...new Set(strangers)].sort())
    if (last?.topology !== topology || last.sites !== sites || last.strangers !== key)
      last = { topology, sites, strangers: key, layout: layOut(topology, sites, strangers) }
    return last.layout
  }
}
