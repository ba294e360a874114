import type { NetworkAlarm } from '../model/alarm.ts'
import type { RootCause } from '../model/incident.ts'
import { carrying } from './carrying.ts'
import { linksOf } from './entry.ts'
import { type Fault, harmless } from './fault.ts'
import { arcsOf, at, byNumber, components, least, type Passable, reachableFrom } from './graph.ts'
import { answeredAt, isDarkish, nameOf, namesOf, type Situation, sinceOf } from './situation.ts'
import { countedList, listText, timeText, verb } from './words.ts'

export interface SeveredPaths {
  /** The outages, those that explain a lost way with what they explain, and then the ways that none of them explains. */
  readonly faults: readonly Fault[]
  readonly undecided: readonly number[]
}

/**
 * Elements that one vantage has lost and that answer another: they live, and the way to them is lost. From the vantage
 * that lost them, over what it still reaches, the links that lead into each connected part are what is lost. `own` is
 * what that vantage sees by itself, `all` what all see together. A part that it reaches through dead elements alone
 * belongs to their outage. `forwards`: what all see together says that it carries.
 */
export function severedPaths(
  own: Situation,
  all: Situation,
  forwards: (vertex: number) => boolean,
  outages: readonly Fault[],
): SeveredPaths {
  const { graph, vantages, reach, now, waitMs } = own
  const vantage = at(vantages, 0)
  const lives = (vertex: number) =>
    forwards(vertex) || (all.reach[vertex] === 'answering' && answeredAt(all, vertex) >= sinceOf(own, vertex))
  const lost = [...graph.ids.keys()].filter((vertex) => isDarkish(own, vertex) && lives(vertex))
  if (lost.length === 0) return { faults: outages, undecided: [] }
  const carries = carrying(own)
  const isLost = new Set(lost.filter((vertex) => !carries.forwards(vertex)))
  const unbroken = (vertex: (vertex: number) => boolean): Passable => ({
    vertex,
    link: (link) => !carries.isBroken(link),
  })
  const near = reachableFrom(
    graph,
    vantages,
    unbroken((vertex) => !isDarkish(own, vertex) || carries.forwards(vertex)),
  )
  const faults = [...outages]
  const undecided: number[] = []
  const isNear = (vertex: number) => near[vertex] !== 0
  const parts = components(
    graph,
    isLost,
    unbroken((vertex) => isLost.has(vertex)),
  )
  for (const part of parts) {
    const dark = part.filter((vertex) => reach[vertex] === 'dark')
    const since = least(part.map((vertex) => sinceOf(own, vertex)))
    if (dark.length === 0 || now - since < waitMs) {
      undecided.push(...part)
      continue
    }
    const beside = part.flatMap((vertex) => arcsOf(graph, vertex).map(({ to }) => to))
    const outage = beside.some(isNear)
      ? -1
      : faults.findIndex(({ dead }) => beside.some((vertex) => dead.includes(vertex)))
    const before = faults[outage]
    const mayBeHidden = !before && !beside.some(isNear) && beside.some((vertex) => isDarkish(all, vertex))
    if (mayBeHidden) undecided.push(...part)
    else if (before) faults[outage] = withHidden(own, all, before, part)
    else faults.push(severedFault(own, all, part, isNear))
  }
  for (const vertex of lost)
    if (!isLost.has(vertex) && reach[vertex] === 'dark')
      faults.push(filteredFault(own, all, vertex, nameOf(own, vantage)))
  return { faults, undecided }
}

const unreachableAt = (own: Situation, vertices: readonly number[]): readonly NetworkAlarm[] =>
  vertices.flatMap((vertex) => own.alarmsOf(vertex).filter(({ type }) => type === 'unreachable'))

/** Which vantages such an element still answers. */
const witnessesOf = (all: Situation, part: readonly number[]): readonly string[] =>
  namesOf(
    all,
    all.sights
      .filter((sight) => part.some((vertex) => sight.reach[vertex] === 'answering'))
      .flatMap(({ vantages }) => vantages),
  )

/** The way of one vantage leads through what is dead; for others there is another. */
function withHidden(own: Situation, all: Situation, outage: Fault, part: readonly number[]): Fault {
  const names = namesOf(own, part)
  const from = listText(namesOf(own, own.vantages))
  return {
    ...outage,
    shadowed: [...new Set([...outage.shadowed, ...part])].sort(byNumber),
    alarms: [...outage.alarms, ...unreachableAt(own, part)],
    explanation: [
      ...outage.explanation,
      `${countedList(names, 'element')} ${verb(names.length, 'is', 'are')} hidden from ${from} by that and ${verb(names.length, 'lives', 'live')}: ${verb(names.length, 'it answers', 'they answer')} ${listText(witnessesOf(all, part))}.`,
    ],
  }
}

function severedFault(
  own: Situation,
  all: Situation,
  part: readonly number[],
  isNear: (vertex: number) => boolean,
): Fault {
  const { graph, reach, vantages, downAt } = own
  const isPart = new Set(part)
  const inward = part.flatMap((vertex) => arcsOf(graph, vertex).filter(({ to }) => isNear(to)))
  const links = [...new Set(inward.map(({ link }) => link))].sort(byNumber)
  // Beyond an element that nobody polls, the place is not known to the link.
  const measured = links.filter((link) =>
    (graph.ends[link] ?? []).every(
      (end) => isPart.has(end) || vantages.includes(end) || reach[end] !== 'unpolled',
    ),
  )
  const blurred = [
    ...new Set(inward.filter(({ link }) => !measured.includes(link)).map(({ to }) => to)),
  ].sort(byNumber)
  const first = least(part)
  const roots: readonly RootCause[] =
    links.length === 0
      ? [{ kind: 'elementOrUplink', element: nameOf(own, first), uplinks: [] }]
      : [
          ...linksOf(own, measured).map((link) => ({ kind: 'link', link }) as const),
          ...blurred.map((vertex) => ({
            kind: 'elementOrUplink' as const,
            element: nameOf(own, vertex),
            uplinks: linksOf(
              own,
              arcsOf(graph, vertex).map(({ link }) => link),
            ),
          })),
        ]
  const ports = links.flatMap((link) => downAt(link))
  const from = listText(namesOf(own, vantages))
  const names = namesOf(own, part)
  const witnesses = witnessesOf(all, part)
  const onsetAt = least(part.map((vertex) => sinceOf(own, vertex)))
  return {
    ...harmless,
    kind: 'cut',
    roots,
    shadowed: part,
    alarms: [...unreachableAt(own, part), ...ports.flatMap(({ alarm }) => alarm ?? [])],
    explanation: [
      `${countedList(names, 'element')} ${verb(names.length, 'does', 'do')} not answer ${from} since ${timeText(onsetAt)} and ${verb(names.length, 'answers', 'answer')} ${listText(witnesses)}: ${verb(names.length, 'it lives', 'they live')}, and the way from ${from} is lost.`,
      links.length === 0
        ? `Nothing that ${from} reaches is known to lead there.`
        : `${listText(linksOf(own, links).map(({ id }) => id))} ${verb(links.length, 'is the only way', 'are the ways')} in from what ${from} still reaches.`,
    ],
    onsetAt,
    cut: measured,
    ports,
  }
}

/** It does not answer one vantage, which reaches what lies behind it: it forwards, and filters. */
function filteredFault(own: Situation, all: Situation, vertex: number, from: string): Fault {
  const name = nameOf(own, vertex)
  return {
    ...harmless,
    kind: 'agent',
    roots: [{ kind: 'element', element: name }],
    alarms: unreachableAt(own, [vertex]),
    explanation: [
      `${name} has not answered ${from} since ${timeText(sinceOf(own, vertex))}; it answers ${listText(witnessesOf(all, [vertex]))}, and ${from} reaches what lies behind it: it forwards.`,
    ],
    onsetAt: sinceOf(own, vertex),
  }
}
