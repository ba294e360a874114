import type { Carrying } from './carrying.ts'
import { intoEras, type Piece } from './eras.ts'
import { arcsOf, components, least, type Passable, reachableFrom } from './graph.ts'
import { fewestOfSite } from './site-outages.ts'
import { answeredAt, isDarkish, patienceMs, type Situation, sinceOf } from './situation.ts'
import type { Unreached } from './unreached.ts'

export interface DarkPieces {
  readonly decided: readonly Piece[]
  /** Elements that miss polls and about which nothing may be said yet. */
  readonly undecided: readonly number[]
}

/**
 * Splits what does not answer into connected pieces, and these by when they fell silent, and says which may be judged.
 * Phased polls darken children before their parents, so a piece needs one element whose alarm stands, and one of: every
 * measured neighbour of the piece has answered since its earliest first miss, so that nothing is left to ask; or the
 * decision wait has passed since, and some patience more while a neighbour counts as answering that has said nothing
 * since: its poll may be under way.
 *
 * A young piece waits too, but with patience only, while others may turn out to be dark by the same cause.
 *
 * An old piece is not torn open by a neighbour's first miss: elements that began to miss within the wait join only a
 * fault that is about as young. `before` keeps back all that began later (suspicion that the vantage is cut off).
 * What is not polled and carries nothing joins what it leads to; where that is not sure yet, the piece waits.
 */
export function darkPieces(
  situation: Situation,
  carries: Carrying,
  { has: isUnreached, isUnsure }: Pick<Unreached, 'has' | 'isUnsure'>,
  before = Infinity,
): DarkPieces {
  const { graph, now, waitMs, reach, vantages } = situation
  const silent: number[] = []
  const lost: number[] = []
  for (let vertex = 0; vertex < graph.ids.length; vertex++) {
    const isPolledAndSilent = isDarkish(situation, vertex) && !carries.forwards(vertex)
    if (isPolledAndSilent) silent.push(vertex)
    if (isPolledAndSilent || isUnreached(vertex)) lost.push(vertex)
  }
  if (silent.length === 0) return { decided: [], undecided: [] }
  const isSilent = new Set(silent)
  const isOld = (vertex: number, ms: number) => now - sinceOf(situation, vertex) >= ms
  const isFirstMiss = (vertex: number) => reach[vertex] === 'missing' && !isOld(vertex, waitMs)
  const hasDark = (piece: Piece) => piece.some((vertex) => reach[vertex] === 'dark')

  const hasWaited = (piece: Piece): boolean => {
    const earliest = least(piece.map((vertex) => sinceOf(situation, vertex)))
    const members = new Set(piece)
    const neighbours = piece
      .flatMap((vertex) => arcsOf(graph, vertex))
      .filter(({ to, link }) => !members.has(to) && !carries.isBroken(link) && reach[to] !== 'unpolled')
      // What was dark before has nothing to say.
      .filter(({ to }) => reach[to] !== 'dark' || sinceOf(situation, to) >= earliest)
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
  const among = (members: readonly number[]) => {
    const isMember = new Set(members)
    return components(
      graph,
      members,
      unbroken((vertex) => isMember.has(vertex)),
    )
  }
  const near = reachableFrom(
    graph,
    [...vantages, ...carries.forwarding()],
    unbroken((vertex) => !isSilent.has(vertex) && !isUnreached(vertex)),
  )
  const isEntry = (vertex: number) =>
    arcsOf(graph, vertex).some(({ to, link }) => near[to] !== 0 && !carries.isBroken(link))

  const whole = among(lost.filter((vertex) => sinceOf(situation, vertex) < before))
  const kept = whole.filter(hasDark).flatMap(settled)
  const decided = among(kept)
    .flatMap((piece) => intoEras(situation, piece, (link) => !carries.isBroken(link), isEntry))
    .filter((piece) => hasDark(piece) && hasWaited(piece))
  const judged = new Set(decided.flat())
  const isOpen = (vertex: number) => isSilent.has(vertex) && !judged.has(vertex)
  const mayGrow = sharedCauses(situation, isSilent, isOpen)
  const ripe = decided.filter(
    (piece) =>
      now - least(piece.map((vertex) => sinceOf(situation, vertex))) >= patienceMs(situation) ||
      !piece.some((vertex) => mayGrow(vertex) || isUnsure(vertex)),
  )
  const told = ripe.length === decided.length ? judged : new Set(ripe.flat())
  return { decided: ripe, undecided: silent.filter((vertex) => !told.has(vertex)) }
}

/**
 * Tells of a dark element whether others, that only miss polls yet, may be dark by the same cause although they do not
 * touch it: they hang on the same element that is not polled, or all that is polled at its site is silent.
 */
function sharedCauses(
  { graph, layout, reach }: Situation,
  isSilent: ReadonlySet<number>,
  isOpen: (vertex: number) => boolean,
): (vertex: number) => boolean {
  const sites = new Map<string, boolean>()
  const isGoing = (site: string): boolean => {
    const polled = layout.elementsAt(site).filter((vertex) => reach[vertex] !== 'unpolled')
    return (
      polled.length >= fewestOfSite && polled.every((vertex) => isSilent.has(vertex)) && polled.some(isOpen)
    )
  }
  return (vertex) => {
    const site = layout.siteOf(vertex)
    if (site !== undefined) {
      const known = sites.get(site) ?? isGoing(site)
      sites.set(site, known)
      if (known) return true
    }
    return arcsOf(graph, vertex).some(
      ({ to }) => reach[to] === 'unpolled' && arcsOf(graph, to).some((arc) => isOpen(arc.to)),
    )
  }
}
