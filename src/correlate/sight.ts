import type { NetworkAlarm } from '../model/alarm.ts'
import type { ElementId } from '../model/network-element.ts'
import type { NetworkState, Reach, Unsent } from '../model/network-state.ts'
import type { Graph } from './graph.ts'

/** What one poller sees from where it stands. */
export interface View {
  /** The element that it polls from. */
  readonly vantage: ElementId
  readonly state: NetworkState
  readonly alarms: readonly NetworkAlarm[]
}

/** What was measured, by number of the element in the graph. Nothing here is inferred. */
export interface Sight {
  /** Where it was measured from: several when views are put together. */
  readonly vantages: readonly number[]
  readonly reach: readonly (Reach | 'unpolled')[]
  /** Start of the present state: for `missing` and `dark` the first missed poll. */
  readonly since: Float64Array
  /** -Infinity when no answer is known. */
  readonly lastAnswerAt: Float64Array
  /** What the poller of one view cannot send to; of several views together it is not told. */
  readonly unsent: ReadonlyMap<number, Unsent>
}

/** A view, and what it says by number. */
export interface Seen extends View {
  readonly sight: Sight
}

/** `Sight` while it is being made. */
interface Making extends Sight {
  readonly reach: (Reach | 'unpolled')[]
}

const nothingUnsent: ReadonlyMap<number, Unsent> = new Map()

/**
 * Puts the measurements of one view to the graph. An `unreachable` alarm stands for its element while no poll says
 * anything newer, as after a restart. The vantage is where we are: it counts as answering.
 */
export function sightOf(graph: Graph, { vantage, state, alarms }: View, now: number): Sight {
  const from = graph.indexOf.get(vantage) ?? -1
  const unsent = new Map<number, Unsent>()
  const seen: Making = {
    vantages: [from],
    reach: [],
    since: new Float64Array(graph.ids.length),
    lastAnswerAt: new Float64Array(graph.ids.length),
    unsent,
  }
  for (const [vertex, id] of graph.ids.entries()) {
    const element = state.elements.get(id)
    seen.reach.push(element?.reach ?? 'unpolled')
    seen.since[vertex] = element?.since ?? now
    if (element?.unsent && vertex !== from) unsent.set(vertex, element.unsent)
    seen.lastAnswerAt[vertex] = element?.lastAnswerAt ?? (element?.reach === 'answering' ? now : -Infinity)
  }
  for (const { type, resource, onsetAt } of alarms) {
    const vertex = type === 'unreachable' ? (graph.indexOf.get(resource.element) ?? -1) : -1
    if (vertex < 0 || seen.reach[vertex] === 'answering' || seen.reach[vertex] === 'dark') continue
    seen.reach[vertex] = 'dark'
    seen.since[vertex] = onsetAt
  }
  seen.reach[from] = 'answering'
  seen.lastAnswerAt[from] = now
  return seen
}

/**
 * What several vantages know together. An element answers when it answers any of them, and answered since the others
 * lost it; it is dark since the last of them lost it, and only when none of those that poll it is still to decide.
 */
export function together(sights: readonly Sight[], now: number): Sight {
  const [first, ...others] = sights
  if (first === undefined || others.length === 0)
    return (
      first ?? {
        vantages: [],
        reach: [],
        since: new Float64Array(),
        lastAnswerAt: new Float64Array(),
        unsent: nothingUnsent,
      }
    )
  const size = first.reach.length
  const seen: Making = {
    vantages: sights.flatMap(({ vantages }) => vantages),
    reach: [],
    since: new Float64Array(size).fill(now),
    lastAnswerAt: new Float64Array(size).fill(-Infinity),
    unsent: nothingUnsent,
  }
  for (let vertex = 0; vertex < size; vertex++) {
    const by = (reach: Reach) => sights.filter((sight) => sight.reach[vertex] === reach)
    const [answering, dark, missing] = [by('answering'), by('dark'), by('missing')]
    const latest = Math.max(...sights.map(({ lastAnswerAt }) => lastAnswerAt[vertex] ?? -Infinity))
    const lostAt = Math.max(...[...dark, ...missing].map(({ since }) => since[vertex] ?? now))
    const unknown = by('unknown')
    const is = (reach: Reach | 'unpolled', since: number) => {
      seen.reach.push(reach)
      seen.since[vertex] = since
    }
    seen.lastAnswerAt[vertex] = latest
    if (answering.length > 0 && latest >= lostAt)
      is('answering', Math.min(...answering.map(({ since }) => since[vertex] ?? now)))
    else if (dark.length > 0 && missing.length === 0 && answering.length === 0) is('dark', lostAt)
    else if (dark.length + missing.length > 0) is('missing', lostAt)
    else is(unknown.length > 0 ? 'unknown' : 'unpolled', unknown[0]?.since[vertex] ?? now)
  }
  return seen
}
