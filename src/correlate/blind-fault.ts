import { isLost, lostSince, nearestPolled } from './blindness.ts'
import { type Fault, harmless } from './fault.ts'
import { arcsOf, at, least } from './graph.ts'
import { apartMs, nameOf, namesOf, type Situation } from './situation.ts'
import { countedList, timeText, verb } from './words.ts'

/** Nothing answers a vantage: one finding for all, and no word about services, because nothing is known about them. */
export function blindFault(situation: Situation): Fault {
  const { graph, vantages } = situation
  const vantage = at(vantages, 0)
  const element = nameOf(situation, vantage)
  const lost = [...graph.ids.keys()].filter((vertex) => isLost(situation, vertex))
  const onsetAt = lostAt(situation, vantage, lost)
  const uplinks = arcsOf(graph, vantage).flatMap(({ link }) => graph.links[link] ?? [])
  const unknown = `nothing can be said about ${countedList(namesOf(situation, lost), 'element')}.`
  return {
    ...harmless,
    kind: 'blind',
    roots: [{ kind: 'elementOrUplink', element, uplinks }],
    shadowed: lost,
    alarms: situation.alarms,
    explanation:
      situation.unsent.size === 0
        ? [
            `Nothing that is reached from ${element} answers, the first since ${timeText(onsetAt)}.`,
            `So ${element} or its own connection is the likely cause, and ${unknown}`,
          ]
        : [
            unsentText(situation, element, lost),
            `So ${element} or its own connection (its port is down, it has no route) is the likely cause, and ${unknown}`,
          ],
    onsetAt,
  }
}

/** That it cannot even send, since when, and what its kernel says. */
function unsentText({ unsent, ...situation }: Situation, element: string, lost: readonly number[]): string {
  const first = [...unsent.values()].reduce((one, other) => (other.since < one.since ? other : one))
  const because = `the first since ${timeText(first.since)}${first.problem === undefined ? '' : ` (${first.problem})`}`
  if (lost.every((vertex) => unsent.has(vertex)))
    return `${element} cannot send a single packet to what it polls, ${because}.`
  const rest = lost.filter((vertex) => !unsent.has(vertex))
  return (
    `${element} cannot send a single packet to ${countedList(namesOf(situation, unsent.keys()), 'element')}, ${because}; ` +
    `${countedList(namesOf(situation, rest), 'element')} ${verb(rest.length, 'does', 'do')} not answer.`
  )
}

/**
 * When the first was lost, of those that were lost with the last of the elements next to us, or with what we cannot send
 * to: others were dark before.
 */
function lostAt(situation: Situation, vantage: number, lost: readonly number[]): number {
  const next = nearestPolled(situation, vantage).map((vertex) => lostSince(situation, vertex))
  const unsent = [...situation.unsent.values()].map(({ since }) => since)
  const from =
    Math.max(-Infinity, ...next, ...(unsent.length === 0 ? [] : [least(unsent)])) - apartMs(situation)
  const onset = least(lost.map((vertex) => lostSince(situation, vertex)).filter((since) => since >= from))
  return Number.isFinite(onset) ? onset : least(unsent)
}
