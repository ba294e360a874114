import type { NetworkAlarm } from '../model/alarm.ts'
import type { RootCause, Trouble } from '../model/incident.ts'
import type { InterfaceName } from '../model/interface.ts'
import { roleOf } from './alarm-roles.ts'
import { byNumber } from './graph.ts'
import type { Situation } from './situation.ts'

/** A port that carries too much, or on which frames are damaged, and its link where that is known. */
export interface BadPort {
  readonly alarm: NetworkAlarm
  readonly trouble: Trouble
  readonly vertex: number
  readonly port: InterfaceName
  readonly links: readonly number[]
}

export function badPorts(
  { graph, alarms }: Situation,
  isClaimed: (alarm: NetworkAlarm) => boolean,
): readonly BadPort[] {
  return alarms.flatMap((alarm): readonly BadPort[] => {
    const { resource } = alarm
    const role = roleOf(alarm)
    if ((role !== 'load' && role !== 'damage') || resource.kind !== 'interface' || isClaimed(alarm)) return []
    const vertex = graph.indexOf.get(resource.element) ?? -1
    const links = graph.linksAt(vertex, resource.interface)
    const trouble = role === 'load' ? 'congestion' : 'errors'
    return [{ alarm, trouble, vertex, port: resource.interface, links }]
  })
}

/** Damage is why packets are lost even where the link is full, so it is named when there is both. */
const troubleOf = (ports: readonly BadPort[]): Trouble =>
  ports.some(({ trouble }) => trouble === 'errors') ? 'errors' : 'congestion'

export const linksOfPorts = (ports: readonly BadPort[]): readonly number[] =>
  [...new Set(ports.flatMap(({ links }) => links))].sort(byNumber)

/** The links that are in trouble, or the elements where it is not known which link that is. */
export function rootsOfPorts({ graph }: Situation, ports: readonly BadPort[]): readonly RootCause[] {
  const links = linksOfPorts(ports)
  if (links.length > 0)
    return links.flatMap((index) => {
      const link = graph.links[index]
      const own = ports.filter((port) => port.links.includes(index))
      return link ? [{ kind: 'link', link, trouble: troubleOf(own) } as const] : []
    })
  const byVertex = Map.groupBy(
    ports.toSorted((one, other) => byNumber(one.vertex, other.vertex)),
    ({ vertex }) => vertex,
  )
  return [...byVertex].map(([vertex, own]) => ({
    kind: 'element',
    element: graph.ids[vertex] ?? '',
    trouble: troubleOf(own),
  }))
}
