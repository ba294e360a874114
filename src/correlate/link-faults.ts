import type { Alarm } from '../model/alarm.ts'
import type { Carrying } from './carrying.ts'
import { type Fault, harmless } from './fault.ts'
import { answeredAt, type DownPort, farEnd, isDarkish, type Situation, sinceOf } from './situation.ts'
import { listText, timeText } from './words.ts'

const onsetOf = (alarms: readonly Alarm[]) => Math.min(...alarms.map((alarm) => alarm.onsetAt))

/**
 * Interface alarms that no outage explains. Both ends of a link are one fault of that link; a port that leads nowhere
 * known is a fault of its own. A port towards an element that just began to miss polls waits for that to be decided.
 */
export function linkFaults(
  situation: Situation,
  carries: Carrying,
  isClaimed: (alarm: Alarm) => boolean,
  isUndecided: (vertex: number) => boolean,
): readonly Fault[] {
  const { graph, waitMs } = situation
  const groups = new Map<number, { readonly ports: DownPort[]; readonly links: Set<number> }>()
  const faults: Fault[] = []
  for (const down of situation.downPorts) {
    const { alarm, vertex, links } = down
    if (!alarm || isClaimed(alarm)) continue
    if (links.length === 0) {
      // Where a port leads is learned from the agent that says that it is down.
      if (down.isReported) faults.push(portFault(situation, down, alarm))
      continue
    }
    // Of an end that never answered, as far as we know, it is not known either when it fell silent.
    const isSameEvent = (far: number) =>
      isUndecided(far) &&
      (answeredAt(situation, far) === -Infinity || alarm.onsetAt >= sinceOf(situation, far) - 2 * waitMs)
    if (links.some((link) => isSameEvent(farEnd(situation, link, vertex)))) continue
    const lost = links.filter(
      (link) => carries.isBroken(link) || isDarkish(situation, farEnd(situation, link, vertex)),
    )
    if (lost.length === 0) continue
    const group = lost.flatMap((link) => groups.get(link) ?? [])[0] ?? { ports: [], links: new Set<number>() }
    group.ports.push(down)
    for (const link of lost) {
      group.links.add(link)
      groups.set(link, group)
    }
  }
  for (const { ports, links } of new Set(groups.values())) {
    const cut = [...links].sort((one, other) => one - other)
    const alarms = ports.flatMap(({ alarm }) => alarm ?? [])
    const names = ports.map(({ vertex, port }) => `${graph.ids[vertex]}[${port}]`).sort()
    faults.push({
      ...harmless,
      kind: 'cut',
      roots: cut.flatMap((index) => {
        const link = graph.links[index]
        return link ? [{ kind: 'link', link } as const] : []
      }),
      alarms,
      explanation: [
        `${listText(names)} ${names.length === 1 ? 'has been' : 'have been'} down since ${timeText(onsetOf(alarms))}; ${endsText(situation, cut)}.`,
      ],
      onsetAt: onsetOf(alarms),
      cut,
      ports,
    })
  }
  return faults
}

function endsText({ graph, reach }: Situation, links: readonly number[]): string {
  const ends = [...new Set(links.flatMap((link) => graph.ends[link] ?? []))].sort((one, other) => one - other)
  const answering = ends.filter((end) => reach[end] === 'answering').map((end) => graph.ids[end] ?? '')
  return answering.length === ends.length
    ? `${listText(answering)} answer, so the link between them is lost and not an element`
    : answering.length > 0
      ? `${listText(answering)} answers, nothing newer is known of the other end`
      : 'nothing newer is known of its ends'
}

function portFault({ graph }: Situation, down: DownPort, alarm: Alarm): Fault {
  const element = graph.ids[down.vertex] ?? ''
  return {
    ...harmless,
    kind: 'degradation',
    roots: [{ kind: 'element', element }],
    alarms: [alarm],
    explanation: [
      `${element}[${down.port}] has been down since ${timeText(alarm.onsetAt)}; what it is connected to is not known.`,
    ],
    onsetAt: alarm.onsetAt,
    ports: [down],
  }
}

/** The path through an element is alive and its SNMP agent or its echo is not: known to the NOC, told to no one. */
export function agentFaults(
  situation: Situation,
  carries: Carrying,
  isClaimed: (alarm: Alarm) => boolean,
): readonly Fault[] {
  const faults: Fault[] = []
  for (const [vertex, element] of situation.graph.ids.entries()) {
    const filtered = situation.reach[vertex] === 'dark' && carries.forwards(vertex)
    const alarms = situation
      .alarmsOf(vertex)
      .filter(({ type }) => type === 'agent-silent' || (filtered && type === 'unreachable'))
      .filter((alarm) => !isClaimed(alarm))
    if (!filtered && alarms.length === 0) continue
    const since = sinceOf(situation, vertex)
    faults.push({
      ...harmless,
      kind: 'agent',
      roots: [{ kind: 'element', element }],
      alarms,
      explanation: [
        filtered
          ? `${element} has not answered since ${timeText(since)}, but elements that are reached through it alone do: it forwards.`
          : `The SNMP agent of ${element} has not answered since ${timeText(onsetOf(alarms))}; the path to ${element} is alive.`,
      ],
      onsetAt: Math.min(...alarms.map((alarm) => alarm.onsetAt), ...(filtered ? [since] : [])),
    })
  }
  return faults
}
