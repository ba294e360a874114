import { type Arc, arcsOf, at, type Graph, type Passable } from './graph.ts'

/** All shortest paths (fewest links) from a set of sources. */
export interface ShortestPaths {
  /** Vertices by distance. */
  readonly order: readonly number[]
  /** Links to the nearest source; -1 when there is no path. */
  readonly distance: Int32Array
  /** The last vertex that every shortest path passes before this one; -1 when there is none. */
  readonly before: Int32Array
  /** Steps back towards the sources that lie on a shortest path. */
  readonly back: (vertex: number) => readonly Arc[]
}

export function shortestPaths(graph: Graph, sources: Iterable<number>, passable: Passable): ShortestPaths {
  const size = graph.ids.length
  const distance = new Int32Array(size).fill(-1)
  const before = new Int32Array(size).fill(-1)
  const depth = new Int32Array(size)
  const order: number[] = []
  for (const source of sources)
    if (at(distance, source) < 0 && passable.vertex(source)) {
      distance[source] = 0
      order.push(source)
    }
  for (let next = 0; next < order.length; next++) {
    const vertex = at(order, next)
    for (const { to, link } of arcsOf(graph, vertex))
      if (at(distance, to) < 0 && passable.link(link) && passable.vertex(to)) {
        distance[to] = at(distance, vertex) + 1
        order.push(to)
      }
  }
  const back = (vertex: number) =>
    arcsOf(graph, vertex).filter(
      ({ to, link }) =>
        at(distance, to) >= 0 && at(distance, to) === at(distance, vertex) - 1 && passable.link(link),
    )
  /** The nearest vertex that both have on all their paths. */
  const meet = (one: number, other: number): number => {
    while (one !== other) {
      if (one < 0 || other < 0) return -1
      if (at(depth, one) >= at(depth, other)) one = at(before, one)
      else other = at(before, other)
    }
    return one
  }
  for (const vertex of order) {
    const [first, ...rest] = back(vertex)
    if (!first) continue
    const common = rest.reduce((met, { to }) => meet(met, to), first.to)
    before[vertex] = common
    depth[vertex] = common < 0 ? 0 : at(depth, common) + 1
  }
  return { order, distance, before, back }
}

/** Answers which vertices are reached only by crossing some vertices (themselves included) or links. */
export function crossings(
  paths: ShortestPaths,
  ends: Graph['ends'],
): (vertices: readonly number[], links: readonly number[]) => ReadonlySet<number> {
  const after = Map.groupBy(paths.order, (vertex) => at(paths.before, vertex))
  return (vertices, links) => {
    const crossed = new Set<number>()
    const open = [...vertices]
    const isGiven = new Set(links)
    for (const vertex of links.flatMap((link) => ends[link] ?? [])) {
      const back = paths.back(vertex)
      if (back.length > 0 && back.every(({ link }) => isGiven.has(link))) open.push(vertex)
    }
    for (let vertex = open.pop(); vertex !== undefined; vertex = open.pop()) {
      if (crossed.has(vertex)) continue
      crossed.add(vertex)
      open.push(...(after.get(vertex) ?? []))
    }
    return crossed
  }
}
