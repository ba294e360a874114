import { arcsOf, at } from './graph.ts'
import { isDarkish, type Situation, sinceOf } from './situation.ts'

/**
 * Is it the network that is dark, or are we cut off?
 * - `no`: something behind the vantage answers;
 * - `maybe`: nothing does, and the vantage's neighbours are not decided yet; faults since `before` must wait;
 * - `yes`: its neighbours are all dark. Nothing is known about the network.
 */
export type Blindness =
  | { readonly kind: 'no' }
  | { readonly kind: 'maybe'; readonly before: number }
  | { readonly kind: 'yes' }

/** The first polled elements on each way from the vantage. */
function nearestPolled({ graph, reach }: Situation, vantage: number): readonly number[] {
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
  const { graph, layout, reach, waitMs } = situation
  const connected = layout.searchFrom(vantage).found
  let dark = 0
  let silent = 0
  let unlinkedAnswers = 0
  for (let vertex = 0; vertex < graph.ids.length; vertex++) {
    if (vertex === vantage) continue
    if (reach[vertex] === 'answering') {
      if (at(connected, vertex) >= 0) return { kind: 'no' }
      unlinkedAnswers++
    }
    if (reach[vertex] === 'dark') dark++
    if (isDarkish(situation, vertex)) silent++
  }
  // Boxes whose place is not known may answer; where they are the greater part, the graph is what is wrong.
  if (dark === 0 || unlinkedAnswers >= silent) return { kind: 'no' }

  const neighbours = nearestPolled(situation, vantage)
  const missing = neighbours.filter((vertex) => isDarkish(situation, vertex))
  const isDecided =
    neighbours.length > 0
      ? missing.length > 0 && missing.every((vertex) => reach[vertex] === 'dark')
      : unlinkedAnswers === 0 && dark === silent
  if (isDecided) return { kind: 'yes' }
  if (neighbours.length === 0 && unlinkedAnswers > 0) return { kind: 'no' }
  return { kind: 'maybe', before: Math.min(...missing.map((vertex) => sinceOf(situation, vertex))) - waitMs }
}
