import type { Alarm } from '../model/alarm.ts'
import type { RootCause } from '../model/incident.ts'
import { type Severity, severities } from '../model/severity.ts'
import { type Fault, harmless } from './fault.ts'
import { at, type Passable } from './graph.ts'
import { withLostAgents } from './lost-agents.ts'
import { type ShortestPaths, shortestPaths } from './shortest-paths.ts'
import type { Situation } from './situation.ts'
import { listText, timeText, verb } from './words.ts'

/** Elements that are degraded for the same reason: `top` is the first of them on the way from us. */
interface Group {
  readonly top: number
  /** The measured element before the top, which is good; -1 for none. */
  readonly before: number
  readonly members: number[]
}

/** A full port: its link where that is known. */
interface FullPort {
  readonly alarm: Alarm
  readonly vertex: number
  readonly links: readonly number[]
}

const isQuality = ({ type }: Alarm) => type === 'packet-loss' || type === 'high-latency'
const isGrave = (severity: Severity) => severities.indexOf(severity) >= severities.indexOf('major')
const byNumber = (one: number, other: number) => one - other

/**
 * Puts loss and latency where they come from. All are measured from the vantage, so an element that is degraded in the
 * same way as the element before it is only seen through that one. Of each such group the first on the way is the root:
 * it or the link that leads to it; the link itself when one of its ports is full. When everything measured
 * behind a good element is degraded, two groups or more, the root is that element. A full link that degrades nothing
 * stands for itself. Agents that are silent where packets are lost belong to the loss.
 */
export function degradations(
  situation: Situation,
  passable: Passable,
  isClaimed: (alarm: Alarm) => boolean,
): readonly Fault[] {
  const { graph, vantage, reach } = situation
  const open = situation.alarms.filter((alarm) => !isClaimed(alarm))
  const quality = Map.groupBy(open.filter(isQuality), vertexIn(situation))
  const full = open
    .filter(({ type }) => type === 'high-utilisation')
    .map((alarm): FullPort => {
      const vertex = vertexIn(situation)(alarm)
      const { resource } = alarm
      return {
        alarm,
        vertex,
        links: resource.kind === 'interface' ? graph.linksAt(vertex, resource.interface) : [],
      }
    })
  if (quality.size === 0 && full.length === 0) return []

  const paths = shortestPaths(graph, [vantage], passable)
  const isMeasured = (vertex: number) => vertex === vantage || reach[vertex] === 'answering'
  const measuredBefore = (vertex: number): number => {
    let before = at(paths.before, vertex)
    while (before >= 0 && !isMeasured(before)) before = at(paths.before, before)
    return before
  }
  const groups = groupsOf(quality, paths, measuredBefore)
  const explained = groups.map((group) => {
    const last = lastSteps(group, paths)
    return { group, last, full: full.filter(({ links }) => links.some((link) => last.includes(link))) }
  })

  const faults: Fault[] = []
  const alarmsOf = (members: readonly number[]) => members.flatMap((vertex) => quality.get(vertex) ?? [])
  const used = new Set<FullPort>()
  const byFullLink = new Map<string, typeof explained>()
  const rest: typeof explained = []
  for (const one of explained) {
    if (one.full.length === 0) {
      rest.push(one)
      continue
    }
    for (const port of one.full) used.add(port)
    const key = [...new Set(one.full.flatMap(({ links }) => links))].sort(byNumber).join()
    byFullLink.set(key, [...(byFullLink.get(key) ?? []), one])
  }
  for (const all of byFullLink.values()) {
    const members = all.flatMap(({ group }) => group.members).sort(byNumber)
    const ports = [...new Set(all.flatMap((one) => one.full))]
    faults.push(fullLinkFault(situation, ports, members, alarmsOf(members)))
  }

  const degraded = new Set(groups.flatMap(({ members }) => members))
  const children = Map.groupBy(
    paths.order.filter((vertex) => isMeasured(vertex) && vertex !== vantage),
    measuredBefore,
  )
  for (const [before, all] of Map.groupBy(rest, ({ group }) => group.before)) {
    const behind = children.get(before) ?? []
    const explainsAll = before >= 0 && all.length >= 2 && behind.every((vertex) => degraded.has(vertex))
    const causes = explainsAll ? [all] : all.map((one) => [one])
    for (const cause of causes) {
      const members = cause.flatMap(({ group }) => group.members).sort(byNumber)
      const links = cause.flatMap(({ last }) => last)
      const root = explainsAll ? before : (cause[0]?.group.top ?? -1)
      faults.push(groupFault(situation, root, explainsAll ? [] : links, members, alarmsOf(members)))
    }
  }
  const unused = full.filter((port) => !used.has(port))
  for (const ports of Map.groupBy(unused, ({ alarm, links }) => links.join() || alarm.id).values())
    faults.push(fullLinkFault(situation, ports, [], []))
  return withLostAgents(situation, paths, faults, isClaimed)
}

const vertexIn =
  ({ graph }: Situation) =>
  (alarm: Alarm): number =>
    graph.indexOf.get(alarm.resource.element) ?? -1

/** An element joins the group of the measured element before it when both suffer in one same way. */
function groupsOf(
  quality: ReadonlyMap<number, readonly Alarm[]>,
  paths: ShortestPaths,
  measuredBefore: (vertex: number) => number,
): readonly Group[] {
  const groups: Group[] = []
  const groupOf = new Map<number, Group>()
  const typesAt = (vertex: number) => new Set(quality.get(vertex)?.map(({ type }) => type))
  const connected = paths.order.filter((vertex) => quality.has(vertex))
  const unconnected = [...quality.keys()].filter((vertex) => at(paths.distance, vertex) < 0).sort(byNumber)
  for (const vertex of [...connected, ...unconnected]) {
    const before = measuredBefore(vertex)
    const above = groupOf.get(before)
    const types = typesAt(before)
    const joins = above && quality.get(vertex)?.some(({ type }) => types.has(type))
    const group = joins ? above : { top: vertex, before, members: [] }
    if (!joins) groups.push(group)
    group.members.push(vertex)
    groupOf.set(vertex, group)
  }
  return groups
}

/** Links between the top of a group and the last good element before it, over elements that are not measured. */
function lastSteps({ top, before }: Group, paths: ShortestPaths): readonly number[] {
  const links = new Set<number>()
  const open = [top]
  const seen = new Set(open)
  for (let vertex = open.pop(); vertex !== undefined; vertex = open.pop())
    for (const { to, link } of paths.back(vertex)) {
      links.add(link)
      if (to === before || seen.has(to)) continue
      seen.add(to)
      open.push(to)
    }
  return [...links].sort(byNumber)
}

const onsetOf = (alarms: readonly Alarm[]) => Math.min(...alarms.map((alarm) => alarm.onsetAt))

function sufferText({ graph }: Situation, members: readonly number[], alarms: readonly Alarm[]): string {
  const types = new Set(alarms.map(({ type }) => type))
  const what = [
    ...(types.has('packet-loss') ? ['Packet loss'] : []),
    ...(types.has('high-latency') ? [types.has('packet-loss') ? 'high latency' : 'High latency'] : []),
  ]
  const names = members.map((vertex) => graph.ids[vertex] ?? '')
  return `${listText(what)} ${verb(what.length, 'is', 'are')} measured at ${listText(names)} since ${timeText(onsetOf(alarms))}.`
}

function groupFault(
  situation: Situation,
  root: number,
  uplinks: readonly number[],
  members: readonly number[],
  alarms: readonly Alarm[],
): Fault {
  const { graph, vantage } = situation
  const name = graph.ids[root] ?? ''
  const links = uplinks.flatMap((link) => graph.links[link] ?? [])
  const isCommon = !members.includes(root)
  const cause: RootCause =
    isCommon || links.length === 0
      ? { kind: 'element', element: name }
      : { kind: 'elementOrUplink', element: name, uplinks: links }
  const others = members.length - 1
  const why = isCommon
    ? root === vantage
      ? `All elements next to ${name}, where we measure from, suffer.`
      : `${name} itself is good and everything measured behind it suffers.`
    : others === 0
      ? `The elements before ${name} are good.`
      : `${name} is the first of them on the way; the elements before it are good.`
  return {
    ...harmless,
    kind: 'degradation',
    roots: [cause],
    shadowed: members.filter((vertex) => vertex !== root),
    alarms,
    explanation: [sufferText(situation, members, alarms), why],
    onsetAt: onsetOf(alarms),
    measured: members,
    slowVertices: root === vantage ? [] : [root],
  }
}

function fullLinkFault(
  situation: Situation,
  ports: readonly FullPort[],
  members: readonly number[],
  quality: readonly Alarm[],
): Fault {
  const { graph } = situation
  const links = [...new Set(ports.flatMap((port) => port.links))].sort(byNumber)
  const known = links.flatMap((index) => graph.links[index] ?? [])
  const elements = [...new Set(ports.map(({ vertex }) => graph.ids[vertex] ?? ''))].sort()
  const roots: RootCause[] =
    known.length > 0
      ? known.map((link) => ({ kind: 'link', link }))
      : elements.map((element) => ({ kind: 'element', element }))
  const portAlarms = ports.map(({ alarm }) => alarm)
  const alarms = [...portAlarms, ...quality]
  const isTold = members.length > 0 || portAlarms.some(({ severity }) => isGrave(severity))
  return {
    ...harmless,
    kind: 'degradation',
    roots,
    shadowed: members,
    alarms,
    explanation: [
      ...portAlarms.map(({ text }) => `${text}.`),
      ...(members.length > 0
        ? [sufferText(situation, members, quality), 'They are reached through the full link.']
        : []),
    ],
    onsetAt: onsetOf(alarms),
    measured: members,
    slowLinks: isTold ? links : [],
    slowPorts: isTold ? portsOf(ports) : [],
  }
}

const portsOf = (ports: readonly FullPort[]): Fault['slowPorts'] =>
  ports.flatMap(({ alarm: { resource }, vertex }) =>
    resource.kind === 'interface' ? [{ vertex, port: resource.interface }] : [],
  )
