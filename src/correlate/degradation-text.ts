import type { AlarmType, NetworkAlarm } from '../model/alarm.ts'
import { least } from './graph.ts'
import type { LossDirections } from './loss-direction.ts'
import { namesOf, type Situation } from './situation.ts'
import { countedList, listText, timeText, verb } from './words.ts'

export const onsetOf = (alarms: readonly NetworkAlarm[]): number =>
  least(alarms.map(({ onsetAt }) => onsetAt))

const sufferings: readonly (readonly [AlarmType, string])[] = [
  ['packet-loss', 'packet loss'],
  ['high-latency', 'high latency'],
  ['high-jitter', 'high jitter'],
  ['path-quality', 'a poor path'],
]

/** What is measured at which elements, and since when. */
export function sufferText(
  situation: Situation,
  members: readonly number[],
  alarms: readonly NetworkAlarm[],
): string {
  const types = new Set(alarms.map(({ type }) => type))
  const what = sufferings.flatMap(([type, words]) => (types.has(type) ? [words] : []))
  const list = listText(what)
  const names = countedList(namesOf(situation, members), 'element')
  return `${list.charAt(0).toUpperCase()}${list.slice(1)} ${verb(what.length, 'is', 'are')} measured at ${names} since ${timeText(onsetOf(alarms))}.`
}

/** Which way the packets are lost, where a stateful reflector tells it for one of them. Without figures, which change. */
export function directionText(
  situation: Situation,
  members: readonly number[],
  alarms: readonly NetworkAlarm[],
  lossDirections: LossDirections,
): readonly string[] {
  if (!alarms.some(({ type }) => type === 'packet-loss' || type === 'path-quality')) return []
  for (const name of namesOf(situation, members)) {
    const direction = lossDirections.get(name)
    if (direction === 'forward')
      return [`The loss is one-way: packets are lost on the way to ${name}, and what comes back arrives.`]
    if (direction === 'backward')
      return [`The loss is one-way: packets arrive at ${name}, and are lost on the way back from it.`]
    if (direction === 'both') return [`Packets are lost on the way to ${name} and on the way back.`]
  }
  return []
}
