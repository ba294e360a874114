import type { Carrying } from './carrying.ts'
import { type Entry, entryAt, type IsOutside } from './entry.ts'
import type { Piece } from './eras.ts'
import { arcsOf, at, byNumber, components, reachableFrom } from './graph.ts'
import { answeredAt, apartMs, type Situation, sinceOf } from './situation.ts'

/** Dark elements that one fault explains, and where they meet the rest of the network. */
export interface Border {
  /** In ascending order. */
  readonly members: Piece
  /** Members with a way to us that does not lead through the others: each needs a cause of its own. */
  readonly entries: readonly Entry[]
  /** Links to the members that broke while both ends lived. */
  readonly brokenBefore: readonly number[]
  /** Elements beside the members that were dark long before: another fault, and no way for this one. */
  readonly darkBefore: readonly number[]
}

export interface Borders {
  readonly borders: readonly Border[]
  /** Pieces without any known way to them. */
  readonly islands: readonly Piece[]
}

const sorted = (numbers: Iterable<number>): readonly number[] => [...new Set(numbers)].sort(byNumber)

/** Finds the ways into each dark piece, and takes apart what only touches. */
export function bordersOf(situation: Situation, carries: Carrying, pieces: readonly Piece[]): Borders {
  const { graph, reach, vantages } = situation
  const pieceOf = new Map<number, number>()
  for (const [index, piece] of pieces.entries()) for (const vertex of piece) pieceOf.set(vertex, index)
  // What forwards is reached, whatever the ports on the way to it say.
  const near = reachableFrom(graph, [...vantages, ...carries.forwarding()], {
    vertex: (vertex) => !pieceOf.has(vertex),
    link: (link) => !carries.isBroken(link),
  })
  const pause = apartMs(situation)
  const isLater = (one: number, other: number) =>
    pieceOf.has(other) &&
    pieceOf.get(one) !== pieceOf.get(other) &&
    sinceOf(situation, other) - sinceOf(situation, one) > pause
  // What lies beyond the piece and still counts as answering, from before the first miss, is no way in.
  const isOutside: IsOutside = (from, to) =>
    near[to] !== 0 ||
    (reach[to] === 'answering' && answeredAt(situation, to) >= sinceOf(situation, from)) ||
    isLater(from, to)

  const borders: Border[] = []
  const islands: Piece[] = []
  for (const piece of pieces) {
    const outward = piece.flatMap((vertex) =>
      arcsOf(graph, vertex)
        .filter(({ to }) => isOutside(vertex, to))
        .map(({ link }) => ({ link, vertex })),
    )
    if (outward.length === 0) {
      islands.push(piece)
      continue
    }
    const open = outward.filter(({ link }) => !carries.isBroken(link))
    const broken = open.length > 0 ? outward.filter(({ link }) => carries.isBroken(link)) : []
    const entries = sorted((open.length > 0 ? open : outward).map(({ vertex }) => vertex)).map((vertex) =>
      entryAt(situation, carries, vertex, isOutside),
    )
    for (const group of apart(situation, carries, piece, entries)) {
      const isMember = new Set(group.members)
      borders.push({
        ...group,
        brokenBefore: sorted(broken.filter(({ vertex }) => isMember.has(vertex)).map(({ link }) => link)),
        darkBefore: sorted(
          group.members.flatMap((vertex) =>
            arcsOf(graph, vertex)
              .filter(({ to, link }) => pieceOf.has(to) && isLater(to, vertex) && !carries.isBroken(link))
              .map(({ to }) => to),
          ),
        ),
      })
    }
  }
  return { borders, islands }
}

/**
 * Takes a piece apart where the evidence tells that it is several faults: entries that failed for certain, that nothing
 * hangs on together, and that only touch. An element that hangs on two of them is dark because both failed, and where it
 * may have been a link that failed, one of them may be dark because of the other: then they are one fault.
 */
function apart(
  situation: Situation,
  carries: Carrying,
  piece: Piece,
  entries: readonly Entry[],
): readonly Pick<Border, 'members' | 'entries'>[] {
  if (entries.length < 2) return [{ members: piece, entries }]
  const { graph } = situation
  const isMember = new Set(piece)
  const entryOf = new Map(entries.map((entry) => [entry.vertex, entry]))
  const home = new Map(entries.map(({ vertex }) => [vertex, vertex]))
  const homeOf = (vertex: number): number => {
    let one = vertex
    for (let next = home.get(one); next !== undefined && next !== one; next = home.get(one)) one = next
    return one
  }
  const join = (all: readonly number[]) => {
    for (const vertex of all) home.set(homeOf(vertex), homeOf(at(all, 0)))
  }
  const beside = (vertex: number) =>
    arcsOf(graph, vertex).flatMap(({ to, link }) => (carries.isBroken(link) ? [] : to))
  for (const { vertex, isCertain } of entries)
    for (const other of beside(vertex)) {
      const neighbour = entryOf.get(other)
      if (neighbour && !(isCertain && neighbour.isCertain)) join([vertex, other])
    }
  const hidden = components(
    graph,
    piece.filter((vertex) => !entryOf.has(vertex)),
    {
      vertex: (vertex) => isMember.has(vertex) && !entryOf.has(vertex),
      link: (link) => !carries.isBroken(link),
    },
  )
  const behind = hidden.map((part) => {
    const holders = sorted(part.flatMap(beside).filter((vertex) => entryOf.has(vertex)))
    join(holders)
    return { part, holder: at(holders, 0) }
  })
  const groups = Map.groupBy(entries, ({ vertex }) => homeOf(vertex))
  if (groups.size === 1) return [{ members: piece, entries }]
  const partsOf = Map.groupBy(behind, ({ holder }) => homeOf(holder))
  return [...groups].map(([key, own]) => ({
    entries: own,
    members: sorted([
      ...own.map(({ vertex }) => vertex),
      ...(partsOf.get(key) ?? []).flatMap(({ part }) => part),
    ]),
  }))
}
