import type { Alarm, AlarmId } from '../model/alarm.ts'
import type { Impact } from '../model/impact.ts'
import { type Incident, isOpen } from '../model/incident.ts'
import type { Finding } from '../model/incident-event.ts'
import { byAge } from './assign-findings.ts'
import { elementsOf, isSameCause } from './finding-overlap.ts'
import { betterImpact, worstImpact } from './worst-impact.ts'

export interface MendingInput {
  readonly incidents: readonly Incident[]
  readonly findings: readonly Finding[]
  readonly alarms: ReadonlyMap<AlarmId, Alarm>
  readonly now: number
  /** What an incident leaves behind belongs to it for this long after the first of its alarms was cleared, ms. */
  readonly mendMs: number
}

/**
 * A repair does not show at once everywhere: elements are asked one after the other, and ports less often than paths.
 * Until the last of them was asked again, what is left of an outage looks like several smaller ones with roots of their
 * own. Such remains, findings that rest on nothing but alarms of an incident whose own root they do not name any more,
 * are put together as that incident, with its root, which suffers less and less. What outlasts `mendMs` speaks for
 * itself. Gives the findings with remains so replaced.
 */
export function withMending({ incidents, findings, alarms, now, mendMs }: MendingInput): readonly Finding[] {
  const open = incidents.filter(isOpen).toSorted(byAge)
  let left = findings
  const mended: Finding[] = []
  for (const incident of open) {
    const cleared = incident.alarms.flatMap((id) => alarms.get(id)?.clearedAt ?? [])
    const since = Math.min(...cleared)
    if (cleared.length === 0 || now >= since + mendMs) continue
    if (findings.some((finding) => isSameCause(incident, finding))) continue
    const isKnown = (finding: Finding) => open.some((other) => isSameCause(other, finding))
    const remains = left.filter((finding) => isLeftBy(incident, finding) && !isKnown(finding))
    if (remains.length === 0) continue
    left = left.filter((finding) => !remains.includes(finding))
    const { kind, severity, roots, shadowed, explanation, onsetAt } = incident
    const still = remains.reduce<Impact>((all, finding) => worstImpact(all, finding.impact), [])
    const impact = betterImpact(incident.impact, still)
    mended.push({ kind, severity, roots, shadowed, explanation, onsetAt, alarms: incident.alarms, impact })
  }
  return [...left, ...mended]
}

function isLeftBy(incident: Incident, finding: Finding): boolean {
  const isOwn = (one: string) => incident.alarms.includes(one)
  if (finding.alarms.length > 0) return finding.alarms.every(isOwn)
  const [elements, own] = [elementsOf(finding), elementsOf(incident)]
  return elements.size > 0 && elements.isSubsetOf(own)
}
