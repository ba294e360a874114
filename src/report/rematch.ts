import type { FaultReport, FaultReportId, Match, ReportStatus } from '../model/fault-report.ts'
import { type Incident, type IncidentId, isOpen } from '../model/incident.ts'
import { systemActor } from '../model/incident-event.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import type { Logger } from '../platform/logger.ts'
import type { Judge } from './judge-report.ts'
import { isOpenReport } from './report-status.ts'
import type { ReportStore } from './report-store.ts'

/** What to tell listeners once the transaction is through. */
export interface ReportChange {
  readonly report: FaultReportId
  readonly change: 'submitted' | 'changed' | 'matched' | 'resolved' | 'reopened'
}

export interface RematchDeps {
  readonly store: ReportStore
  readonly log: Logger
  incident(db: StateDb, id: IncidentId): Promise<Incident | undefined>
  recordOnIncident(
    tx: StateTx,
    incidents: readonly IncidentId[],
    report: FaultReport,
    now: number,
  ): Promise<void>
  judge(db: StateDb, incidents: readonly Incident[], now: number): Promise<Judge>
}

/** Reports older than this are not matched to new incidents, nor new reports to incidents that ended before. */
export const matchWindowMs = 24 * 3_600_000
/** A storm is bounded: the newest so many open reports are judged again when incidents change. */
const rematchLimit = 2_000

/**
 * Judges the open reports again after incidents opened, changed or resolved, in the caller's transaction, which has
 * written the incidents already. A report whose incidents are all over becomes `resolved`, unless it came after the
 * repair; when one of them relapses, what the system resolved is `inProgress` again.
 */
export async function rematchReports(
  deps: RematchDeps,
  tx: StateTx,
  changed: readonly Incident[],
  now: number,
): Promise<readonly ReportChange[]> {
  // What we could not see while blind is in each report's evidence; blindness explains no report.
  const incidents = changed.filter((incident) => incident.kind !== 'blind')
  if (incidents.length === 0) return []
  const ids = incidents.map((incident) => incident.id)
  const open = await deps.store.open(tx, now - matchWindowMs, rematchLimit)
  if (open.length === rematchLimit)
    deps.log.warn({ limit: rematchLimit }, 'only the newest fault reports were matched again')
  const linked = await deps.store.linkedTo(tx, ids)
  const reports = new Map([...open, ...linked].map((report) => [report.id, report]))
  if (reports.size === 0) return []
  const stored = await deps.store.matches(tx, [...reports.keys()])
  const known = new Map(incidents.map((incident) => [incident.id, incident]))
  const beside = await matchedBeside(deps, tx, open, stored, known)
  const judge = await deps.judge(tx, [...incidents, ...beside], now)
  const changes: ReportChange[] = []
  for (const report of reports.values()) {
    const before = stored.get(report.id) ?? []
    const judgement = isOpenReport(report) ? judge(report, before, now) : undefined
    const matches = judgement?.matches ?? before
    const move = await moveOf(deps, tx, report, matches, known)
    const log = [...(judgement?.log ?? []), ...(move === undefined ? [] : [move])]
    if (judgement?.matchesChanged) await deps.store.saveMatches(tx, report.id, matches)
    if (log.length === 0) continue
    const next = {
      ...report,
      verdict: judgement?.verdict ?? report.verdict,
      status: move?.to ?? report.status,
    }
    const written = await deps.store.update(tx, next, log, systemActor, now)
    const newlyLinked = judgement?.newlyLinked ?? []
    if (newlyLinked.length > 0) await deps.recordOnIncident(tx, newlyLinked, written, now)
    changes.push({ report: report.id, change: move === undefined ? 'matched' : changeWord(move.to) })
  }
  return changes
}

/** What the reports were matched to before: how well that explains them depends on what else does. */
async function matchedBeside(
  deps: RematchDeps,
  tx: StateTx,
  reports: readonly FaultReport[],
  stored: ReadonlyMap<FaultReportId, readonly Match[]>,
  known: ReadonlyMap<IncidentId, Incident>,
): Promise<readonly Incident[]> {
  const matches = reports.flatMap((report) => stored.get(report.id) ?? [])
  const ids = new Set(matches.map((match) => match.incident).filter((id) => !known.has(id)))
  const incidents: Incident[] = []
  for (const id of ids) {
    const incident = await deps.incident(tx, id)
    if (incident && incident.kind !== 'blind') incidents.push(incident)
  }
  return incidents
}

const changeWord = (to: ReportStatus) => (to === 'resolved' ? 'resolved' : 'reopened')

interface Move {
  readonly type: 'status'
  readonly from: ReportStatus
  readonly to: ReportStatus
  readonly reason: string
}

/** The status that a report's incidents give it, if that is another. `known` holds those that changed just now. */
async function moveOf(
  deps: RematchDeps,
  tx: StateTx,
  report: FaultReport,
  matches: readonly Match[],
  known: ReadonlyMap<IncidentId, Incident>,
): Promise<Move | undefined> {
  const linked = matches.filter((match) => match.state === 'linked').map((match) => match.incident)
  if (!linked.some((id) => known.has(id))) return undefined
  const incidents: Incident[] = []
  for (const id of linked) {
    let incident = known.get(id) ?? (await deps.incident(tx, id))
    if (incident?.mergedInto !== undefined) {
      const survivor = incident.mergedInto
      incident = known.get(survivor) ?? (await deps.incident(tx, survivor))
    }
    if (incident) incidents.push(incident)
  }
  const standing = incidents.find(isOpen)
  if (standing) {
    if (report.status !== 'resolved' || !(await resolvedByUs(deps, tx, report))) return undefined
    return {
      type: 'status',
      from: report.status,
      to: 'inProgress',
      reason: `incident ${standing.id} is back`,
    }
  }
  const over = incidents.filter(
    (incident) =>
      incident.resolvedBecause === undefined &&
      report.reportedAt <= (incident.restoredAt ?? incident.updatedAt),
  )
  const [last] = over
  if (!isOpenReport(report) || last === undefined || (await movedSince(deps, tx, report, last)))
    return undefined
  return { type: 'status', from: report.status, to: 'resolved', reason: `incident ${last.id} is over` }
}

async function resolvedByUs(deps: RematchDeps, tx: StateTx, report: FaultReport): Promise<boolean> {
  const last = (await deps.store.events(tx, report.id)).findLast((event) => event.type === 'status')
  return last?.actor === systemActor
}

/** A person has set a status since the incident was over, and knows better. */
async function movedSince(
  deps: RematchDeps,
  tx: StateTx,
  report: FaultReport,
  incident: Incident,
): Promise<boolean> {
  const last = (await deps.store.events(tx, report.id)).findLast((event) => event.type === 'status')
  return (
    last !== undefined && last.actor !== systemActor && last.at >= (incident.resolvedAt ?? incident.updatedAt)
  )
}
