import type { Carrying } from './carrying.ts'
import { arcsOf, components, type Graph, type Passable } from './graph.ts'
import { answeredAt, isDarkish, patienceMs, type Situation, sinceOf } from './situation.ts'

/** Elements that do not answer and hang together, in ascending order. */
export type Piece = readonly number[]

export interface DarkPieces {
  readonly decided: readonly Piece[]
  /** Elements that miss polls and about which nothing may be said yet. */
  readonly undecided: readonly number[]
}

/**
 * Splits what does not answer into connected pieces and says which may be judged. Phased polls darken children before
 * their parents, so a piece needs one element whose alarm stands, and one of: every measured neighbour of the piece has
 * answered since its earliest first miss, so that nothing is left to ask; or the decision wait has passed since, and
 * some patience more while a neighbour counts as answering that has said nothing since: its poll may be under way.
 *
 * An old piece is not torn open by a neighbour's first miss: elements that began to miss within the wait join only a
 * fault that is about as young. `before` keeps back all that began later (suspicion that the vantage is cut off).
 */
export function darkPieces(situation: Situation, carries: Carrying, before = Infinity): DarkPieces {
  const { graph, now, waitMs, reach } = situation
  const isSilent = (vertex: number) => isDarkish(situation, vertex) && !carries.forwards(vertex)
  const isOld = (vertex: number, ms: number) => now - sinceOf(situation, vertex) >= ms
  const isFirstMiss = (vertex: number) => reach[vertex] === 'missing' && !isOld(vertex, waitMs)
  const hasDark = (piece: Piece) => piece.some((vertex) => reach[vertex] === 'dark')

  const hasWaited = (piece: Piece): boolean => {
    const earliest = Math.min(...piece.map((vertex) => sinceOf(situation, vertex)))
    const members = new Set(piece)
    const neighbours = piece
      .flatMap((vertex) => arcsOf(graph, vertex))
      .filter(({ to, link }) => !members.has(to) && !carries.isBroken(link) && reach[to] !== 'unpolled')
    const unheard = neighbours.filter(({ to }) => answeredAt(situation, to) < earliest)
    if (neighbours.length > 0 && unheard.length === 0) return true
    const mayTell = unheard.some(({ to }) => reach[to] === 'answering')
    return now - earliest >= (mayTell ? patienceMs(situation) : waitMs)
  }
  /** Without the first misses, where the rest is an old story. */
  const settled = (piece: Piece): Piece => {
    const others = piece.filter((vertex) => !isFirstMiss(vertex))
    return others.every((vertex) => isOld(vertex, 2 * waitMs)) && hasDark(others) ? others : piece
  }

  const unbroken = (isMember: (vertex: number) => boolean): Passable => ({
    vertex: isMember,
    link: (link) => !carries.isBroken(link),
  })
  const isCandidate = (vertex: number) => isSilent(vertex) && sinceOf(situation, vertex) < before
  const whole = components(graph, graph.ids.keys(), unbroken(isCandidate))
  const kept = new Set(whole.flatMap((piece) => (hasDark(piece) ? settled(piece) : [])))
  const decided = components(
    graph,
    graph.ids.keys(),
    unbroken((vertex) => kept.has(vertex)),
  ).filter((piece) => hasDark(piece) && hasWaited(piece))
  const judged = new Set(decided.flat())
  return { decided, undecided: silentOf(graph, isSilent).filter((vertex) => !judged.has(vertex)) }
}

const silentOf = (graph: Graph, isSilent: (vertex: number) => boolean): readonly number[] =>
  [...graph.ids.keys()].filter(isSilent)
