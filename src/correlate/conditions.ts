import type { NetworkAlarm } from '../model/alarm.ts'
import { type RootCause, suspects } from '../model/incident.ts'
import { type AlarmRole, roleOf } from './alarm-roles.ts'
import { onsetOf } from './degradation-text.ts'
import { type Fault, harmless } from './fault.ts'
import { sensorPort } from './sensor-port.ts'
import type { Situation } from './situation.ts'

/**
 * Alarms about the condition of an element, a port or its transceiver (a busy processor, heat, little light), and what is
 * unlike the same hour in the weeks before. They go to a fault whose root is that element or a link on that port, and tell more about it. The other
 * conditions are findings for the NOC, one for each element or link: nothing that was measured suffers from them. What
 * is merely unusual is none.
 */
export function withConditions(
  situation: Situation,
  faults: readonly Fault[],
  isClaimed: (alarm: NetworkAlarm) => boolean,
): readonly Fault[] {
  const { graph } = situation
  const conditions = situation.alarms.filter((alarm) => isAbout(roleOf(alarm)) && !isClaimed(alarm))
  if (conditions.length === 0) return faults
  const byRoot = new Map<string, number>()
  for (const [index, { roots, kind }] of faults.entries())
    if (kind !== 'blind')
      for (const key of roots.flatMap(keysOf)) if (!byRoot.has(key)) byRoot.set(key, index)
  const more = new Map<number, NetworkAlarm[]>()
  const alone = new Map<string, { readonly root: RootCause; readonly alarms: NetworkAlarm[] }>()
  for (const alarm of conditions) {
    const { resource } = alarm
    const port =
      resource.kind === 'interface'
        ? resource.interface
        : resource.kind === 'sensor'
          ? sensorPort(graph, resource.element, resource.sensor)
          : undefined
    const links = port === undefined ? [] : graph.linksAt(graph.indexOf.get(resource.element) ?? -1, port)
    const [index] = [
      ...links.flatMap((link) => graph.links[link]?.id ?? []).map(linkKey),
      elementKey(resource.element),
    ].flatMap((key) => byRoot.get(key) ?? [])
    if (index !== undefined) {
      more.set(index, [...(more.get(index) ?? []), alarm])
      continue
    }
    if (roleOf(alarm) === 'oddity') continue
    const link = links.length === 1 ? graph.links[links[0] ?? -1] : undefined
    const root: RootCause = link ? { kind: 'link', link } : { kind: 'element', element: resource.element }
    const key = link ? linkKey(link.id) : elementKey(resource.element)
    const group = alone.get(key) ?? { root, alarms: [] }
    alone.set(key, group)
    group.alarms.push(alarm)
  }
  return [
    ...faults.map((fault, index) => {
      const alarms = more.get(index)
      return alarms
        ? {
            ...fault,
            alarms: [...fault.alarms, ...alarms],
            explanation: [...fault.explanation, ...alarms.map(({ text }) => `${text}.`)],
          }
        : fault
    }),
    ...[...alone.values()].map(({ root, alarms }) => ({
      ...harmless,
      kind: 'degradation' as const,
      roots: [root],
      alarms,
      explanation: [...alarms.map(({ text }) => `${text}.`), 'Nothing that is measured suffers from it.'],
      onsetAt: onsetOf(alarms),
    })),
  ]
}

const isAbout = (role: AlarmRole): boolean => role === 'condition' || role === 'oddity'

const elementKey = (element: string) => `element ${element}`
const linkKey = (link: string) => `link ${link}`

/** Where it is not known which of the two it is, what is known of the link tells more of it too. */
const keysOf = (root: RootCause): readonly string[] => {
  if (root.kind === 'link') return [linkKey(root.link.id)]
  const links = root.kind === 'elementOrUplink' ? root.uplinks.map(({ id }) => linkKey(id)) : []
  return [...suspects(root).map(elementKey), ...links]
}
