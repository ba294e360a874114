import type { Alarm, AlarmId } from '../model/alarm.ts'
import type { FaultReport, Match, Verdict } from '../model/fault-report.ts'
import { type Incident, type IncidentId, isBlind } from '../model/incident.ts'
import type { Inventory } from '../model/inventory.ts'
import type { ElementId } from '../model/network-element.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import { candidateOf, type ServicePath } from './match-points.ts'
import { inOrder, matchReport, type NearbyReport, verdictOf } from './match-report.ts'
import type { ReportEventBody } from './report-event.ts'
import type { ReportStore } from './report-store.ts'

export interface JudgeDeps {
  readonly store: Pick<ReportStore, 'near'>
  inventory(): Inventory
  alarms(db: StateDb, ids: readonly AlarmId[]): Promise<ReadonlyMap<AlarmId, Alarm>>
  placesOf(report: FaultReport): readonly ServicePath[]
}

/** What becomes of a report's matches, and the log rows that say so. */
export interface Judgement {
  readonly matches: readonly Match[]
  readonly matchesChanged: boolean
  readonly verdict: Verdict
  readonly log: readonly ReportEventBody[]
  /** Incidents that the system linked just now. */
  readonly newlyLinked: readonly IncidentId[]
}

export type Judge = (report: FaultReport, stored: readonly Match[], now: number) => Judgement

/** Other reports count within two hours of this one; incidents last longer, reports of a window are few. */
const nearMs = 24 * 3_600_000
const nearLimit = 1_000
/** So many alarms of an incident tell what kinds of trouble it holds. */
const alarmsRead = 200

/** Reads once what judging many reports against the same incidents needs. */
export async function prepareJudge(
  deps: JudgeDeps,
  db: StateDb,
  incidents: readonly Incident[],
  now: number,
): Promise<Judge> {
  const inventory = deps.inventory()
  const siteOf = (element: ElementId) => inventory.elements.get(element)?.site
  const alarms = await deps.alarms(
    db,
    incidents.flatMap((incident) => incident.alarms.slice(0, alarmsRead)),
  )
  const candidates = incidents.map((incident) => {
    const ofIncident = incident.alarms.map((id) => alarms.get(id)?.type).filter((type) => type !== undefined)
    return candidateOf(incident, new Set(ofIncident), siteOf)
  })
  const near = await deps.store.near(db, now - nearMs, now, nearLimit)
  const nearbyReports = near.map(({ customer, service, reportedAt }): NearbyReport => {
    const carrier = service === null ? undefined : inventory.services.get(service)
    return {
      customer,
      reportedAt,
      ...(carrier === undefined ? {} : { service: carrier.id, element: carrier.element }),
    }
  })
  const judged = new Set(incidents.map((incident) => incident.id))
  const blind = incidents.some(isBlind)

  return (report, stored, at) => {
    const outcome = matchReport({
      report,
      services: deps.placesOf(report),
      siteOf,
      incidents: candidates,
      nearbyReports,
      decided: stored.filter((match) => match.decidedBy === 'person'),
      evidence: report.evidence,
      now: at,
    })
    // What was found earlier against incidents that are not judged now stays.
    const kept = stored.filter((match) => match.decidedBy === 'system' && !judged.has(match.incident))
    const matches = inOrder([...outcome.matches.map((match) => sameAsBefore(match, stored)), ...kept])
    const verdict = verdictOf(matches, report.evidence, blind)
    return {
      matches,
      matchesChanged: matches.length !== stored.length || matches.some((match) => !stored.includes(match)),
      verdict,
      log: [...matchRows(matches, stored), ...verdictRows(report, verdict)],
      newlyLinked: matches
        .filter((match) => match.state === 'linked' && stateIn(stored, match.incident) !== 'linked')
        .map((match) => match.incident),
    }
  }
}

const stateIn = (matches: readonly Match[], incident: IncidentId) =>
  matches.find((match) => match.incident === incident)?.state

/** The stored row itself when only the time of judging differs. */
function sameAsBefore(match: Match, stored: readonly Match[]): Match {
  const before = stored.find((other) => other.incident === match.incident)
  if (!before || before.decidedBy !== match.decidedBy || before.state !== match.state) return match
  return JSON.stringify(before.reasons) === JSON.stringify(match.reasons) ? before : match
}

function matchRows(matches: readonly Match[], stored: readonly Match[]): readonly ReportEventBody[] {
  const rows: ReportEventBody[] = []
  for (const { incident, score, state, decidedBy } of matches) {
    if (decidedBy === 'person' || state === 'unlinked' || stateIn(stored, incident) === state) continue
    rows.push({ type: 'matched', incident, score, state })
  }
  for (const { incident } of stored)
    if (stateIn(matches, incident) === undefined) rows.push({ type: 'unmatched', incident })
  return rows
}

const verdictRows = (report: FaultReport, verdict: Verdict): readonly ReportEventBody[] =>
  verdict === report.verdict ? [] : [{ type: 'verdict', from: report.verdict, to: verdict }]
