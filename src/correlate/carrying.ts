import { type DepthFirst, depthFirst } from './depth-first.ts'
import { at, everything } from './graph.ts'
import type { Sight } from './sight.ts'
import { answeredAt, farVoices, isDarkish, patienceMs, type Situation, sinceOf } from './situation.ts'

/** What carries traffic and what does not, as far as it was measured. */
export interface Carrying {
  /** Does not answer, or is not polled, and is on the only path to something that answered since: it forwards. */
  readonly forwards: (vertex: number) => boolean
  /** Those that forward. */
  readonly forwarding: () => readonly number[]
  /** When something last answered that is reached through this element alone, be it dark now; -Infinity for none. */
  readonly forwardedUntil: (vertex: number) => number
  /** A port at one end is down although both ends lived when it was seen: the link itself carries nothing. */
  readonly isBroken: (link: number) => boolean
}

/** By vertex: when something last answered that is connected through this vertex alone; -Infinity for none. */
function answersBehind(
  { reach, lastAnswerAt }: Sight,
  { order, parent, found, low }: DepthFirst,
  counts: (vertex: number) => boolean = (vertex) => reach[vertex] === 'answering',
): Float64Array {
  const size = reach.length
  const behind = new Float64Array(size).fill(-Infinity)
  const within = new Float64Array(size).fill(-Infinity)
  for (let index = order.length - 1; index >= 0; index--) {
    const vertex = at(order, index)
    const own = counts(vertex) ? (lastAnswerAt[vertex] ?? -Infinity) : -Infinity
    const best = Math.max(own, within[vertex] ?? -Infinity)
    const above = at(parent, vertex)
    if (above < 0) continue
    within[above] = Math.max(best, within[above] ?? -Infinity)
    if (at(low, vertex) >= at(found, above)) behind[above] = Math.max(best, behind[above] ?? -Infinity)
  }
  return behind
}

/**
 * Down ports whose link itself is broken. Where an end does not answer, the port is down because of it, unless that end
 * answered after the port went down. Where the far end answers, its answer must be newer than the alarm: a neighbour
 * that was cut off a second ago still counts as answering. After some patience it is believed; and after the decision
 * wait where nothing is known of the far end yet, as after a restart. For a far end that is not polled, what is polled
 * around it speaks: all of it silent, and the port is down because of that end as well as of the link.
 */
function brokenLinks(situation: Situation, forwards: (vertex: number) => boolean): ReadonlySet<number> {
  const { now, waitMs, reach } = situation
  const silent = (vertex: number) => isDarkish(situation, vertex) && !forwards(vertex)
  const broken = new Set<number>()
  for (const { vertex, alarm, links } of situation.downPorts)
    for (const link of links) {
      const voices = farVoices(situation, link, vertex)
      const onset = alarm?.onsetAt ?? Infinity
      const heardAt = Math.max(...voices.map((voice) => answeredAt(situation, voice)))
      const isSilent = voices.length > 0 && voices.every(silent)
      const livedOn =
        (!silent(vertex) || answeredAt(situation, vertex) >= onset) && (!isSilent || heardAt > onset)
      const answers = voices.some((voice) => reach[voice] === 'answering')
      const unknown = answers ? [] : voices.filter((voice) => reach[voice] === 'unknown')
      const isFresh =
        unknown.length > 0
          ? now - Math.max(onset, ...unknown.map((voice) => sinceOf(situation, voice))) >= waitMs
          : alarm === undefined || !answers || heardAt >= onset || now - onset >= patienceMs(situation)
      if (livedOn && isFresh) broken.add(link)
    }
  return broken
}

/** A measured answer outranks the graph: what lies on the only path to it forwards, whatever its own polls say. */
export function carrying(situation: Situation): Carrying {
  const { layout, graph, sights, vantages } = situation
  const first = brokenLinks(situation, () => false)
  const searchesOf = (vantage: number): readonly DepthFirst[] => [
    // A port that is wrongly reported as down must not hide an answer, so the whole graph is searched too.
    layout.searchFrom(vantage),
    ...(first.size === 0
      ? []
      : [depthFirst(graph, [vantage], { ...everything, link: (link) => !first.has(link) })]),
  ]
  const behind = sights.flatMap((sight) =>
    sight.vantages.flatMap(searchesOf).map((search) => answersBehind(sight, search)),
  )
  const latest = (times: readonly Float64Array[], vertex: number): number => {
    let answer = -Infinity
    for (const one of times) answer = Math.max(answer, one[vertex] ?? -Infinity)
    return answer
  }
  const forwards = (vertex: number): boolean => {
    if (vantages.includes(vertex) || situation.reach[vertex] === 'answering') return false
    const answer = latest(behind, vertex)
    return isDarkish(situation, vertex) ? answer >= sinceOf(situation, vertex) : answer > -Infinity
  }
  let forwarding: readonly number[] | undefined
  let everBehind: readonly Float64Array[] | undefined
  const broken = brokenLinks(situation, forwards)
  return {
    forwards,
    forwarding: () => (forwarding ??= [...graph.ids.keys()].filter(forwards)),
    forwardedUntil(vertex) {
      everBehind ??= sights.flatMap((sight) =>
        sight.vantages.map((vantage) => answersBehind(sight, layout.searchFrom(vantage), () => true)),
      )
      return latest(everBehind, vertex)
    },
    isBroken: (link) => broken.has(link),
  }
}
