import type { NetworkAlarm } from '../model/alarm.ts'
import { suffersAlike } from './alarm-roles.ts'
import { at, byNumber } from './graph.ts'
import type { ShortestPaths } from './shortest-paths.ts'

/** Elements that are degraded for the same reason: `top` is the first of them on the way from us. */
export interface QualityGroup {
  readonly top: number
  /** The measured element before the top, which is good or suffers otherwise; -1 for none. */
  readonly before: number
  readonly members: number[]
  /** Links between the top and the element before it, over elements that are not measured. */
  readonly lastSteps: readonly number[]
}

/** An element joins the group of the measured element before it when both suffer in one same way. */
export function qualityGroups(
  quality: ReadonlyMap<number, readonly NetworkAlarm[]>,
  paths: ShortestPaths,
  measuredBefore: (vertex: number) => number,
): readonly QualityGroup[] {
  const groups: QualityGroup[] = []
  const groupOf = new Map<number, QualityGroup>()
  const connected = paths.order.filter((vertex) => quality.has(vertex))
  const unconnected = [...quality.keys()].filter((vertex) => at(paths.distance, vertex) < 0).sort(byNumber)
  for (const vertex of [...connected, ...unconnected]) {
    const before = measuredBefore(vertex)
    const above = groupOf.get(before)
    const joins = above && suffersAlike(quality.get(vertex) ?? [], quality.get(before) ?? [])
    const group = joins
      ? above
      : { top: vertex, before, members: [], lastSteps: lastStepsTo(vertex, before, paths) }
    if (!joins) groups.push(group)
    group.members.push(vertex)
    groupOf.set(vertex, group)
  }
  return groups
}

function lastStepsTo(top: number, before: number, paths: ShortestPaths): readonly number[] {
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
