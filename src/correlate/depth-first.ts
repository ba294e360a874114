import { arcsOf, at, type Graph, type Passable } from './graph.ts'

/**
 * A depth-first search from the roots, which count as one vertex. `low` is the smallest `found` that a vertex or its
 * subtree touches without its tree link (Tarjan 1972): a child with low ≥ found(parent) hangs on its parent alone, one
 * with low > found(parent) on the link to it.
 */
export interface DepthFirst {
  /** Vertices in the order of finding. */
  readonly order: readonly number[]
  /** -1 for roots and for what was not reached. */
  readonly parent: Int32Array
  readonly parentLink: Int32Array
  /** 0 for roots, then 1, 2, 3 …; -1 when not reached. */
  readonly found: Int32Array
  readonly low: Int32Array
}

export function depthFirst(graph: Graph, roots: Iterable<number>, passable: Passable): DepthFirst {
  const size = graph.ids.length
  const parent = new Int32Array(size).fill(-1)
  const parentLink = new Int32Array(size).fill(-1)
  const found = new Int32Array(size).fill(-1)
  const low = new Int32Array(size).fill(-1)
  const cursor = new Int32Array(size)
  const order: number[] = []
  const starts = [...roots].filter((root) => passable.vertex(root))
  for (const root of starts) {
    found[root] = 0
    low[root] = 0
  }
  let count = 0
  const lower = (vertex: number, value: number) => {
    if (value < at(low, vertex)) low[vertex] = value
  }
  for (const root of starts) {
    if (at(cursor, root) > 0) continue
    order.push(root)
    const stack = [root]
    for (let vertex = root; vertex >= 0; vertex = at(stack, stack.length - 1)) {
      const next = at(cursor, vertex)
      cursor[vertex] = next + 1
      const arc = arcsOf(graph, vertex)[next]
      if (!arc) {
        stack.pop()
        if (at(parent, vertex) >= 0) lower(at(parent, vertex), at(low, vertex))
      } else if (arc.link !== at(parentLink, vertex) && passable.link(arc.link) && passable.vertex(arc.to)) {
        if (at(found, arc.to) >= 0) lower(vertex, at(found, arc.to))
        else {
          parent[arc.to] = vertex
          parentLink[arc.to] = arc.link
          found[arc.to] = ++count
          low[arc.to] = count
          order.push(arc.to)
          stack.push(arc.to)
        }
      }
    }
  }
  return { order, parent, parentLink, found, low }
}

/** Links that no other way replaces. */
export function bridgeLinks(search: DepthFirst): ReadonlySet<number> {
  const links = new Set<number>()
  for (const vertex of search.order) {
    const parent = at(search.parent, vertex)
    if (parent >= 0 && at(search.low, vertex) > at(search.found, parent))
      links.add(at(search.parentLink, vertex))
  }
  return links
}
