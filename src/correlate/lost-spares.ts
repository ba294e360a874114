import { bridgeLinks, type DepthFirst, depthFirst } from './depth-first.ts'
import type { Fault } from './fault.ts'
import { faultCosts } from './fault-costs.ts'
import { arcsOf, at, components, everything, type Graph, type Passable } from './graph.ts'
import { once } from './once.ts'
import type { Situation } from './situation.ts'

/** A part of the network that is gone, and what it used to connect. */
interface Gap {
  /** Elements that still have a path to a gateway. */
  readonly sides: ReadonlySet<number>
  /** A gateway went with it: it connected its sides to the way out as well. */
  readonly hadGateway: boolean
  /** The faults that cost what hangs on some of its sides their way through it. */
  readonly causesFor: (isBehind: (side: number) => boolean) => Iterable<number>
}

function gapsOf(
  { graph, gateways }: Situation,
  faults: readonly Fault[],
  isServed: (vertex: number) => boolean,
): readonly Gap[] {
  const faultsAt = new Map<number, number[]>()
  for (const [number, { dead }] of faults.entries())
    for (const vertex of dead) faultsAt.set(vertex, [...(faultsAt.get(vertex) ?? []), number])
  const gateway = new Set(gateways)
  const isGateway = (vertex: number) => gateway.has(vertex)
  const parts = components(graph, faultsAt.keys(), { ...everything, vertex: (vertex) => !isServed(vertex) })
  const gaps = parts.map((part): Gap => {
    const through = throughPart(graph, part, (vertex) => isServed(vertex) || isGateway(vertex))
    const causes = new Set(through.flatMap((vertex) => faultsAt.get(vertex) ?? []))
    const costs = once(() => faultCosts(graph, through, faultsAt, isServed, isGateway))
    return {
      sides: new Set(part.flatMap((vertex) => arcsOf(graph, vertex).map(({ to }) => to)).filter(isServed)),
      hadGateway: part.some(isGateway),
      causesFor: (isBehind) => (causes.size < 2 ? causes : costs()(isBehind)),
    }
  })
  for (const [number, { cut }] of faults.entries())
    for (const link of cut) {
      const sides = new Set(graph.ends[link])
      if ([...sides].every(isServed)) gaps.push({ sides, hadGateway: false, causesFor: () => [number] })
    }
  return gaps
}

/** Without the dead ends: what only hangs on a gap leads nowhere, so its loss takes no way from anybody. */
function throughPart(graph: Graph, part: readonly number[], isSide: (vertex: number) => boolean) {
  const kept = new Set(part)
  const ways = new Map(part.map((vertex) => [vertex, 0]))
  for (const vertex of part)
    for (const { to } of arcsOf(graph, vertex))
      if (kept.has(to) || isSide(to)) ways.set(vertex, (ways.get(vertex) ?? 0) + 1)
  const isDeadEnd = (vertex: number) => kept.has(vertex) && !isSide(vertex) && (ways.get(vertex) ?? 0) < 2
  const open = part.filter(isDeadEnd)
  for (let vertex = open.pop(); vertex !== undefined; vertex = open.pop()) {
    if (!kept.delete(vertex)) continue
    for (const { to } of arcsOf(graph, vertex)) {
      ways.set(to, (ways.get(to) ?? 0) - 1)
      if (isDeadEnd(to)) open.push(to)
    }
  }
  return [...kept]
}

/**
 * Elements on whose way to the gateways a link has no spare any more that had one in the normal topology, by number of
 * the fault that took it. Such a link is a bridge now and was none; the ways round it led through a gap, so the gap
 * touches what lies behind the bridge and something before it. Elements that are cut off are not among them. `left` is
 * what carries in spite of the faults.
 */
export function lostSpares(
  situation: Situation,
  faults: readonly Fault[],
  left: Passable,
): ReadonlyMap<number, ReadonlySet<number>> {
  const { graph, gateways, layout } = situation
  const atRisk = new Map<number, Set<number>>()
  if (faults.every(({ dead, cut }) => dead.length === 0 && cut.length === 0)) return atRisk
  const hadNone = layout.bridges()
  const search = depthFirst(graph, gateways, left)
  const bridges = new Set([...bridgeLinks(search)].filter((link) => !hadNone.has(link)))
  if (bridges.size === 0) return atRisk
  const subtrees = newSubtrees(search, bridges)
  const isServed = (vertex: number) => at(search.found, vertex) >= 0
  for (const { sides, hadGateway, causesFor } of gapsOf(situation, faults, isServed)) {
    const behind = new Map<number, number>()
    for (const side of sides)
      for (const top of subtrees.above(side)) behind.set(top, (behind.get(top) ?? 0) + 1)
    for (const [top, count] of behind) {
      // All sides lie behind that bridge: it was no way round.
      if (count === sides.size && !hadGateway) continue
      for (const fault of causesFor((side) => subtrees.isUnder(side, top))) {
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
  const size = parent.length
  const position = new Int32Array(size).fill(-1)
  const end = new Int32Array(size)
  /** The nearest top over a vertex, itself included; -1 for none. */
  const nearest = new Int32Array(size).fill(-1)
  const tops = new Set<number>()
  for (let index = 0; index < order.length; index++) {
    const vertex = at(order, index)
    position[vertex] = index
    end[vertex] = index
    const isTop = bridges.has(at(parentLink, vertex))
    if (isTop) tops.add(vertex)
    nearest[vertex] = isTop ? vertex : at(nearest, at(parent, vertex))
  }
  for (let index = order.length - 1; index >= 0; index--) {
    const vertex = at(order, index)
    const above = at(parent, vertex)
    if (above >= 0) end[above] = Math.max(at(end, vertex), at(end, above))
  }
  return {
    tops,
    /** Tops over a vertex, itself included, from near to far. */
    above: function* (vertex: number) {
      for (let top = at(nearest, vertex); top >= 0; top = at(nearest, at(parent, top))) yield top
    },
    isUnder: (vertex: number, top: number) =>
      at(position, vertex) >= at(position, top) && at(position, vertex) <= at(end, top),
    under: (top: number) => order.slice(at(position, top), at(end, top) + 1),
  }
}
