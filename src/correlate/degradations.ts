import type { NetworkAlarm } from '../model/alarm.ts'
import { roleOf } from './alarm-roles.ts'
import { type BadPort, badPorts, linksOfPorts } from './bad-ports.ts'
import {
  badLinkFault,
  commonFault,
  type DegradationView,
  faultsOfPorts,
  groupFault,
} from './degradation-faults.ts'
import type { Fault } from './fault.ts'
import { fullLinksBefore } from './full-links.ts'
import { at, byNumber, least, type Passable } from './graph.ts'
import { withLostAgents } from './lost-agents.ts'
import { type QualityGroup, qualityGroups } from './quality-groups.ts'
import { shortestPaths } from './shortest-paths.ts'

export interface DegradationInput extends DegradationView {
  readonly passable: Passable
  readonly isClaimed: (alarm: NetworkAlarm) => boolean
}

/**
 * Puts loss and latency where they come from. All are measured from the vantage, so an element that is degraded in the
 * same way as the element before it is only seen through that one. Of each such group the first on the way is the root:
 * it or the link that leads to it; the link itself when one of its ports is full or damages frames, and then it explains
 * whatever else suffers behind the group as well, and what is late further behind a full link. When everything measured
 * behind a good element is degraded, two groups or more, the root is that element. A link in trouble that degrades
 * nothing stands for itself. Agents that are silent where packets are lost belong to the loss.
 *
 * Alarms behind a degraded place come one after the other, so a group that nothing but its place explains waits from its
 * first alarm for the decision wait: meanwhile an element before it may turn out to suffer too.
 */
export function degradations(input: DegradationInput): readonly Fault[] {
  const { situation, passable, isClaimed } = input
  const { graph, vantages, reach, now, waitMs } = situation
  const vantage = at(vantages, 0)
  const quality = Map.groupBy(
    situation.alarms.filter((alarm) => roleOf(alarm) === 'path' && !isClaimed(alarm)),
    ({ resource }) => graph.indexOf.get(resource.element) ?? -1,
  )
  const bad = badPorts(situation, isClaimed)
  if (quality.size === 0) return faultsOfPorts(situation, bad)

  const paths = shortestPaths(graph, vantages, passable)
  // A missed poll takes nothing back of what was measured before it.
  const isMeasured = (vertex: number) =>
    vertex === vantage || quality.has(vertex) || (reach[vertex] !== 'unpolled' && reach[vertex] !== 'unknown')
  const measuredBefore = (vertex: number): number => {
    let before = at(paths.before, vertex)
    while (before >= 0 && !isMeasured(before)) before = at(paths.before, before)
    return before
  }
  const groups = qualityGroups(quality, paths, measuredBefore)
  const alarmsOf = (members: readonly number[]) => members.flatMap((vertex) => quality.get(vertex) ?? [])
  const fullBefore = fullLinksBefore({ graph, paths, quality, bad, isMeasured, measuredBefore })
  const { explained, rest } = byBadLink(groups, bad, fullBefore)

  const faults: Fault[] = []
  for (const { ports, members, between } of explained)
    faults.push(badLinkFault(input, ports, members.toSorted(byNumber), alarmsOf(members), between))

  const degraded = new Set(groups.flatMap(({ members }) => members))
  const children = Map.groupBy(
    paths.order.filter((vertex) => isMeasured(vertex) && vertex !== vantage),
    measuredBefore,
  )
  const isYoung = (all: readonly QualityGroup[]) =>
    now - least(all.flatMap(({ members }) => alarmsOf(members)).map(({ raisedAt }) => raisedAt)) < waitMs
  for (const [before, all] of Map.groupBy(rest, (group) => group.before)) {
    const behind = children.get(before) ?? []
    const explainsAll = before >= 0 && all.length >= 2 && behind.every((vertex) => degraded.has(vertex))
    for (const cause of explainsAll ? [all] : all.map((one) => [one]))
      if (!isYoung(cause)) {
        const members = cause.flatMap((group) => group.members).sort(byNumber)
        const alarms = alarmsOf(members)
        if (explainsAll) faults.push(commonFault(input, before, members, alarms))
        else faults.push(...cause.map((group) => groupFault(input, group, members, alarms)))
      }
  }
  const used = new Set(explained.flatMap(({ ports }) => ports))
  faults.push(
    ...faultsOfPorts(
      situation,
      bad.filter((port) => !used.has(port)),
    ),
  )
  return withLostAgents(situation, paths, faults, isClaimed)
}

interface Explained {
  readonly ports: BadPort[]
  readonly members: number[]
  /** Measured elements between that link and some of the members, which are good. */
  readonly between: number[]
}

/**
 * Groups whose last step to what is good is a link in trouble, by those links, with the groups that hang on them, and
 * those that a full link explains from further away.
 */
function byBadLink(
  groups: readonly QualityGroup[],
  bad: readonly BadPort[],
  fullBefore: (group: QualityGroup) => readonly BadPort[],
) {
  const explained = new Map<string, Explained>()
  const explainedAt = new Map<number, Explained>()
  const rest: QualityGroup[] = []
  // In order of distance, so what a group hangs on has had its turn.
  for (const group of groups) {
    const next = bad.filter(({ links }) => links.some((link) => group.lastSteps.includes(link)))
    const above = next.length > 0 ? undefined : explainedAt.get(group.before)
    const ports = next.length > 0 || above ? next : fullBefore(group)
    const key = linksOfPorts(ports).join()
    const cause = ports.length > 0 ? (explained.get(key) ?? { ports: [], members: [], between: [] }) : above
    if (!cause) {
      rest.push(group)
      continue
    }
    if (ports.length > 0) explained.set(key, cause)
    if (ports !== next) cause.between.push(group.before)
    cause.ports.push(...ports.filter((port) => !cause.ports.includes(port)))
    cause.members.push(...group.members)
    for (const vertex of group.members) explainedAt.set(vertex, cause)
  }
  return { explained: [...explained.values()], rest }
}
