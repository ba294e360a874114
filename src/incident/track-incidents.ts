import type { Alarm, AlarmId } from '../model/alarm.ts'
import { type Incident, type IncidentId, isOpen } from '../model/incident.ts'
import { type Finding, type IncidentEventBody, systemActor } from '../model/incident-event.ts'
import type { ElementId } from '../model/network-element.ts'
import { assignFindings, byAge } from './assign-findings.ts'
import { byOnset, elementsOf, newsIn } from './finding-overlap.ts'
import { afterEvent } from './fold-incident.ts'
import { happen, type IncidentChange } from './incident-change.ts'
import { beganInside, type PlannedWork, withPlannedWork } from './maintenance/planned-work.ts'
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
  /** What maintenance windows cover now; absent: nothing. */
  readonly plannedWork?: PlannedWork
  readonly now: number
  readonly settings: TrackSettings
  readonly newIncidentId: () => IncidentId
}

function open(
  id: IncidentId,
  finding: Finding,
  more: readonly IncidentEventBody[],
  { now }: TrackInput,
): IncidentChange {
  const event = { type: 'opened', finding, incident: id, sequence: 1, at: now, actor: systemActor } as const
  const incident = afterEvent(undefined, event)
  const rest = happen(incident, more, systemActor, now)
  return { incident: rest?.incident ?? incident, events: [event, ...(rest?.events ?? [])] }
}

const unplanned = ({ planned: _, ...finding }: Finding): Finding => finding

/**
 * Planned is what begins inside a window and stays there: a fault that was there before is not made planned by a window
 * that opens, and one that outlasts its window is an ordinary incident from then on. One that is opened again begins anew.
 */
function plannedAs(incident: Incident | undefined, finding: Finding, work: PlannedWork | undefined): Finding {
  if (finding.planned === undefined) return finding
  const begins = incident === undefined || !isOpen(incident)
  const may = begins ? beganInside(finding, work) : incident.planned !== undefined
  return may ? finding : unplanned(finding)
}

function proceed(
  incident: Incident,
  found: Finding,
  work: PlannedWork | undefined,
): readonly IncidentEventBody[] {
  const finding = plannedAs(incident, found, work)
  const window = finding.planned === undefined ? incident.planned : undefined
  const isOver = ![...(work?.covers.values() ?? [])].some((cover) => cover.window === window)
  const news =
    incident.restoredAt !== undefined || !isOpen(incident)
      ? ({ type: 'relapsed', finding } as const)
      : newsIn(incident, finding)
  return [
    ...(window === undefined
      ? []
      : [{ type: 'unplanned', window, reason: isOver ? 'overrun' : 'beyond' } as const]),
    ...(news ? [news] : []),
  ]
}

/** What the survivor keeps of those that are merged into it: customers were told, and a time was promised to them. */
const inherit = (survivor: Incident, merged: readonly Incident[]): readonly IncidentEventBody[] => {
  const told = merged.flatMap((incident) => incident.firstMessageAt ?? [])
  const eta = merged.flatMap((incident) => incident.etaAt ?? [])[0]
  const toldAt = Math.min(...told)
  return [
    ...merged.map(({ id }) => ({ type: 'absorbed', from: id }) as const),
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
  // Somebody knows better than what is measured.
  if (incident.reopened !== undefined) return []
  const own = incident.alarms.flatMap((id) => alarms.get(id) ?? [])
  const elements = elementsOf(incident)
  // What still stands and no finding explains: bad, although nobody says why. A silent agent hidden by an outage stands
  // too; the other way round, an outage is over although an agent that it hid is silent.
  // What a person put on the shelf holds nothing.
  const stands = ({ id, state, shelved }: Alarm) =>
    state === 'active' &&
    shelved === undefined &&
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
  const work = input.plannedWork
  const findings = withMending({ ...input, incidents, findings: found }).map((finding) =>
    withPlannedWork(finding, work),
  )

  const changes: IncidentChange[] = []
  const record = (incident: Incident, bodies: readonly IncidentEventBody[]) => {
    const change = happen(incident, bodies, systemActor, now)
    if (change) changes.push(change)
  }
  const seen = new Set<Incident>()
  const mayReopen = (incident: Incident) => now <= (incident.resolvedAt ?? now) + settings.reopenMs
  const assigned = assignFindings(incidents, findings, mayReopen).map((one) => ({
    ...one,
    id: one.incident?.id ?? input.newIncidentId(),
  }))
  const partsOf = Map.groupBy(assigned, ({ splitFrom }) => splitFrom)
  for (const { finding, id, incident, merged, splitFrom } of assigned) {
    const from: readonly IncidentEventBody[] = splitFrom ? [{ type: 'splitFrom', from: splitFrom.id }] : []
    if (!incident) {
      changes.push(open(id, plannedAs(undefined, finding, work), from, input))
      continue
    }
    seen.add(incident)
    const parts = (partsOf.get(incident) ?? []).map((part) => ({ type: 'split', into: part.id }) as const)
    record(incident, [...proceed(incident, finding, work), ...from, ...inherit(incident, merged), ...parts])
    for (const younger of merged) {
      seen.add(younger)
      record(younger, [{ type: 'merged', into: incident.id }])
    }
  }
  for (const incident of incidents) if (!seen.has(incident)) record(incident, settle(incident, input))
  return changes
}
