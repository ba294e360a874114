import { type Fault, harmless } from './fault.ts'
import { arcsOf, at, least } from './graph.ts'
import { isDarkish, nameOf, namesOf, type Situation, sinceOf } from './situation.ts'
import { countedList, timeText } from './words.ts'

/** Nothing answers a vantage: one finding for all, and no word about services, because nothing is known about them. */
export function blindFault(situation: Situation): Fault {
  const { graph, vantages, reach } = situation
  const vantage = at(vantages, 0)
  const element = nameOf(situation, vantage)
  const silent = [...graph.ids.keys()].filter((vertex) => isDarkish(situation, vertex))
  const dark = silent.filter((vertex) => reach[vertex] === 'dark')
  const onsetAt = least(dark.map((vertex) => sinceOf(situation, vertex)))
  const uplinks = arcsOf(graph, vantage).flatMap(({ link }) => graph.links[link] ?? [])
  return {
    ...harmless,
    kind: 'blind',
    roots: [{ kind: 'elementOrUplink', element, uplinks }],
    shadowed: silent,
    alarms: situation.alarms,
    explanation: [
      `Nothing that is reached from ${element} answers, the first since ${timeText(onsetAt)}.`,
      `So ${element} or its own connection is the likely cause, and nothing can be said about ${countedList(namesOf(situation, dark), 'element')}.`,
    ],
    onsetAt,
  }
}
