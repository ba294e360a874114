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
  /** Links of LLDP that the inventory contradicts. They are left out: what is declared wins. */
  readonly contradicted: readonly Contradicted[]
}

/** LLDP shows another neighbour on a port than the one that is declared there. */
export interface Contradicted {
  readonly shown: Link
  readonly declared: Link
}

/** What a search may use. */
export interface Passable {
  readonly vertex: (vertex: number) => boolean
  readonly link: (link: number) => boolean
}

export const everything: Passable = { vertex: () => true, link: () => true }

/** Element of an array of numbers; -1, which stands for "none", beyond its end. */
export const at = (numbers: ArrayLike<number>, index: number): number => numbers[index] ?? -1

export const byNumber = (one: number, other: number): number => one - other

/** Infinity for none. Any length, where Math.min has only so many arguments. */
export function least(numbers: Iterable<number>): number {
  let found = Infinity
  for (const number of numbers) if (number < found) found = number
  return found
}

export const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const none: readonly never[] = []

/** `further` are elements that are measured but that the topology does not name: islands. */
export function buildGraph(topology: Topology, further: Iterable<ElementId>): Graph {
  const ids = [...new Set([...topology.elements, topology.vantage, ...further])].sort(byText)
  const indexOf = new Map(ids.map((id, index) => [id, index]))
  const { links, contradicted } = undisputed(
    topology.links.toSorted((one, other) => byText(one.id, other.id)),
  )
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
  const linksAt = (vertex: number, port: InterfaceName) => ports.get(vertex)?.get(port) ?? none
  return { ids, indexOf, links, ends, arcs, linksAt, contradicted }
}

const portKeys = ({ a, b }: Link): readonly string[] =>
  [a, b].flatMap((end) => (end.interface === undefined ? [] : [JSON.stringify([end.element, end.interface])]))

/**
 * One cable goes into one port: where a port is declared to lead somewhere, LLDP does not lead it elsewhere. Unless that
 * is all that is known of the other element: then it hangs on the same segment, or it would hang nowhere.
 */
function undisputed(all: readonly Link[]): Pick<Graph, 'links' | 'contradicted'> {
  const declaredAt = new Map<string, Link>()
  for (const link of all)
    if (link.source !== 'lldp') for (const key of portKeys(link)) declaredAt.set(key, link)
  const disputed = new Map<Link, Link>()
  const joined = new Set<ElementId>()
  for (const link of all) {
    const declared =
      link.source === 'lldp' ? portKeys(link).flatMap((key) => declaredAt.get(key) ?? [])[0] : undefined
    if (declared) disputed.set(link, declared)
    else joined.add(link.a.element).add(link.b.element)
  }
  const loses = ({ a, b }: Link) => joined.has(a.element) && joined.has(b.element)
  return {
    links: all.filter((link) => !(disputed.has(link) && loses(link))),
    contradicted: [...disputed].flatMap(([shown, declared]) => (loses(shown) ? [{ shown, declared }] : [])),
  }
}

export const arcsOf = (graph: Graph, vertex: number): readonly Arc[] => graph.arcs[vertex] ?? none

/** Everything connected to the sources, they included where they may be passed. */
export function reachableFrom(graph: Graph, sources: Iterable<number>, passable: Passable): Uint8Array {
  const reached = new Uint8Array(graph.ids.length)
  const open: number[] = []
  for (const source of sources)
    if (reached[source] === 0 && passable.vertex(source)) {
      reached[source] = 1
      open.push(source)
    }
  for (let vertex = open.pop(); vertex !== undefined; vertex = open.pop())
    for (const { to, link } of arcsOf(graph, vertex))
      if (reached[to] === 0 && passable.link(link) && passable.vertex(to)) {
        reached[to] = 1
        open.push(to)
      }
  return reached
}

/** Connected pieces among the vertices that may be passed, each in ascending order. */
export function components(
  graph: Graph,
  vertices: Iterable<number>,
  passable: Passable,
): readonly (readonly number[])[] {
  // A set and not an array over all: this is asked of small pieces too, and of many.
  const seen = new Set<number>()
  const pieces: number[][] = []
  for (const start of vertices) {
    if (seen.has(start) || !passable.vertex(start)) continue
    seen.add(start)
    const piece = [start]
    for (let next = 0; next < piece.length; next++)
      for (const { to, link } of arcsOf(graph, at(piece, next)))
        if (!seen.has(to) && passable.link(link) && passable.vertex(to)) {
          seen.add(to)
          piece.push(to)
        }
    pieces.push(piece.sort(byNumber))
  }
  return pieces
}
