import type { Incident } from '../model/incident.ts'
import { impactCounts } from './impact-view.ts'
import { maybeTime, rfc3339 } from './parameters.ts'
import { type Elements, incidentTitle, rootCauseView } from './root-cause-view.ts'
import type { IncidentView } from './views/incident-schemas.ts'

/** Who did it, and when, for readers. */
const signed = <T extends { readonly at: number }>(mark: T | undefined) =>
  mark && { ...mark, at: rfc3339(mark.at) }

/** Without what the person wrote, for those who may not read it. */
const wordless = <T extends { readonly reason: string }>(mark: T | undefined, withWords: boolean) => {
  if (mark === undefined || withWords) return mark
  const { reason: _, ...rest } = mark
  return rest
}

/** `withWords`: the caller may read what people wrote. */
export function incidentView(incident: Incident, inventory: Elements, withWords: boolean): IncidentView {
  return {
    id: incident.id,
    kind: incident.kind,
    state: incident.state,
    severity: incident.severity,
    title: incidentTitle(incident, inventory),
    roots: incident.roots.map((root) => rootCauseView(root, inventory)),
    shadowed: [...incident.shadowed],
    alarmCount: incident.alarms.length,
    impactNow: impactCounts(incident.impact),
    impactEver: impactCounts(incident.impactHistory),
    explanation: [...incident.explanation],
    onsetAt: rfc3339(incident.onsetAt),
    detectedAt: rfc3339(incident.detectedAt),
    firstReportAt: maybeTime(incident.firstReportAt),
    firstMessageAt: maybeTime(incident.firstMessageAt),
    restoredAt: maybeTime(incident.restoredAt),
    resolvedAt: maybeTime(incident.resolvedAt),
    resolvedBecause: incident.resolvedBecause,
    closedAt: maybeTime(incident.closedAt),
    etaAt: maybeTime(incident.etaAt),
    assignee: withWords ? incident.assignee : undefined,
    acknowledged: signed(incident.acknowledged),
    hold: signed(wordless(incident.hold, withWords)),
    reopened: signed(wordless(incident.reopened, withWords)),
    planned: incident.planned,
    mergedInto: incident.mergedInto,
    splitFrom: incident.splitFrom,
    version: incident.version,
    updatedAt: rfc3339(incident.updatedAt),
  }
}
