import type { Alarm, AlarmId } from '../model/alarm.ts'
import type { Impact } from '../model/impact.ts'
import { type Incident, isOpen } from '../model/incident.ts'
import type { Finding } from '../model/incident-event.ts'
import { byAge } from './assign-findings.ts'
import { causeOf, elementsOf } from './finding-overlap.ts'
import { betterImpact, worstImpact } from './worst-impact.ts'

export interface MendingSettings {
  /** For this long after the first of its alarms was cleared, what an incident leaves behind belongs to it, ms. */
  readonly mendMs: number
  /** The same for what is left of it in elements that stay dark, ms: paths are asked more often than ports. */
  readonly darkMendMs: number
  /** Since when this process has been measuring: for `mendMs` from then it has not seen everything yet. */
  readonly measuringSince: number
}

export interface MendingInput {
  readonly incidents: readonly Incident[]
  readonly findings: readonly Finding[]
  readonly alarms: ReadonlyMap<AlarmId, Alarm>
  readonly now: number
  readonly settings: MendingSettings
}

/**
 * Findings in which what is seen of an incident in pieces is put together again. Elements are asked one after the other,
 * and ports less often than paths, so for a while two things look like several smaller faults with roots of their own:
 * - what is being repaired. What is left of it keeps its root, and suffers less and less;
 * - an outage that was there before this process started. It stays as it was until all of it was measured again.
 * A piece rests on alarms of the incident, or lies within it and began before the repair. What outlasts `mendMs`, or as a
 * dark element `darkMendMs`, speaks for itself.
 */
export function withMending(input: MendingInput): readonly Finding[] {
  const { incidents, findings, alarms, now, settings } = input
  const open = incidents.filter(isOpen).toSorted(byAge)
  const isNew = now < settings.measuringSince + settings.mendMs
  const isDark = (id: AlarmId) => alarms.get(id)?.type === 'unreachable' && alarms.get(id)?.state === 'active'
  const causes = new Map(findings.map((finding) => [finding, causeOf(finding)]))
  const known = new Set(open.map(causeOf))
  const isKnown = (finding: Finding) => known.has(causes.get(finding) ?? '')
  let left = findings
  const whole: Finding[] = []
  for (const incident of open) {
    // Once we see again, what is seen is no piece of our having been blind.
    if (incident.kind === 'blind' && incident.restoredAt !== undefined) continue
    const mendingSince = Math.min(...incident.alarms.map((id) => alarms.get(id)?.clearedAt ?? Infinity))
    const isMending = mendingSince <= now && now < mendingSince + settings.mendMs
    if (!isMending && !isNew) continue
    const cause = causeOf(incident)
    const same = left.find((finding) => causes.get(finding) === cause)
    const hasOutlasted = (finding: Finding) =>
      !isNew && now >= mendingSince + settings.darkMendMs && finding.alarms.some(isDark)
    const pieces = left.filter(
      (finding) =>
        !isKnown(finding) &&
        !hasOutlasted(finding) &&
        isPieceOf(incident, finding, isNew ? Infinity : mendingSince),
    )
    if (pieces.length === 0) continue
    const all = same ? [same, ...pieces] : pieces
    left = left.filter((finding) => !all.includes(finding))
    const seen = all.reduce<Impact>((impact, finding) => worstImpact(impact, finding.impact), [])
    whole.push({
      ...(same ?? coreOf(incident)),
      shadowed: united(incident.shadowed, same?.shadowed ?? []),
      alarms: united(incident.alarms, ...all.map((finding) => finding.alarms)),
      impact: impactNow(incident, seen, isNew),
    })
  }
  return [...left, ...whole]
}

/** Being blind says nothing about services. */
function impactNow({ kind, impact }: Incident, seen: Impact, isNew: boolean): Impact {
  if (kind === 'blind') return []
  return isNew ? worstImpact(impact, seen) : betterImpact(impact, seen)
}

const coreOf = ({ kind, severity, roots, explanation, onsetAt }: Incident) => ({
  kind,
  severity,
  roots,
  explanation,
  onsetAt,
})

const united = (...lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())]

function isPieceOf(incident: Incident, finding: Finding, before: number): boolean {
  if (finding.kind === 'blind') return false
  const hasItsAlarms = finding.alarms.length > 0 && finding.alarms.every((id) => incident.alarms.includes(id))
  const elements = elementsOf(finding)
  const isWithin = elements.size > 0 && elements.isSubsetOf(elementsOf(incident))
  // Where nothing could be sent there are no alarms, and what is raised afterwards is new.
  const wasUnsent = incident.kind === 'blind' && incident.alarms.length === 0
  return hasItsAlarms || (isWithin && !wasUnsent && finding.onsetAt < before)
}
