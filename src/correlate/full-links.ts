import type { NetworkAlarm } from '../model/alarm.ts'
import { isDelay } from './alarm-roles.ts'
import type { BadPort } from './bad-ports.ts'
import { at, type Graph } from './graph.ts'
import { isGrave } from './grave.ts'
import type { QualityGroup } from './quality-groups.ts'
import { crossings, type ShortestPaths } from './shortest-paths.ts'

interface FullLinksInput {
  readonly graph: Graph
  readonly paths: ShortestPaths
  readonly quality: ReadonlyMap<number, readonly NetworkAlarm[]>
  readonly bad: readonly BadPort[]
  readonly isMeasured: (vertex: number) => boolean
  readonly measuredBefore: (vertex: number) => number
}

/**
 * The full ports on the only way to a group that is late, though elements between are within their limits. A queue adds
 * its delay to all that lies behind it, so the limit is passed first where the way is longest. That holds for a link that
 * is said to degrade all behind it; for one that is only getting full when everything at the far ends behind it is late.
 * Packets that are lost are lost for all behind alike, so loss is not explained so.
 */
export function fullLinksBefore(input: FullLinksInput): (group: QualityGroup) => readonly BadPort[] {
  const { graph, paths, quality, bad, isMeasured, measuredBefore } = input
  const full = bad.filter(({ trouble }) => trouble === 'congestion')
  if (full.length === 0) return () => []
  const fullLinks = new Set(full.flatMap(({ links }) => links))
  /** The elements that full links alone lead to. */
  const behind = new Map<number, readonly BadPort[]>()
  for (const vertex of [...fullLinks].flatMap((link) => graph.ends[link] ?? [])) {
    const back = paths.back(vertex)
    if (back.length > 0 && back.every(({ link }) => fullLinks.has(link)))
      behind.set(
        vertex,
        full.filter(({ links }) => back.some(({ link }) => links.includes(link))),
      )
  }
  const isLate = (vertex: number) => quality.get(vertex)?.some(isDelay) === true
  const crossed = crossings(paths, graph.ends)
  const known = new Map<number, boolean>()
  const areFarEndsLate = (vertex: number): boolean => {
    const measured = [...crossed([vertex], [])].filter(isMeasured)
    const inner = new Set(measured.map(measuredBefore))
    return measured.every((one) => inner.has(one) || isLate(one))
  }
  return ({ top, members }) => {
    if (!members.every((member) => quality.get(member)?.every(isDelay))) return []
    for (let one = top; one >= 0; one = at(paths.before, one)) {
      const ports = behind.get(one)
      if (ports === undefined) continue
      const explains =
        ports.some(({ alarm }) => isGrave(alarm.severity)) || (known.get(one) ?? areFarEndsLate(one))
      known.set(one, explains)
      if (explains) return ports
    }
    return []
  }
}
