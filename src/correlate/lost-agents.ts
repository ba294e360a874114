import type { NetworkAlarm } from '../model/alarm.ts'
import type { Fault } from './fault.ts'
import { at } from './graph.ts'
import type { ShortestPaths } from './shortest-paths.ts'
import type { Situation } from './situation.ts'
import { listText, verb } from './words.ts'

/**
 * Gives the agents that are silent at or behind a place that loses packets to the fault that explains the loss: their
 * answers are lost as well. Behind means that every shortest path crosses it; the nearest such place counts. When a
 * fault began is told by what was measured: an agent may have been silent before. One that answers and cannot be read is
 * left out: what it answers arrives, so no loss explains it.
 */
export function withLostAgents(
  situation: Situation,
  paths: ShortestPaths,
  faults: readonly Fault[],
  isClaimed: (alarm: NetworkAlarm) => boolean,
): readonly Fault[] {
  const { graph, reach } = situation
  const vertexOf = ({ resource }: NetworkAlarm) => graph.indexOf.get(resource.element) ?? -1
  const lossAt = new Map<number, Fault>()
  for (const fault of faults)
    for (const alarm of fault.alarms) if (alarm.type === 'packet-loss') lossAt.set(vertexOf(alarm), fault)

  const lossBefore = (vertex: number): Fault | undefined => {
    let one = vertex
    while (one >= 0 && !lossAt.has(one)) one = at(paths.before, one)
    return lossAt.get(one)
  }
  const silent = situation.alarms.filter(
    (alarm) =>
      alarm.type === 'agent-silent' &&
      alarm.refusal === undefined &&
      !isClaimed(alarm) &&
      reach[vertexOf(alarm)] !== 'dark',
  )
  const lost = Map.groupBy(silent, (alarm) => lossBefore(vertexOf(alarm)))
  return faults.map((fault) => {
    const alarms = lost.get(fault)
    if (!alarms) return fault
    const names = alarms.map(({ resource }) => resource.element).sort()
    const count = names.length
    const text = `The SNMP ${verb(count, 'agent', 'agents')} of ${listText(names)} ${verb(count, 'does', 'do')} not answer, which the loss explains.`
    return { ...fault, alarms: [...fault.alarms, ...alarms], explanation: [...fault.explanation, text] }
  })
}
