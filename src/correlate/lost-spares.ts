import { bridgeLinks, type DepthFirst, depthFirst } from './depth-first.ts'
import { type Fault, without } from './fault.ts'
import { arcsOf, at, components, everything } from './graph.ts'
import type { Situation } from './situation.ts'

/** A part of the network that is gone, the faults in it, and the served elements that it used to connect. */
interface Gap {
  readonly faults: ReadonlySet<number>
  readonly sides: ReadonlySet<number>
  /** A gateway went with it: it connected its sides to the way out as well. */
  readonly hadGateway: boolean
}

function gapsOf(
  { graph, gateways }: Situation,
  faults: readonly Fault[],
  isServed: (vertex: number) => boolean,
) {
  const faultsAt = new Map<number, number[]>()
  for (const [number, { dead }] of faults.entries())
    for (const vertex of dead) faultsAt.set(vertex, [...(faultsAt.get(vertex) ?? []), number])
  const isGateway = new Set(gateways)
  const parts = components(graph, faultsAt.keys(), { ...everything, vertex: (vertex) => !isServed(vertex) })
  const gaps: Gap[] = parts.map((part) => ({
    faults: new Set(part.flatMap((vertex) => faultsAt.get(vertex) ?? [])),
    sides: new Set(part.flatMap((vertex) => arcsOf(graph, vertex).map(({ to }) => to)).filter(isServed)),
    hadGateway: part.some((vertex) => isGateway.has(vertex)),
  }))
  for (const [number, { cut }] of faults.entries())
    for (const link of cut) {
      const sides = new Set(graph.ends[link])
      if ([...sides].every(isServed)) gaps.push({ faults: new Set([number]), sides, hadGateway: false })
    }
  return gaps
}

/**
 * Elements on whose way to the gateways a link has no spare any more that had one in the normal topology, by number of
 * the fault that took it. Such a link is a bridge now and was none; the ways round it led through a gap, so the gap
 * touches what lies behind the bridge and something before it. Elements that are cut off are not among them.
 */
export function lostSpares(
  situation: Situation,
  faults: readonly Fault[],
): ReadonlyMap<number, ReadonlySet<number>> {
  const { graph, gateways } = situation
  const atRisk = new Map<number, Set<number>>()
  if (faults.every(({ dead, cut }) => dead.length === 0 && cut.length === 0)) return atRisk
  const hadNone = bridgeLinks(depthFirst(graph, gateways, everything))
  const search = depthFirst(graph, gateways, without(faults))
  const isNew = (link: number) => !hadNone.has(link)
  const subtrees = newSubtrees(search, new Set([...bridgeLinks(search)].filter(isNew)))
  if (subtrees.tops.size === 0) return atRisk
  const isServed = (vertex: number) => at(search.found, vertex) >= 0
  for (const { faults: causes, sides, hadGateway } of gapsOf(situation, faults, isServed)) {
    const behind = new Map<number, number>()
    for (const side of sides)
      for (const top of subtrees.above(side)) behind.set(top, (behind.get(top) ?? 0) + 1)
    for (const [top, count] of behind) {
      // All sides lie behind that bridge: it was no way round.
      if (count === sides.size && !hadGateway) continue
      for (const fault of causes) {
        const vertices = atRisk.get(fault) ?? new Set<number>()
        atRisk.set(fault, vertices)
        for (const vertex of subtrees.under(top)) vertices.add(vertex)
      }
    }
  }
  return atRisk
}

/** The parts of the search tree behind these bridges, by the vertex at their top. */
function newSubtrees({ order, parent, parentLink }: DepthFirst, bridges: ReadonlySet<number>) {
  const position = new Map<number, number>()
  const end = new Map<number, number>()
  const nearest = new Map<number, number>()
  const tops = new Set<number>()
  for (const [index, vertex] of order.entries()) {
    position.set(vertex, index)
    const isTop = bridges.has(at(parentLink, vertex))
    if (isTop) tops.add(vertex)
    nearest.set(vertex, isTop ? vertex : (nearest.get(at(parent, vertex)) ?? -1))
  }
  for (const vertex of order.toReversed()) {
    const own = end.get(vertex) ?? position.get(vertex) ?? 0
    end.set(vertex, own)
    end.set(at(parent, vertex), Math.max(own, end.get(at(parent, vertex)) ?? 0))
  }
  return {
    tops,
    /** Tops over a vertex, itself included, from near to far. */
    above: function* (vertex: number) {
      for (let top = nearest.get(vertex) ?? -1; top >= 0; top = nearest.get(at(parent, top)) ?? -1) yield top
    },
    under: (top: number) => order.slice(position.get(top) ?? 0, (end.get(top) ?? -1) + 1),
  }
}
