import type { Alarm, AlarmId } from '../model/alarm.ts'
import { type Incident, type IncidentId, isOpen } from '../model/incident.ts'
import { type Finding, type IncidentEventBody, systemActor } from '../model/incident-event.ts'
import type { ElementId } from '../model/network-element.ts'
import { assignFindings, byAge } from './assign-findings.ts'
import { byOnset, causeOf, elementsOf, newsIn } from './finding-overlap.ts'
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
  /** Of these, the ones that this host cannot send to while others answer: they do not keep it blind. */
  readonly unsendable?: readonly ElementId[]
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

/** Of what kind it is stays as it was while nothing that it rests on is measured: elements that answer tell of themselves. */
function kindKept(incident: Incident, finding: Finding, { alarms }: TrackInput): Finding {
  const known = finding.alarms.flatMap((id) => alarms.get(id) ?? [])
  const isUntold = known.length > 0 && known.every(({ indeterminate }) => indeterminate)
  return isUntold && isOpen(incident) && causeOf(incident) === causeOf(finding)
    ? { ...finding, kind: incident.kind }
    : finding
}

function proceed(incident: Incident, found: Finding, input: TrackInput): readonly IncidentEventBody[] {
  const work = input.plannedWork
  const finding = kindKept(incident, plannedAs(incident, found, work), input)
  const window = finding.planned === undefined ? incident.planned : undefined
  const isOver = ![...(work?.covers.values() ?? [])].some((cover) => cover.window === window)
  const news =
    incident.restoredAt !== undefined || incident.reopened !== undefined || !isOpen(incident)
      ? ({ type: 'relapsed', finding } as const)
      : newsIn(incident, finding)
  return [
    ...(window === undefined
      ? []
      : [{ type: 'unplanned', window, reason: isOver ? 'overrun' : 'beyond' } as const]),
    ...(news ? [news] : []),
  ]
}

/** What is known of who has it: whoever had seen the younger one first, and whose it was. */
function handedOver(survivor: Incident, merged: readonly Incident[]): readonly IncidentEventBody[] {
  const seen = merged
    .flatMap(({ id, acknowledged }) => (acknowledged ? [{ from: id, ...acknowledged }] : []))
    .toSorted((one, other) => one.at - other.at)[0]
  const isUnseen = survivor.state === 'open'
  const assignee = survivor.assignee === undefined ? merged.find((one) => one.assignee)?.assignee : undefined
  const begins =
    (isUnseen || survivor.state === 'acknowledged') &&
    merged.some(({ state }) => state === 'inProgress' || state === 'held')
  return [
    ...(seen && isUnseen ? [{ type: 'acknowledged', absorbed: seen } as const] : []),
    ...(assignee === undefined ? [] : [{ type: 'assigned', assignee } as const]),
    ...(begins ? [{ type: 'started' } as const] : []),
  ]
}

/**
 * What the survivor keeps of those that are merged into it: customers were told, a time was promised to them, and people
 * work on it.
 */
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
    ...handedOver(survivor, merged),
  ]
}

/** An incident that no finding speaks of any more, and that is not merged: good, then verified, then filed. */
function settle(
  incident: Incident,
  { alarms, undecided, unsendable = [], now, settings }: TrackInput,
  explained: ReadonlySet<AlarmId>,
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
    state === 'active' && shelved === undefined && (incident.kind === 'agent' || !explained.has(id))
  const isUntold = (element: ElementId) =>
    elements.has(element) && !(incident.kind === 'blind' && unsendable.includes(element))
  if (own.some(stands) || undecided.some(isUntold)) return []
  // It was bad until somebody did not want to see it: that restores nothing, and there is nothing to verify.
  const aside = own.flatMap(({ state, shelved }) => (state === 'active' && shelved ? [shelved.at] : []))
  const isGood = own.some(({ clearedAt = -Infinity }) => clearedAt > Math.max(...aside))
  if (aside.length > 0 && !isGood && incident.restoredAt === undefined)
    return [{ type: 'resolved', because: 'shelved' }]
  // What stands on with another cause does not lengthen this one.
  const over = own.flatMap(({ state, restoredAt, clearedAt }) =>
    state === 'cleared' ? [restoredAt ?? clearedAt ?? now] : [],
  )
  // A clock that was set back must not make it wait so much longer: it is verified from now on.
  const isAhead = incident.restoredAt !== undefined && incident.restoredAt > now
  const restoredAt = Math.min(now, incident.restoredAt ?? (over.length === 0 ? now : Math.max(...over)))
  // An alarm is in one incident: what stands on is the other's.
  const past = incident.alarms.filter((id) => alarms.get(id)?.state !== 'active' || !explained.has(id))
  const shed = past.length < incident.alarms.length
  return [
    ...(shed ? [{ type: 'changed', finding: { alarms: past } } as const] : []),
    ...(incident.restoredAt === undefined || isAhead ? [{ type: 'restored', restoredAt } as const] : []),
    ...(now >= restoredAt + settings.verifyMs ? [{ type: 'resolved' } as const] : []),
  ]
}

const isOpenElsewhere = (incident: Incident): boolean => incident.kind !== 'blind' && isOpen(incident)

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
  // What is open stays as it is meanwhile, with its alarms.
  const kept = new Set(blind ? input.incidents.filter(isOpenElsewhere).flatMap(({ alarms }) => alarms) : [])
  const found = input.findings
    .filter((finding) => !blind || finding.kind === 'blind')
    .map((finding) =>
      kept.size === 0 ? finding : { ...finding, alarms: finding.alarms.filter((id) => !kept.has(id)) },
    )
    .toSorted(byOnset)
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
    record(incident, [...proceed(incident, finding, input), ...from, ...inherit(incident, merged), ...parts])
    for (const younger of merged) {
      seen.add(younger)
      record(younger, [{ type: 'merged', into: incident.id }])
    }
  }
  const explained = new Set(input.findings.flatMap((finding) => finding.alarms))
  for (const incident of incidents)
    if (!seen.has(incident)) record(incident, settle(incident, input, explained))
  return changes
}
