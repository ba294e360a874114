import type { FaultReport, FaultReportId, Match } from '../model/fault-report.ts'
import type { IncidentId } from '../model/incident.ts'
import { type Actor, systemActor } from '../model/incident-event.ts'
import type { Clock } from '../platform/clock.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { Judgement } from './judge-report.ts'
import type { ReportChange } from './rematch.ts'
import type { ReportStore } from './report-store.ts'

export interface ReportBookDeps {
  readonly store: ReportStore
  readonly clock: Clock
  /** Runs work in one transaction; the place to serialise it with whatever else changes incidents. */
  transaction<T>(work: (tx: StateTx) => Promise<T>): Promise<T>
  /** Appends a `reported` event to each incident, in the same transaction. */
  recordOnIncident(
    tx: StateTx,
    incidents: readonly IncidentId[],
    report: FaultReport,
    now: number,
  ): Promise<void>
  /** After a commit of the desk's own; `rematch` runs in the caller's transaction and returns its changes instead. */
  afterCommit(changes: readonly ReportChange[], incidents: readonly IncidentId[]): void
}

export interface MatchedReport {
  readonly report: FaultReport
  /** Best first, those that a person unlinked last. */
  readonly matches: readonly Match[]
}

/** What a change leaves behind; without log rows nothing is written. */
export type BookChange = Pick<Judgement, 'matches' | 'newlyLinked' | 'log'> & { readonly report: FaultReport }

/**
 * @throws FaultlineError PRECONDITION_FAILED when the report is not at the version that was to be changed; absent: any.
 */
export function checkVersion(report: FaultReport, expected: number | undefined): void {
  if (expected !== undefined && expected !== report.version)
    throw new FaultlineError(
      'PRECONDITION_FAILED',
      `The report is at version ${report.version}, and version ${expected} was to be changed.`,
    )
}

/** Reads and writes a report as a whole: the report, its matches, its log, the incidents' logs and the audit log. */
export function createReportBook({
  store,
  clock,
  transaction,
  recordOnIncident,
  afterCommit,
}: ReportBookDeps) {
  const matchesOf = async (tx: StateDb, id: FaultReportId): Promise<readonly Match[]> =>
    (await store.matches(tx, [id])).get(id) ?? []

  /** @throws FaultlineError NOT_FOUND */
  async function read(tx: StateDb, id: FaultReportId): Promise<MatchedReport> {
    const report = await store.get(tx, id)
    if (!report) throw new FaultlineError('NOT_FOUND', `There is no fault report ${id}.`)
    return { report, matches: await matchesOf(tx, id) }
  }

  /** What hangs on a report that was written: in the same transaction, so that no change goes without. */
  async function follow(
    tx: StateTx,
    written: FaultReport,
    { matches, newlyLinked }: Pick<BookChange, 'matches' | 'newlyLinked'>,
    { actor, action, now }: { readonly actor: Actor; readonly action: string; readonly now: number },
  ): Promise<void> {
    await store.saveMatches(tx, written.id, matches)
    if (newlyLinked.length > 0) await recordOnIncident(tx, newlyLinked, written, now)
    if (actor === systemActor) return
    const details_json = JSON.stringify({ version: written.version })
    const row = { at: now, actor, action: `fault-report.${action}`, subject: written.id, details_json }
    await tx.insertInto('audit').values(row).execute()
  }

  return {
    matchesOf,
    read,

    /** Writes a new report, in the caller's transaction. */
    async add(tx: StateTx, taken: BookChange, actor: Actor, now: number): Promise<FaultReport> {
      const written = await store.insert(tx, taken.report, taken.log, actor, now)
      await follow(tx, written, taken, { actor, action: 'submit', now })
      return written
    },

    /**
     * One change to a report in a transaction of its own: reads it, works out the change, writes what that leaves behind.
     * @throws FaultlineError NOT_FOUND, and what the work throws; nothing is changed then.
     */
    async change(
      id: FaultReportId,
      actor: Actor,
      action: string,
      work: (tx: StateTx, report: FaultReport, stored: readonly Match[], now: number) => Promise<BookChange>,
    ): Promise<MatchedReport> {
      const now = clock.now()
      const { linked, changed, ...outcome } = await transaction(async (tx) => {
        const { report, matches: stored } = await read(tx, id)
        const next = await work(tx, report, stored, now)
        if (next.log.length === 0) return { report, matches: stored, linked: [], changed: false }
        const written = await store.update(tx, next.report, next.log, actor, now)
        await follow(tx, written, next, { actor, action, now })
        return { report: written, matches: next.matches, linked: next.newlyLinked, changed: true }
      })
      if (changed) afterCommit([{ report: id, change: 'changed' }], linked)
      return outcome
    },
  }
}
