import type { Carrying } from './carrying.ts'
import { lostFeeders } from './feeders.ts'
import { arcsOf, components, reachableFrom } from './graph.ts'
import { isDarkish, isPolled, type Situation } from './situation.ts'

/** What nobody polls and nothing reaches any more: it joins what is dark on its sides. */
export interface Unreached {
  /** As it was, with the time since when these carry nothing. */
  readonly situation: Situation
  readonly has: (vertex: number) => boolean
  /** It fell, as far as a first missed poll can tell. */
  readonly isUnsure: (vertex: number) => boolean
}

const never = () => false

/**
 * Finds the elements that are not polled (splitters, cabinets, whole segments) and carry nothing: those that lie behind
 * what is silent, lost when the last of what is polled around them was; and those that fell themselves, as all tells that
 * hangs on them. One that may still be reached says nothing.
 */
export function unreached(situation: Situation, carries: Carrying): Unreached {
  const { graph, vantages } = situation
  const ids = [...graph.ids.keys()]
  const silent = ids.filter((vertex) => isDarkish(situation, vertex) && !carries.forwards(vertex))
  const unpolled = ids.filter((vertex) => !isPolled(situation, vertex) && !vantages.includes(vertex))
  if (silent.length === 0 || unpolled.length === 0) return { situation, has: never, isUnsure: never }
  const gone = new Set(silent)
  const reached = () =>
    reachableFrom(graph, [...vantages, ...carries.forwarding()], {
      vertex: (vertex) => !gone.has(vertex),
      link: (link) => !carries.isBroken(link),
    })
  const since = situation.since.slice()
  let near = reached()
  const feeders = lostFeeders(situation, carries, silent, near)
  for (const feeder of feeders)
    for (const vertex of feeder.vertices) {
      gone.add(vertex)
      since[vertex] = feeder.since
    }
  if (feeders.length > 0) near = reached()
  const isBehind = (vertex: number) => near[vertex] === 0 && !gone.has(vertex)
  const behind = unpolled.filter(isBehind)
  const isOpen = (link: number) => !carries.isBroken(link)
  for (const part of components(graph, behind, { vertex: isBehind, link: isOpen })) {
    const sides = new Set(
      part.flatMap((vertex) => arcsOf(graph, vertex).flatMap(({ to, link }) => (isOpen(link) ? [to] : []))),
    )
    let lostAt = -Infinity
    for (const side of sides) if (gone.has(side)) lostAt = Math.max(lostAt, since[side] ?? -Infinity)
    for (const vertex of part) since[vertex] = lostAt
  }
  const isUnpolled = new Set(unpolled)
  const unsure = new Set(feeders.flatMap(({ isSure, vertices }) => (isSure ? [] : vertices)))
  return {
    situation: { ...situation, since },
    isUnsure: (vertex) => unsure.has(vertex),
    has: (vertex) =>
      isUnpolled.has(vertex) &&
      (gone.has(vertex) || near[vertex] === 0) &&
      (since[vertex] ?? -Infinity) > -Infinity,
  }
}
