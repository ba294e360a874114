import type { InterfaceName } from '../model/interface.ts'
import type { Link } from '../model/link.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Topology } from '../model/topology.ts'

/** One step to a neighbour over a link, in numbers. */
export interface Arc {
  readonly to: number
  readonly link: number
}

/**
 * The topology with elements and links numbered in order of their ids, so that what is computed does not depend on the
 * order of the input. All algorithms here are linear in elements and links, and none recurses.
 */
export interface Graph {
  readonly ids: readonly ElementId[]
  readonly indexOf: ReadonlyMap<ElementId, number>
  readonly links: readonly Link[]
  readonly ends: readonly (readonly [number, number])[]
  readonly arcs: readonly (readonly Arc[])[]
  /** Links on a port: none when it is not known where it leads, several on a shared segment. */
  readonly linksAt: (vertex: number, port: InterfaceName) => readonly number[]
}

/** What a search may use. */
export interface Passable {
  readonly vertex: (vertex: number) => boolean
  readonly link: (link: number) => boolean
}

export const everything: Passable = { vertex: () => true, link: () => true }

/** Element of an array of numbers; -1, which stands for "none", beyond its end. */
export const at = (numbers: ArrayLike<number>, index: number): number => numbers[index] ?? -1

export const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const none: readonly never[] = []

/** `further` are elements that are measured but that the topology does not name: islands. */
export function buildGraph(topology: Topology, further: Iterable<ElementId>): Graph {
  const ids = [...new Set([...topology.elements, topology.vantage, ...further])].sort(byText)
  const indexOf = new Map(ids.map((id, index) => [id, index]))
  const links = topology.links.toSorted((one, other) => byText(one.id, other.id))
  const arcs: Arc[][] = ids.map(() => [])
  const ports = new Map<number, Map<InterfaceName, number[]>>()
  const notePort = (vertex: number, port: InterfaceName | undefined, link: number) => {
    if (port === undefined) return
    const ofVertex = ports.get(vertex) ?? new Map<InterfaceName, number[]>()
    ports.set(vertex, ofVertex)
    ofVertex.set(port, [...(ofVertex.get(port) ?? none), link])
  }
  const ends = links.map(({ a, b }, link): readonly [number, number] => {
    const [from, to] = [indexOf.get(a.element) ?? -1, indexOf.get(b.element) ?? -1]
    arcs[from]?.push({ to, link })
    arcs[to]?.push({ to: from, link })
    notePort(from, a.interface, link)
    notePort(to, b.interface, link)
    return [from, to]
  })
  return { ids, indexOf, links, ends, arcs, linksAt: (vertex, port) => ports.get(vertex)?.get(port) ?? none }
}

export const arcsOf = (graph: Graph, vertex: number): readonly Arc[] => graph.arcs[vertex] ?? none

/** Everything connected to the sources, they included where they may be passed. */
export function reachableFrom(graph: Graph, sources: Iterable<number>, passable: Passable): Uint8Array {
  const reached = new Uint8Array(graph.ids.length)
  const open: number[] = []
  const visit = (vertex: number) => {
    if (reached[vertex] !== 0 || !passable.vertex(vertex)) return
    reached[vertex] = 1
    open.push(vertex)
  }
  for (const source of sources) visit(source)
  for (let vertex = open.pop(); vertex !== undefined; vertex = open.pop())
    for (const { to, link } of arcsOf(graph, vertex)) if (passable.link(link)) visit(to)
  return reached
}

/** Connected pieces among the vertices that may be passed, each in ascending order. */
export function components(
  graph: Graph,
  vertices: Iterable<number>,
  passable: Passable,
): readonly (readonly number[])[] {
  const seen = new Uint8Array(graph.ids.length)
  const pieces: number[][] = []
  for (const start of vertices) {
    if (seen[start] !== 0 || !passable.vertex(start)) continue
    seen[start] = 1
    const piece = [start]
    for (let next = 0; next < piece.length; next++)
      for (const { to, link } of arcsOf(graph, at(piece, next)))
        if (seen[to] === 0 && passable.link(link) && passable.vertex(to)) {
          seen[to] = 1
          piece.push(to)
        }
    pieces.push(piece.sort((one, other) => one - other))
  }
  return pieces
}
