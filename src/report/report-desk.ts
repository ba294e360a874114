import type { Alarm, AlarmId } from '../model/alarm.ts'
import type { FaultReport, FaultReportId, Match } from '../model/fault-report.ts'
import type { Incident, IncidentId } from '../model/incident.ts'
import { type Actor, systemActor } from '../model/incident-event.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Service } from '../model/service.ts'
import type { Page } from '../platform/db/cursor.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import { newId } from '../platform/id.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { prepareJudge } from './judge-report.ts'
import { createPathEvidence, type PathEvidenceDeps } from './path-evidence.ts'
import { createPathProber } from './path-prober.ts'
import { personDecision } from './person-decision.ts'
import { matchWindowMs, type ReportChange, rematchReports } from './rematch.ts'
import { checkVersion, createReportBook, type MatchedReport, type ReportBookDeps } from './report-book.ts'
import { type ReportEventBody, reportEventText, wordless } from './report-event.ts'
import { checkReport, type SubmitInput } from './report-input.ts'
import { mayBecome } from './report-status.ts'
import type { ReportFilter } from './report-store.ts'

export interface ReportDeskDeps extends PathEvidenceDeps, ReportBookDeps {
  readonly db: StateDb
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'reports'>
  openIncidents(db: StateDb): Promise<readonly Incident[]>
  /** Those that were over at or after `since`; open ones may be among them. */
  recentIncidents(db: StateDb, since: number): Promise<readonly Incident[]>
  incident(db: StateDb, id: IncidentId): Promise<Incident | undefined>
  alarms(db: StateDb, ids: readonly AlarmId[]): Promise<ReadonlyMap<AlarmId, Alarm>>
  /** Polls the elements now and lets detection see it. It may reject and may be late; the desk goes on without it. */
  probePath(elements: readonly ElementId[], timeoutMs: number): Promise<void>
}

export interface ReportPatch {
  readonly status?: FaultReport['status'] | undefined
  readonly statusReason?: string | undefined
  readonly description?: string | undefined
  readonly symptom?: FaultReport['symptom'] | undefined
}

export type ReportDesk = ReturnType<typeof createReportDesk>

/** Takes fault reports, keeps them matched to incidents, and keeps what people decided about them. */
export function createReportDesk(deps: ReportDeskDeps) {
  const { db, store, clock } = deps
  const book = createReportBook(deps)
  const { change } = book
  const evidence = createPathEvidence(deps)
  const prober = createPathProber({ ...deps, arrived: probed })
  const judgeWith = { store, inventory: deps.inventory, alarms: deps.alarms, placesOf: evidence.placesOf }

  async function openAndRecent(tx: StateDb, now: number): Promise<readonly Incident[]> {
    const recent = await deps.recentIncidents(tx, now - matchWindowMs)
    const open = await deps.openIncidents(tx)
    return [...new Map([...recent, ...open].map((incident) => [incident.id, incident])).values()]
  }

  async function judge(tx: StateDb, report: FaultReport, stored: readonly Match[], now: number) {
    const prepared = await prepareJudge(judgeWith, tx, await openAndRecent(tx, now), now)
    return prepared(report, stored, now)
  }

  /**
   * Takes a report and answers with the verdict of the last polls; its path is probed in the background, for which
   * `waitMs` waits. The same external id again gives the report of the first time, with `created` false.
   * @throws FaultlineError REQUEST_INVALID for a field that does not fit the inventory; CONFLICT when the external id
   * belongs to another customer's report.
   */
  async function submit(
    input: SubmitInput,
    actor: Actor,
    { waitMs = 0 }: { readonly waitMs?: number } = {},
  ): Promise<MatchedReport & { readonly created: boolean }> {
    const now = clock.now()
    const facts = checkReport(input, deps.inventory(), now)
    const { linked, ...outcome } = await deps.transaction(async (tx) => {
      const known =
        facts.externalId === undefined ? undefined : await store.byExternalId(tx, facts.externalId)
      if (known) {
        if (known.customer !== facts.customer)
          throw new FaultlineError('CONFLICT', 'This externalId belongs to a report of another customer.')
        return { report: known, matches: await book.matchesOf(tx, known.id), created: false, linked: [] }
      }
      const report: FaultReport = {
        ...facts,
        id: newId('rep', now),
        status: 'acknowledged',
        reportedAt: now,
        verdict: 'unknown',
        evidence: evidence.of(facts, await deps.openIncidents(tx), now),
        version: 0,
        updatedAt: now,
      }
      const { matches, verdict, log, newlyLinked } = await judge(tx, report, [], now)
      const rows: ReportEventBody[] = [
        { type: 'submitted', verdict },
        ...log.filter((row) => row.type === 'matched'),
      ]
      const taken = { report: { ...report, verdict }, matches, newlyLinked, log: rows }
      const written = await book.add(tx, taken, actor, now)
      return { report: written, matches, created: true, linked: newlyLinked }
    })
    if (!outcome.created) return outcome
    const { id, verdict } = outcome.report
    deps.metrics.reports.inc({ verdict })
    deps.log.info({ report: id, verdict }, 'fault report taken')
    deps.afterCommit([{ report: id, change: 'submitted' }], linked)
    const settled = prober.probe(id, evidence.pathOf(outcome.report))
    if (waitMs <= 0) return outcome
    const giveUp = new AbortController()
    await Promise.race([settled, clock.sleep(waitMs, giveUp.signal)])
    giveUp.abort()
    return { ...(await book.read(db, id)), created: true }
  }

  /** The probe of a path is over, or was given up: what the polls say now is the evidence. */
  async function probed(id: FaultReportId): Promise<void> {
    await change(id, systemActor, 'measure', async (tx, report, stored, now) => {
      const found = evidence.of(report, await deps.openIncidents(tx), now)
      const measured = { ...report, evidence: { ...found, state: 'measured' as const } }
      const judgement = await judge(tx, measured, stored, now)
      const row = { type: 'evidence' as const, coverage: found.coverage, good: found.good }
      return {
        ...judgement,
        report: { ...measured, verdict: judgement.verdict },
        log: [row, ...judgement.log],
      }
    })
  }

  /**
   * Changes what a person may change. A new symptom is matched anew.
   * @throws FaultlineError NOT_FOUND; PRECONDITION_FAILED; CONFLICT for a status that may not follow.
   */
  function patch(
    id: FaultReportId,
    wanted: ReportPatch,
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MatchedReport> {
    return change(id, actor, 'patch', async (tx, report, stored, now) => {
      checkVersion(report, expectedVersion)
      const { status = report.status, symptom = report.symptom, description = report.description } = wanted
      const moved = status !== report.status
      if (moved && !mayBecome(report.status, status))
        throw new FaultlineError('CONFLICT', `A report that is ${report.status} cannot become ${status}.`)
      const next = { ...report, status, symptom, description }
      const fields = (['symptom', 'description'] as const).filter((field) => next[field] !== report[field])
      const rows: ReportEventBody[] = []
      if (moved) {
        const reason = wanted.statusReason
        rows.push({
          type: 'status',
          from: report.status,
          to: status,
          ...(reason === undefined ? {} : { reason }),
        })
      }
      if (fields.length > 0) rows.push({ type: 'edited', fields })
      if (symptom === report.symptom) return { report: next, matches: stored, newlyLinked: [], log: rows }
      const judgement = await judge(tx, next, stored, now)
      return {
        ...judgement,
        report: { ...next, verdict: judgement.verdict },
        log: [...rows, ...judgement.log],
      }
    })
  }

  /** A person ties a report to an incident, or unties it; matching keeps that from then on. */
  const decide =
    (state: 'linked' | 'unlinked') =>
    (
      id: FaultReportId,
      incident: IncidentId,
      actor: Actor,
      expectedVersion?: number,
    ): Promise<MatchedReport> =>
      change(id, actor, state === 'linked' ? 'link' : 'unlink', async (tx, report, stored, now) => {
        checkVersion(report, expectedVersion)
        if (!(await deps.incident(tx, incident)))
          throw new FaultlineError('REQUEST_INVALID', `there is no incident ${incident}`, {
            field: 'incident',
          })
        const before = stored.find((match) => match.incident === incident)
        if (before?.decidedBy === 'person' && before.state === state)
          return { report, matches: stored, newlyLinked: [], log: [] }
        const others = stored.filter((match) => match.incident !== incident)
        const decision = personDecision(id, incident, state, actor, now)
        const judgement = await judge(tx, report, [...others, decision], now)
        return {
          report: { ...report, verdict: judgement.verdict },
          matches: judgement.matches,
          newlyLinked: [
            ...(state === 'linked' && before?.state !== 'linked' ? [incident] : []),
            ...judgement.newlyLinked,
          ],
          log: [{ type: state, incident }, ...judgement.log],
        }
      })

  return {
    submit,
    patch,
    link: decide('linked'),
    unlink: decide('unlinked'),
    /** See `rematchReports`; the caller tells listeners of the changes after its commit. */
    rematch: (tx: StateTx, incidents: readonly Incident[], now: number): Promise<readonly ReportChange[]> =>
      rematchReports(
        { ...deps, judge: (at, changed, when) => prepareJudge(judgeWith, at, changed, when) },
        tx,
        incidents,
        now,
      ),
    /** Probes again what was being probed when the process ended; to be called once at start. */
    resume: async (): Promise<void> => {
      for (const report of await store.open(db, clock.now() - matchWindowMs, 1_000))
        if (report.evidence.state === 'pending') void prober.probe(report.id, evidence.pathOf(report))
    },
    get: async (id: FaultReportId): Promise<MatchedReport | undefined> => {
      const report = await store.get(db, id)
      return report && { report, matches: await book.matchesOf(db, id) }
    },
    list: (filter: ReportFilter): Promise<Page<FaultReport>> => store.list(db, filter),
    matches: (ids: readonly FaultReportId[]) => store.matches(db, ids),
    matchesOf: (incident: IncidentId, limit: number) => store.matchesOf(db, incident, limit),
    /** The log of a report, each row with a sentence. `withWords`: with the reasons that people gave. */
    log: async (id: FaultReportId, withWords: boolean) =>
      (await store.events(db, id)).map((event) => ({
        sequence: event.sequence,
        at: event.at,
        actor: event.actor,
        type: event.type,
        text: reportEventText(withWords || event.actor === systemActor ? event : wordless(event)),
      })),
    /** What the polls say now about one service's path, for who asks how it is. */
    evidenceFor: async ({ customer, id }: Service) =>
      evidence.of({ customer, service: id }, await deps.openIncidents(db), clock.now()),
    /** Ends the probes under way; to be called before the state store closes. */
    close: (): Promise<void> => prober.close(),
  }
}
