import type { NetworkAlarm } from '../model/alarm.ts'
import type { Carrying } from './carrying.ts'
import { onsetOf } from './degradation-text.ts'
import { type Fault, harmless } from './fault.ts'
import { arcsOf, byNumber, byText } from './graph.ts'
import { mayTurnDark } from './loose-ports.ts'
import {
  answeredAt,
  type DownPort,
  farVoices,
  isDarkish,
  isPolled,
  namesOf,
  type Situation,
  sinceOf,
} from './situation.ts'
import { listText, timeText, verb } from './words.ts'

/**
 * Interface alarms that no outage explains. Both ends of a link are one fault of that link; a port that leads nowhere
 * known is a fault of its own. A port towards an element that just began to miss polls waits for that to be decided.
 */
export function linkFaults(
  situation: Situation,
  carries: Carrying,
  isClaimed: (alarm: NetworkAlarm) => boolean,
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
      if (down.isReported && !mayTurnDark(situation, vertex, alarm.onsetAt, isUndecided))
        faults.push(portFault(situation, down, alarm))
      continue
    }
    // Of an end that never answered, as far as we know, it is not known either when it fell silent.
    const isSameEvent = (far: number) =>
      isUndecided(far) &&
      (answeredAt(situation, far) === -Infinity || alarm.onsetAt >= sinceOf(situation, far) - 2 * waitMs)
    const voices = new Map(links.map((link) => [link, farVoices(situation, link, vertex)]))
    if ([...voices.values()].some((ofLink) => ofLink.some(isSameEvent))) continue
    const isSilent = (all: readonly number[]) =>
      all.length > 0 && all.every((voice) => isDarkish(situation, voice))
    const lost = links.filter((link) => carries.isBroken(link) || isSilent(voices.get(link) ?? []))
    if (lost.length === 0) continue
    const group = lost.flatMap((link) => groups.get(link) ?? [])[0] ?? { ports: [], links: new Set<number>() }
    group.ports.push(down)
    for (const link of lost) {
      group.links.add(link)
      groups.set(link, group)
    }
  }
  for (const { ports, links } of new Set(groups.values())) {
    const cut = [...links].sort(byNumber)
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
        `${listText(names)} ${names.length === 1 ? 'has been' : 'have been'} down since ${timeText(onsetOf(alarms))}; ${endsText(situation, cut, alarms)}.`,
        ...bundleText(situation, carries, links),
      ],
      onsetAt: onsetOf(alarms),
      cut,
      ports,
    })
  }
  return faults
}

/** What is left of a bundle of parallel links. */
function bundleText({ graph }: Situation, carries: Carrying, cut: ReadonlySet<number>): readonly string[] {
  const pairs = new Map<string, readonly [number, number]>()
  for (const link of cut) {
    const ends = graph.ends[link]
    if (ends) pairs.set(ends.toSorted(byNumber).join(), ends)
  }
  return [...pairs.values()].flatMap(([one, other]) => {
    const bundle = arcsOf(graph, one).filter(({ to }) => to === other)
    const left = bundle.filter(({ link }) => !cut.has(link) && !carries.isBroken(link)).length
    const names = [one, other].map((vertex) => graph.ids[vertex] ?? '').sort(byText)
    return bundle.length < 2 || left === 0
      ? []
      : [
          `${left} of the ${bundle.length} links between ${listText(names)} ${verb(left, 'carries', 'carry')} on.`,
        ]
  })
}

function endsText(situation: Situation, links: readonly number[], alarms: readonly NetworkAlarm[]): string {
  const { graph, reach } = situation
  const onset = onsetOf(alarms)
  const ends = [...new Set(links.flatMap((link) => graph.ends[link] ?? []))].sort(byNumber)
  const answering = ends.filter((end) => reach[end] === 'answering' && answeredAt(situation, end) >= onset)
  const unpolled = namesOf(
    situation,
    ends.filter((end) => !isPolled(situation, end)),
  )
  const answers = `${listText(namesOf(situation, answering))} ${verb(answering.length, 'answers', 'answer')}`
  const others =
    unpolled.length > 0
      ? `${listText(unpolled)} ${verb(unpolled.length, 'is', 'are')} not polled`
      : 'nothing newer is known of the other end'
  // It may be up again: what answers is newer than what is known of the port.
  if (answering.length === ends.length && alarms.every(({ indeterminate }) => indeterminate))
    return `${answers} by now, and nothing newer is known of what was down`
  if (answering.length === ends.length)
    return `${answers}, so the link between them is lost and not an element`
  return answering.length > 0 ? `${answers}, ${others}` : 'nothing newer is known of its ends'
}

function portFault({ graph }: Situation, down: DownPort, alarm: NetworkAlarm): Fault {
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

function agentText(element: string, alarms: readonly NetworkAlarm[]): readonly string[] {
  const since = timeText(onsetOf(alarms))
  const refusal = alarms.find((alarm) => alarm.refusal !== undefined)?.refusal
  if (refusal === undefined)
    return [`The SNMP agent of ${element} has not answered since ${since}; the path to ${element} is alive.`]
  return [
    `The SNMP agent of ${element} answers, but cannot be read: ${refusal}.`,
    `It has not been read since ${since}; the path to ${element} is alive.`,
  ]
}

/** The path through an element is alive and its SNMP agent or its echo is not: known to the NOC, told to no one. */
export function agentFaults(
  situation: Situation,
  carries: Carrying,
  isClaimed: (alarm: NetworkAlarm) => boolean,
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
      explanation: filtered
        ? [
            `${element} has not answered since ${timeText(since)}, but elements that are reached through it alone do: it forwards.`,
          ]
        : agentText(element, alarms),
      onsetAt: Math.min(onsetOf(alarms), filtered ? since : Infinity),
    })
  }
  return faults
}
