import { rootText } from '../model/incident.ts'
import type { Fault } from './fault.ts'
import { byNumber } from './graph.ts'

const union = <T>(faults: readonly Fault[], of: (fault: Fault) => readonly T[]): readonly T[] => [
  ...new Set(faults.flatMap(of)),
]

/** Joins what several vantages see of one fault: the same kind, with the same roots. */
export function sameFaults(faults: readonly Fault[]): readonly Fault[] {
  const groups = Map.groupBy(faults, ({ kind, roots }) =>
    JSON.stringify([kind, ...roots.map(rootText).sort()]),
  )
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group
    if (!first || others.length === 0) return group
    return [
      {
        ...first,
        shadowed: union(group, ({ shadowed }) => shadowed).toSorted(byNumber),
        alarms: union(group, ({ alarms }) => alarms),
        explanation: union(group, ({ explanation }) => explanation),
        onsetAt: Math.min(...group.map(({ onsetAt }) => onsetAt)),
        dead: union(group, ({ dead }) => dead),
        cut: union(group, ({ cut }) => cut),
        ports: union(group, ({ ports }) => ports),
        measured: union(group, ({ measured }) => measured),
        slowVertices: union(group, ({ slowVertices }) => slowVertices),
        slowLinks: union(group, ({ slowLinks }) => slowLinks),
        slowPorts: union(group, ({ slowPorts }) => slowPorts),
      },
    ]
  })
}
