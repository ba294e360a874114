import type { Carrying } from './carrying.ts'
import { arcsOf, at, byNumber, least } from './graph.ts'
import { apartMs, isPolled, type Situation, sinceOf } from './situation.ts'

/** Elements that nobody polls and that carry nothing any more, as what hangs on them tells. */
export interface LostFeeders {
  readonly vertices: readonly number[]
  /** When the first of what hangs on them fell silent. */
  readonly since: number
  /** Two of what hangs on them are dark, or a port says so. Others may have missed a poll by chance. */
  readonly isSure: boolean
}

/**
 * Finds splitters, cabinets and the like that fell: nothing answers that is reached through them alone, and two or more
 * elements that they lead to fell silent within a short time, or a neighbour says that its port towards them went down
 * then. One box alone is no word about its splitter. Where splitters hang on a cabinet, the nearest that all have in
 * common fell; what lies between fell with it. `near`: what is still reached.
 */
export function lostFeeders(
  situation: Situation,
  carries: Carrying,
  silent: readonly number[],
  near: Uint8Array,
): readonly LostFeeders[] {
  const { graph, vantages } = situation
  const mayBeLost = (vertex: number) =>
    vertex >= 0 && !isPolled(situation, vertex) && !vantages.includes(vertex) && !carries.forwards(vertex)
  /** The only element that is still reached next to this one. */
  const gateOf = (vertex: number): number => {
    let gate = -1
    for (const { to, link } of arcsOf(graph, vertex)) {
      if (near[to] === 0 || carries.isBroken(link) || to === gate) continue
      if (gate >= 0) return -1
      gate = to
    }
    return gate
  }
  const chains = new Map<number, readonly number[]>()
  const chainFrom = (gate: number): readonly number[] => {
    const known = chains.get(gate)
    if (known) return known
    const chain: number[] = []
    for (let next = gate; mayBeLost(next) && !chain.includes(next); next = stepBefore(situation, next))
      chain.push(next)
    chains.set(gate, chain)
    return chain
  }
  const boxes = silent
    .map((vertex) => ({
      since: sinceOf(situation, vertex),
      isDark: situation.reach[vertex] === 'dark',
      chain: chainFrom(gateOf(vertex)),
    }))
    .filter(({ chain }) => chain.length > 0)
  return [...Map.groupBy(boxes, ({ chain }) => chain.at(-1)).values()].flatMap((all) =>
    atOnce(situation, all).flatMap((group): readonly LostFeeders[] => {
      const since = least(group.map((box) => box.since))
      const [first, ...others] = group.map(({ chain }) => chain)
      const common = (first ?? []).filter((vertex) => others.every((chain) => chain.includes(vertex)))
      const nearest = others.length > 0 ? common[0] : undefined
      const reported = common.findLast((vertex) => hasLostPort(situation, vertex, since))
      const feeder = reported ?? nearest
      if (feeder === undefined) return []
      const isSure = reported !== undefined || group.filter(({ isDark }) => isDark).length >= 2
      const vertices = group.flatMap(({ chain }) => chain.slice(0, chain.indexOf(feeder) + 1))
      return [{ vertices: [...new Set(vertices)].sort(byNumber), since, isSure }]
    }),
  )
}

/** What every way from here to a vantage passes next; -1 where there are several. */
function stepBefore({ layout, vantages }: Situation, vertex: number): number {
  const steps = new Set(
    vantages.map((vantage) => {
      const { parent, found, low } = layout.searchFrom(vantage)
      const above = at(parent, vertex)
      return above >= 0 && at(low, vertex) >= at(found, above) ? above : -1
    }),
  )
  const [only = -1] = steps
  return steps.size === 1 ? only : -1
}

/** A neighbour says that its port towards this element went down at about that time. */
const hasLostPort = (situation: Situation, vertex: number, since: number): boolean =>
  arcsOf(situation.graph, vertex).some(({ to, link }) =>
    situation
      .downAt(link)
      .some(
        (port) =>
          port.vertex === to &&
          (port.alarm === undefined || Math.abs(port.alarm.onsetAt - since) <= apartMs(situation)),
      ),
  )

/** Groups of those that fell within a short time. */
function atOnce<T extends { readonly since: number }>(
  situation: Situation,
  all: readonly T[],
): readonly (readonly T[])[] {
  const groups: T[][] = []
  let last = -Infinity
  for (const one of all.toSorted((a, b) => a.since - b.since)) {
    if (one.since - last > apartMs(situation)) groups.push([])
    groups.at(-1)?.push(one)
    last = one.since
  }
  return groups
}
