import type { NetworkAlarm } from '../model/alarm.ts'
import type { InterfaceName } from '../model/interface.ts'
import { byText, type Graph } from './graph.ts'
import type { Layout } from './layout.ts'
import { type Seen, type Sight, together, type View } from './sight.ts'
import { createVoices, type Voices } from './voices.ts'

/** A port that is down although it is meant to be up, and where it leads. */
export interface DownPort {
  readonly vertex: number
  readonly port: InterfaceName
  /** Absent while no rule has raised one. */
  readonly alarm?: NetworkAlarm
  /** Its agent says so now. An alarm alone may be older than this process, which then has not asked yet. */
  readonly isReported: boolean
  readonly links: readonly number[]
}

/** The network as it is meant to be, and what was measured of it, from one vantage or from several. */
export interface Situation extends Sight {
  readonly layout: Layout
  readonly graph: Graph
  readonly gateways: readonly number[]
  readonly now: number
  readonly waitMs: number
  readonly voicesOf: Voices
  /** Declared, and LLDP of both ends does not show it. */
  readonly isDoubted: (link: number) => boolean
  /** What each vantage sees by itself. */
  readonly sights: readonly Sight[]
  readonly downPorts: readonly DownPort[]
  readonly downAt: (link: number) => readonly DownPort[]
  /** Down ports of an element of which it is not known where they lead. */
  readonly looseAt: (vertex: number) => readonly DownPort[]
  /** Active alarms in order of their ids. */
  readonly alarms: readonly NetworkAlarm[]
  readonly alarmsOf: (vertex: number) => readonly NetworkAlarm[]
}

export const isDarkish = ({ reach }: Sight, vertex: number): boolean =>
  reach[vertex] === 'dark' || reach[vertex] === 'missing'

export const isPolled = ({ reach }: Sight, vertex: number): boolean => reach[vertex] !== 'unpolled'

export const sinceOf = ({ since, now }: Situation, vertex: number): number => since[vertex] ?? now
/** So long an element that is polled is waited for when it said nothing since something fell silent near it, ms. */
export const patienceMs = ({ waitMs }: Pick<Situation, 'waitMs'>): number => 3 * waitMs
/** What falls silent at least so much later than its neighbour is another event, ms. One cause may take a while to spread. */
export const apartMs = ({ waitMs }: Pick<Situation, 'waitMs'>): number => Math.max(6 * waitMs, 60_000)
export const answeredAt = ({ lastAnswerAt }: Sight, vertex: number): number =>
  lastAnswerAt[vertex] ?? -Infinity

const none: readonly never[] = []

/** What does not depend on who looks. */
export interface Frame {
  readonly layout: Layout
  readonly now: number
  readonly waitMs: number
  readonly isDoubted: (link: number) => boolean
}

/** Of several views, what they say together; there is at least one. */
export function assess({ layout, now, waitMs, isDoubted }: Frame, views: readonly Seen[]): Situation {
  const { graph, gateways } = layout
  const sights = views.map(({ sight }) => sight)
  const alarms = [...new Set(views.flatMap((view) => view.alarms))].sort((one, other) =>
    byText(one.id, other.id),
  )
  const byVertex = Map.groupBy(alarms, (alarm) => graph.indexOf.get(alarm.resource.element) ?? -1)
  const downPorts = downPortsOf(graph, views, alarms)
  const loose = Map.groupBy(
    downPorts.filter(({ links }) => links.length === 0),
    ({ vertex }) => vertex,
  )
  const byLink = new Map<number, DownPort[]>()
  for (const down of downPorts)
    for (const link of down.links) {
      const ofLink = byLink.get(link)
      if (ofLink) ofLink.push(down)
      else byLink.set(link, [down])
    }
  const sight = together(sights, now)
  return {
    ...sight,
    layout,
    graph,
    gateways,
    now,
    waitMs,
    voicesOf: createVoices(graph, sight),
    isDoubted,
    sights,
    downPorts,
    downAt: (link) => byLink.get(link) ?? none,
    looseAt: (vertex) => loose.get(vertex) ?? none,
    alarms,
    alarmsOf: (vertex) => byVertex.get(vertex) ?? none,
  }
}

const portKey = (element: string, port: InterfaceName) => `${element} ${port}`

function downPortsOf(
  graph: Graph,
  views: readonly View[],
  alarms: readonly NetworkAlarm[],
): readonly DownPort[] {
  const reported = new Set<string>()
  const without: { element: string; port: InterfaceName }[] = []
  for (const { state } of views)
    for (const [element, ports] of state.portsDown)
      for (const port of ports) {
        const key = portKey(element, port)
        if (reported.has(key)) continue
        reported.add(key)
        without.push({ element, port })
      }
  const alarmed = new Set<string>()
  const downPorts: DownPort[] = []
  const add = (element: string, port: InterfaceName, alarm?: NetworkAlarm) => {
    const vertex = graph.indexOf.get(element)
    if (vertex === undefined) return
    const isReported = reported.has(portKey(element, port))
    downPorts.push({
      vertex,
      port,
      links: graph.linksAt(vertex, port),
      isReported,
      ...(alarm ? { alarm } : {}),
    })
  }
  for (const alarm of alarms) {
    const { type, resource } = alarm
    if (type !== 'interface-down' || resource.kind !== 'interface') continue
    alarmed.add(portKey(resource.element, resource.interface))
    add(resource.element, resource.interface, alarm)
  }
  for (const { element, port } of without) if (!alarmed.has(portKey(element, port))) add(element, port)
  return downPorts
}

/** The other end of a link. */
export const farEnd = ({ graph }: Situation, link: number, vertex: number): number => {
  const [a, b] = graph.ends[link] ?? [-1, -1]
  return a === vertex ? b : a
}

/**
 * Who tells whether the other end of a link lives: itself, or what is polled around it where it is not polled. None of
 * them for a line to an end that nobody measures.
 */
export const farVoices = (situation: Situation, link: number, vertex: number): readonly number[] =>
  situation.voicesOf(farEnd(situation, link, vertex)).filter((voice) => voice !== vertex)

export const nameOf = ({ graph }: Pick<Situation, 'graph'>, vertex: number): string => graph.ids[vertex] ?? ''

/** Names in the order of the alphabet, each once. */
export const namesOf = ({ graph }: Pick<Situation, 'graph'>, vertices: Iterable<number>): readonly string[] =>
  [...new Set(vertices)].sort((one, other) => one - other).flatMap((vertex) => graph.ids[vertex] ?? [])
