import type { Alarm } from '../model/alarm.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { NetworkState, Reach } from '../model/network-state.ts'
import type { Topology } from '../model/topology.ts'
import { buildGraph, byText, type Graph } from './graph.ts'

/** A port that is down although it is meant to be up, and where it leads. */
export interface DownPort {
  readonly vertex: number
  readonly port: InterfaceName
  /** Absent while no rule has raised one. */
  readonly alarm?: Alarm
  /** Its agent says so now. An alarm alone may be older than this process, which then has not asked yet. */
  readonly isReported: boolean
  readonly links: readonly number[]
}

/** What was measured, by number of the element in the graph. Nothing here is inferred. */
export interface Situation {
  readonly graph: Graph
  readonly vantage: number
  readonly gateways: readonly number[]
  readonly now: number
  readonly waitMs: number
  readonly reach: readonly (Reach | 'unpolled')[]
  /** Start of the present state: for `missing` and `dark` the first missed poll. */
  readonly since: readonly number[]
  /** -Infinity when no answer is known. */
  readonly lastAnswerAt: readonly number[]
  readonly downPorts: readonly DownPort[]
  readonly downAt: (link: number) => readonly DownPort[]
  /** Active alarms in order of their ids. */
  readonly alarms: readonly Alarm[]
  readonly alarmsOf: (vertex: number) => readonly Alarm[]
}

export interface SituationInput {
  readonly topology: Topology
  readonly state: NetworkState
  readonly alarms: readonly Alarm[]
  readonly now: number
  readonly decisionWaitMs: number
}

export const isDarkish = ({ reach }: Situation, vertex: number): boolean =>
  reach[vertex] === 'dark' || reach[vertex] === 'missing'

export const sinceOf = ({ since, now }: Situation, vertex: number): number => since[vertex] ?? now
/** So long an element that is polled is waited for when it said nothing since something fell silent near it, ms. */
export const patienceMs = ({ waitMs }: Situation): number => 3 * waitMs
export const answeredAt = ({ lastAnswerAt }: Situation, vertex: number): number =>
  lastAnswerAt[vertex] ?? -Infinity

/**
 * Numbers the network and puts the measurements to it. An `unreachable` alarm stands for its element while no poll says
 * anything newer, as after a restart. The vantage is where we are: it counts as answering.
 */
export function assess({ topology, state, alarms, now, decisionWaitMs }: SituationInput): Situation {
  const active = alarms
    .filter((alarm) => alarm.state === 'active')
    .sort((one, other) => byText(one.id, other.id))
  const graph = buildGraph(topology, [
    ...state.elements.keys(),
    ...active.map((alarm) => alarm.resource.element),
  ])
  const vantage = graph.indexOf.get(topology.vantage) ?? -1
  const reach: (Reach | 'unpolled')[] = graph.ids.map((id) => state.elements.get(id)?.reach ?? 'unpolled')
  const since = graph.ids.map((id) => state.elements.get(id)?.since ?? now)
  const lastAnswerAt = graph.ids.map((id) => {
    const element = state.elements.get(id)
    return element?.lastAnswerAt ?? (element?.reach === 'answering' ? now : -Infinity)
  })
  const byVertex = Map.groupBy(active, (alarm) => graph.indexOf.get(alarm.resource.element) ?? -1)
  for (const alarm of active) {
    const vertex = graph.indexOf.get(alarm.resource.element) ?? -1
    if (alarm.type !== 'unreachable' || reach[vertex] === 'answering' || reach[vertex] === 'dark') continue
    reach[vertex] = 'dark'
    since[vertex] = alarm.onsetAt
  }
  reach[vantage] = 'answering'
  lastAnswerAt[vantage] = now

  const portAlarms = active.flatMap((alarm) =>
    alarm.type === 'interface-down' && alarm.resource.kind === 'interface'
      ? [{ alarm, element: alarm.resource.element, port: alarm.resource.interface }]
      : [],
  )
  const alarmed = new Set(portAlarms.map(({ element, port }) => JSON.stringify([element, port])))
  const unalarmed = [...state.portsDown].flatMap(([element, ports]) =>
    [...ports]
      .filter((port) => !alarmed.has(JSON.stringify([element, port])))
      .map((port) => ({ alarm: undefined, element, port })),
  )
  const downPorts = [...portAlarms, ...unalarmed].flatMap(({ alarm, element, port }): DownPort[] => {
    const vertex = graph.indexOf.get(element)
    if (vertex === undefined) return []
    const isReported = state.portsDown.get(element)?.has(port) ?? false
    return [{ vertex, port, links: graph.linksAt(vertex, port), isReported, ...(alarm ? { alarm } : {}) }]
  })
  const byLink = new Map<number, DownPort[]>()
  for (const down of downPorts)
    for (const link of down.links) byLink.set(link, [...(byLink.get(link) ?? []), down])
  return {
    graph,
    vantage,
    gateways: topology.gateways.flatMap((id) => graph.indexOf.get(id) ?? []),
    now,
    waitMs: decisionWaitMs,
    reach,
    since,
    lastAnswerAt,
    downPorts,
    downAt: (link) => byLink.get(link) ?? [],
    alarms: active,
    alarmsOf: (vertex) => byVertex.get(vertex) ?? [],
  }
}

/** The other end of a link. */
export const farEnd = ({ graph }: Situation, link: number, vertex: number): number => {
  const [a, b] = graph.ends[link] ?? [-1, -1]
  return a === vertex ? b : a
}
