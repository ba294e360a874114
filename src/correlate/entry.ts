import type { RootCause } from '../model/incident.ts'
import type { Link } from '../model/link.ts'
import type { Carrying } from './carrying.ts'
import { type Arc, arcsOf, byNumber } from './graph.ts'
import { answeredAt, isPolled, nameOf, namesOf, type Situation, sinceOf } from './situation.ts'
import { listText, timeText, verb } from './words.ts'

/** Whether the step from a dark element leads out of what fell with it: towards us, or to what still answered then. */
export type IsOutside = (from: number, to: number) => boolean

/** The first dark element on a way in, and what its neighbours on that side say. Nothing but itself explains it. */
export interface Entry {
  readonly vertex: number
  /** The ways that it was reached by: over links that were not broken before, where there are such. */
  readonly ways: readonly Arc[]
  /** Of these the ones that are not on paper alone, where there are such. */
  readonly uplinks: readonly Arc[]
  /** Neighbours that answered since, those that are dark by now (of a later fault) included. */
  readonly witnesses: readonly number[]
  /** Neighbours that say that their port towards it is down. */
  readonly reporting: readonly number[]
  /** Two or more neighbours lost it: several links do not fail at once. Otherwise it may be its uplink. */
  readonly isCertain: boolean
  /** When it fell silent, or when it last carried what lies behind it: what comes later counts. */
  readonly fellAt: number
}

export function entryAt(
  situation: Situation,
  carries: Carrying,
  vertex: number,
  isOutside: IsOutside,
): Entry {
  const all = arcsOf(situation.graph, vertex).filter(({ to }) => isOutside(vertex, to))
  const open = all.filter(({ link }) => !carries.isBroken(link))
  // Only broken links lead here, and yet it answered until now: they are the ways that we know.
  const ways = open.length > 0 ? open : all
  const shown = ways.filter(({ link }) => !situation.isDoubted(link))
  const since = sinceOf(situation, vertex)
  const carried = carries.forwardedUntil(vertex)
  const answeredSince = (to: number) => isPolled(situation, to) && answeredAt(situation, to) >= since
  const witnesses = distinct(shown.map(({ to }) => to).filter(answeredSince))
  return {
    vertex,
    ways,
    uplinks: shown.length > 0 ? shown : ways,
    witnesses,
    reporting: distinct(
      ways.flatMap(({ to, link }) => (situation.downAt(link).some((port) => port.vertex === to) ? [to] : [])),
    ),
    isCertain: witnesses.length >= 2,
    fellAt: carried > since + situation.waitMs ? carried : since,
  }
}

const distinct = (numbers: readonly number[]): readonly number[] => [...new Set(numbers)].sort(byNumber)

export const linksOf = ({ graph }: Situation, links: Iterable<number>): readonly Link[] =>
  [...new Set(links)].sort(byNumber).flatMap((link) => graph.links[link] ?? [])

export function rootAt(situation: Situation, { vertex, uplinks, isCertain }: Entry): RootCause {
  const element = nameOf(situation, vertex)
  if (isCertain) return { kind: 'element', element }
  const links = linksOf(
    situation,
    uplinks.map(({ link }) => link),
  )
  return { kind: 'elementOrUplink', element, uplinks: links }
}

/** Which of its neighbours answered, and what follows from that. */
export function entryText(situation: Situation, entry: Entry): readonly string[] {
  const { vertex, uplinks, witnesses, fellAt, isCertain } = entry
  const name = nameOf(situation, vertex)
  const since = sinceOf(situation, vertex)
  const carried = fellAt > since ? `, but carried what lies behind it until ${timeText(fellAt)}` : ''
  const others = witnesses.filter((to) => !situation.vantages.includes(to))
  const living = others.filter((to) => situation.reach[to] !== 'dark')
  const fallen = others.filter((to) => situation.reach[to] === 'dark')
  const sentence = [
    isPolled(situation, vertex)
      ? `${name} has not answered since ${timeText(since)}${carried}`
      : `${name} is not polled, and nothing that is reached through it alone has answered since ${timeText(since)}`,
    ...livingText(namesOf(situation, living), namesOf(situation, entry.reporting)),
    ...aroundText(situation, entry),
    ...fallen.map((to) => `${nameOf(situation, to)} answered until ${timeText(sinceOf(situation, to))}`),
  ].join('; ')
  if (isCertain) return [`${sentence}.`]
  const far = listText(
    namesOf(
      situation,
      uplinks.map(({ to }) => to),
    ),
  )
  return [
    `${sentence}.`,
    `Whether ${name} itself or its connection to ${far} failed cannot be told from here.`,
  ]
}

// Of a segment with thousands of lines some are enough to show that it carries.
const mostAround = 3

/** What answers around neighbours that nobody polls, and so speaks for those. */
function aroundText(situation: Situation, { vertex, uplinks }: Entry): readonly string[] {
  const unpolled = distinct(uplinks.map(({ to }) => to).filter((to) => !isPolled(situation, to)))
  const since = sinceOf(situation, vertex)
  const others = new Set<number>()
  for (const voice of unpolled.flatMap(situation.voicesOf)) {
    if (others.size > mostAround) break
    if (voice !== vertex && answeredAt(situation, voice) >= since) others.add(voice)
  }
  if (others.size === 0) return []
  const around = `around ${listText(namesOf(situation, unpolled))}, which ${verb(unpolled.length, 'is', 'are')} not polled`
  const names = namesOf(situation, others)
  const list = names.length > mostAround ? [...names.slice(0, mostAround), 'others'] : names
  return [`${around}, ${listText(list)} ${verb(names.length, 'answers', 'answer')}`]
}

/** Which neighbours answer, and which of them say that their port is down. */
function livingText(neighbours: readonly string[], reporting: readonly string[]): readonly string[] {
  const count = neighbours.length
  if (count === 0) return []
  const answer = `its ${verb(count, 'neighbour', 'neighbours')} ${listText(neighbours)} ${verb(count, 'answers', 'answer')}`
  if (reporting.length === 0) return [answer]
  if (reporting.length === count)
    return [
      `${answer} and ${count === 1 ? 'reports its' : `${count === 2 ? 'both' : 'all'} report their`} port towards it down`,
    ]
  return [
    `${answer}; ${listText(reporting)} ${verb(reporting.length, 'reports its', 'report their')} port towards it down`,
  ]
}
