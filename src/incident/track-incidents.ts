import type { Alarm, AlarmId } from '../model/alarm.ts'
import { type Incident, type IncidentId, isOpen } from '../model/incident.ts'
import { type Finding, type IncidentEventBody, systemActor } from '../model/incident-event.ts'
import type { ElementId } from '../model/network-element.ts'
import { assignFindings, byAge } from './assign-findings.ts'
import { byOnset, elementsOf, saysMore } from './finding-overlap.ts'
import { afterEvent } from './fold-incident.ts'
import { happen, type IncidentChange } from './incident-change.ts'
import { type MendingSettings, withMending } from './mending.ts'

export interface TrackSettings extends MendingSettings {
  /** Metrics must be good for this long before an incident is resolved, ms. */
  readonly verifyMs: number
  /** Within this time after resolution the same root opens the same incident again, ms. */
  readonly reopenMs: number
  /** A resolved incident is closed after this, ms. */
  readonly closeAfterMs: number
}

export interface TrackInput {
  /** Those that are open, and those resolved that are not closed yet. */
  readonly incidents: readonly Incident[]
  readonly findings: readonly Finding[]
  /** Elements that missed a poll and are not decided yet: they restore nothing. */
  readonly undecided: readonly ElementId[]
  /** The alarms of these incidents, cleared ones too. One that is not known here counts as cleared. */
  readonly alarms: ReadonlyMap<AlarmId, Alarm>
  readonly now: number
  readonly settings: TrackSettings
  readonly newIncidentId: () => IncidentId
}

function open(finding: Finding, { newIncidentId, now }: TrackInput): IncidentChange {
  const event = {
    type: 'opened',
    finding,
    incident: newIncidentId(),
    sequence: 1,
    at: now,
    actor: systemActor,
  } as const
  return { incident: afterEvent(undefined, event), events: [event] }
}

function proceed(incident: Incident, finding: Finding): readonly IncidentEventBody[] {
  if (incident.restoredAt !== undefined || !isOpen(incident)) return [{ type: 'relapsed', finding }]
  return saysMore(incident, finding) ? [{ type: 'changed', finding }] : []
}

/** What the survivor keeps of one that is merged into it: customers were told, and a time was promised to them. */
const inherit = (survivor: Incident, merged: readonly Incident[]): readonly IncidentEventBody[] => {
  const told = merged.flatMap((incident) => incident.firstMessageAt ?? [])
  const eta = merged.flatMap((incident) => incident.etaAt ?? [])[0]
  const toldAt = Math.min(...told)
  return [
    ...(told.length > 0 && toldAt < (survivor.firstMessageAt ?? Infinity)
      ? [{ type: 'customersTold', toldAt } as const]
      : []),
    ...(eta !== undefined && survivor.etaAt === undefined ? [{ type: 'etaSet', etaAt: eta } as const] : []),
  ]
}

/** An incident that no finding speaks of any more, and that is not merged: good, then verified, then filed. */
function settle(
  incident: Incident,
  { findings, alarms, undecided, now, settings }: TrackInput,
): readonly IncidentEventBody[] {
  if (incident.state === 'resolved')
    return now >= (incident.resolvedAt ?? now) + settings.closeAfterMs ? [{ type: 'closed' }] : []
  const own = incident.alarms.flatMap((id) => alarms.get(id) ?? [])
  const elements = elementsOf(incident)
  // What still stands and no finding explains: bad, although nobody says why. A silent agent hidden by an outage stands
  // too; the other way round, an outage is over although an agent that it hid is silent.
  const stands = ({ id, state }: Alarm) =>
    state === 'active' &&
    (incident.kind === 'agent' || !findings.some((finding) => finding.alarms.includes(id)))
  if (own.some(stands) || undecided.some((element) => elements.has(element))) return []
  const restoredAt =
    incident.restoredAt ??
    (own.length === 0 ? now : Math.max(...own.map((alarm) => alarm.restoredAt ?? alarm.clearedAt ?? now)))
  return [
    ...(incident.restoredAt === undefined ? [{ type: 'restored', restoredAt } as const] : []),
    ...(now >= restoredAt + settings.verifyMs ? [{ type: 'resolved' } as const] : []),
  ]
}

/**
 * The identity of findings over time: what opened, changed, fell again, was merged, is good again, is over. Pure; the
 * same input in any order gives the same changes. While the vantage is blind nothing else opens, is restored or is
 * resolved, because nothing is measured.
 */
export function trackIncidents(input: TrackInput): readonly IncidentChange[] {
  const { now, settings } = input
  const blind = input.findings.some((finding) => finding.kind === 'blind')
  const incidents = input.incidents
    .filter((incident) => incident.state !== 'closed' && (!blind || incident.kind === 'blind'))
    .toSorted(byAge)
  const found = input.findings.filter((finding) => !blind || finding.kind === 'blind').toSorted(byOnset)
  const findings = withMending({ ...input, incidents, findings: found })

  const changes: IncidentChange[] = []
  const record = (incident: Incident, bodies: readonly IncidentEventBody[]) => {
    const change = happen(incident, bodies, systemActor, now)
    if (change) changes.push(change)
  }
  const seen = new Set<Incident>()
  const mayReopen = (incident: Incident) => now <= (incident.resolvedAt ?? now) + settings.reopenMs
  for (const { finding, incident, merged } of assignFindings(incidents, findings, mayReopen)) {
    if (!incident) {
      changes.push(open(finding, input))
      continue
    }
    seen.add(incident)
    record(incident, [...proceed(incident, finding), ...inherit(incident, merged)])
    for (const younger of merged) {
      seen.add(younger)
      record(younger, [{ type: 'merged', into: incident.id }])
    }
  }
  for (const incident of incidents) if (!seen.has(incident)) record(incident, settle(incident, input))
  return changes
}
