import { arcsOf, at, byNumber, components, least } from './graph.ts'
import { apartMs, type Situation, sinceOf } from './situation.ts'

/** Elements that do not answer and hang together, in ascending order. */
export type Piece = readonly number[]

/**
 * Splits elements that are dark and hang together by when they fell silent. What was dark for long when its neighbour
 * fell is a fault of its own, and so is what fell later: each has the roots that it had when the other still answered.
 * Unless it has no other way to us than through what was dark before it: then it belongs to that. `isOpen`: the link is
 * not broken.
 */
export function intoEras(
  situation: Situation,
  whole: Piece,
  isOpen: (link: number) => boolean,
  /** There is a way from here to what answers, that leads through nothing that is dark. */
  isEntry: (vertex: number) => boolean,
): readonly Piece[] {
  const { graph } = situation
  const pause = apartMs(situation)
  const isAtOnce = (link: number) => {
    const [a, b] = graph.ends[link] ?? [-1, -1]
    return Math.abs(sinceOf(situation, a) - sinceOf(situation, b)) <= pause
  }
  if (whole.length < 2) return [whole]
  const members = new Set(whole)
  const parts = components(graph, whole, {
    vertex: (vertex) => members.has(vertex),
    link: (link) => isOpen(link) && isAtOnce(link),
  })
  if (parts.length < 2 || !whole.some(isEntry)) return [whole]
  const fellAt = (part: Piece) => least(part.map((vertex) => sinceOf(situation, vertex)))
  const timed = parts.map((part) => ({ part, at: fellAt(part) })).sort((one, other) => one.at - other.at)
  return joined(
    situation,
    timed.map(({ part }) => part),
    isOpen,
    isEntry,
  )
}

/** Gives each part without a way in to the latest of those beside it that were dark before. Parts come oldest first. */
function joined(
  { graph }: Situation,
  parts: readonly Piece[],
  isOpen: (link: number) => boolean,
  isEntry: (vertex: number) => boolean,
): readonly Piece[] {
  const members = new Map<number, number>()
  for (const [part, piece] of parts.entries()) for (const vertex of piece) members.set(vertex, part)
  const beside = parts.map((piece, own) => {
    const others = new Set<number>()
    for (const vertex of piece)
      for (const { to, link } of arcsOf(graph, vertex)) {
        const part = members.get(to)
        if (part !== undefined && part !== own && isOpen(link)) others.add(part)
      }
    return [...others].sort(byNumber)
  })
  const into = parts.map((_, part) => part)
  const homeOf = (part: number): number => {
    let home = part
    while (at(into, home) !== home) home = at(into, home)
    return home
  }
  const hasWay = parts.map((piece) => piece.some(isEntry))
  for (let part = parts.length - 1; part >= 0; part--) {
    const neighbours = beside[part] ?? []
    // It answered while what fell later was still there.
    if (neighbours.some((other) => other > part && hasWay[homeOf(other)])) hasWay[part] = true
    if (hasWay[part]) continue
    const before = neighbours.filter((other) => other < part).at(-1)
    if (before !== undefined) into[part] = before
  }
  // What is still without a way in hangs on a part that fell later and went to another.
  for (let changed = true; changed; ) {
    changed = false
    for (const part of parts.keys()) {
      if (hasWay[homeOf(part)]) continue
      const home = (beside[part] ?? []).map(homeOf).find((other) => hasWay[other])
      if (home === undefined) continue
      into[homeOf(part)] = home
      changed = true
    }
  }
  return [...Map.groupBy(parts.keys(), homeOf).values()].map((group) =>
    group.flatMap((part) => parts[part] ?? []).sort(byNumber),
  )
}
