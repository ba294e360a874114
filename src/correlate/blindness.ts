import { arcsOf, at, least } from './graph.ts'
import { isDarkish, type Situation, sinceOf } from './situation.ts'

/** It does not answer, or cannot even be asked. */
export const isLost = (situation: Situation, vertex: number): boolean =>
  situation.unsent.has(vertex) || isDarkish(situation, vertex)

/** The first poll that was not answered, or could not be sent. */
export function lostSince(situation: Situation, vertex: number): number {
  const unsent = situation.unsent.get(vertex)?.since ?? Infinity
  const isSilent = isDarkish(situation, vertex) || unsent === Infinity
  return isSilent ? Math.min(unsent, sinceOf(situation, vertex)) : unsent
}

/**
 * Is it the network that is dark, or are we cut off?
 * - `no`: something behind the vantage answers;
 * - `maybe`: nothing does, and the vantage's neighbours are not decided yet; faults since `before` must wait;
 * - `yes`: its neighbours are all dark, or twice and for the decision wait could not be sent to. Nothing is known about
 *   the network.
 */
export type Blindness =
  | { readonly kind: 'no' }
  | { readonly kind: 'maybe'; readonly before: number }
  | { readonly kind: 'yes' }

/** The first polled elements on each way from the vantage. */
export function nearestPolled({ graph, reach }: Situation, vantage: number): readonly number[] {
  const seen = new Set([vantage])
  const open = [vantage]
  const polled: number[] = []
  for (let next = 0; next < open.length; next++)
    for (const { to } of arcsOf(graph, at(open, next))) {
      if (seen.has(to)) continue
      seen.add(to)
      if (reach[to] === 'unpolled') open.push(to)
      else polled.push(to)
    }
  return polled
}

/** `situation` is what one vantage sees. */
export function blindness(situation: Situation, vantage: number): Blindness {
  const { graph, layout, reach, unsent, now, waitMs } = situation
  const isRefused = (vertex: number) => {
    const one = unsent.get(vertex)
    return one?.isConfirmed === true && now - one.since >= waitMs
  }
  const isDecidedAt = (vertex: number) => reach[vertex] === 'dark' || isRefused(vertex)
  const connected = layout.searchFrom(vantage).found
  let dark = 0
  let silent = 0
  let unlinkedAnswers = 0
  for (let vertex = 0; vertex < graph.ids.length; vertex++) {
    if (vertex === vantage) continue
    // What answered before it could not be asked any more says nothing of now.
    if (reach[vertex] === 'answering' && !unsent.has(vertex)) {
      if (at(connected, vertex) >= 0) return { kind: 'no' }
      unlinkedAnswers++
    }
    if (isDecidedAt(vertex)) dark++
    if (isLost(situation, vertex)) silent++
  }
  // Boxes whose place is not known may answer; where they are the greater part, the graph is what is wrong.
  if ((dark === 0 && unsent.size === 0) || unlinkedAnswers >= silent) return { kind: 'no' }

  const neighbours = nearestPolled(situation, vantage)
  const missing = neighbours.filter((vertex) => isLost(situation, vertex))
  const isDecided =
    neighbours.length > 0
      ? missing.length > 0 && missing.every(isDecidedAt)
      : unlinkedAnswers === 0 && dark === silent
  // Where its neighbours were dark before, what cannot be sent to has to last as well.
  if (isDecided && (unsent.size === 0 || [...unsent.keys()].some(isRefused))) return { kind: 'yes' }
  if (neighbours.length === 0 && unlinkedAnswers > 0) return { kind: 'no' }
  return { kind: 'maybe', before: least(missing.map((vertex) => lostSince(situation, vertex))) - waitMs }
}
