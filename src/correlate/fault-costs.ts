import { arcsOf, at, components, everything, type Graph } from './graph.ts'

/** Elements of a gap that hang together and carry nothing because of the same faults. */
interface Block {
  readonly faults: readonly number[]
  /** What still works beside it. */
  readonly sides: readonly number[]
  /** A gateway is lost with it. */
  readonly isOut: boolean
  readonly beside: readonly number[]
}

const nobody: readonly number[] = []

/**
 * Which of several faults in one gap cost those behind some of its sides their way through it to the other sides, or to
 * a gateway that is lost in it. A fault does where it would alone: there is no way round it in the gap. And where it is
 * all that is missing: its elements alone would be a way. The others are beside the point, and where that is all of them,
 * they did it together. `costsOf` is asked with what is behind.
 */
export function faultCosts(
  graph: Graph,
  gap: readonly number[],
  faultsAt: ReadonlyMap<number, readonly number[]>,
  isServed: (vertex: number) => boolean,
  isGateway: (vertex: number) => boolean,
): (isBehind: (side: number) => boolean) => ReadonlySet<number> {
  const blocks = blocksOf(graph, gap, faultsAt, isServed, isGateway)
  const all = new Set(blocks.flatMap(({ faults }) => faults))
  return (isBehind) => {
    const starts = [...blocks.keys()].filter((index) => blocks[index]?.sides.some(isBehind))
    const isEnd = (index: number) =>
      blocks[index]?.isOut === true || blocks[index]?.sides.some((side) => !isBehind(side)) === true
    const faultsOf = (index: number) => blocks[index]?.faults ?? nobody
    const wayThrough = (isOpen: (index: number) => boolean) => shortestWay(blocks, starts, isEnd, isOpen)
    // What is on every way is on this one.
    const candidates = new Set(wayThrough(() => true).flatMap(faultsOf))
    const costs = new Set(
      [...candidates].filter((fault) => wayThrough((index) => !faultsOf(index).includes(fault)).length === 0),
    )
    for (const fault of all)
      if (
        !costs.has(fault) &&
        wayThrough((index) => faultsOf(index).every((one) => one === fault)).length > 0
      )
        costs.add(fault)
    return costs.size > 0 ? costs : all
  }
}

function blocksOf(
  graph: Graph,
  gap: readonly number[],
  faultsAt: ReadonlyMap<number, readonly number[]>,
  isServed: (vertex: number) => boolean,
  isGateway: (vertex: number) => boolean,
): readonly Block[] {
  const keyOf = (vertex: number) => (faultsAt.get(vertex) ?? nobody).join()
  const parts = [...Map.groupBy(gap, keyOf).values()].flatMap((same) => {
    const isSame = new Set(same)
    return components(graph, same, { ...everything, vertex: (vertex) => isSame.has(vertex) })
  })
  const blockOf = new Map(parts.flatMap((part, index) => part.map((vertex) => [vertex, index] as const)))
  return parts.map((part, own) => {
    const around = part.flatMap((vertex) => arcsOf(graph, vertex).map(({ to }) => to))
    return {
      faults: faultsAt.get(at(part, 0)) ?? nobody,
      sides: [...new Set(around.filter(isServed))],
      isOut: part.some(isGateway),
      beside: [...new Set(around.flatMap((vertex) => blockOf.get(vertex) ?? nobody))].filter(
        (other) => other !== own,
      ),
    }
  })
}

/** The blocks on a way with the fewest of them; none where there is no way. */
function shortestWay(
  blocks: readonly Block[],
  starts: readonly number[],
  isEnd: (index: number) => boolean,
  isOpen: (index: number) => boolean,
): readonly number[] {
  const from = new Map<number, number>()
  const open = starts.filter(isOpen)
  for (const start of open) from.set(start, -1)
  for (let next = 0; next < open.length; next++) {
    const index = at(open, next)
    if (isEnd(index)) {
      const way: number[] = []
      for (let one = index; one >= 0; one = from.get(one) ?? -1) way.push(one)
      return way
    }
    for (const other of blocks[index]?.beside ?? [])
      if (!from.has(other) && isOpen(other)) {
        from.set(other, index)
        open.push(other)
      }
  }
  return []
}
