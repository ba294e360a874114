import { beyond, type Cursor } from '../platform/db/cursor.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import { oldGroupOf } from './old-group.ts'
import { alarmsNamed, removeAlarms } from './remove-alarms.ts'
import { removeSlice } from './remove-group.ts'

export interface RemovalDeps {
  readonly db: StateDb
  /** Between two slices: lets others have the store. */
  readonly pause: () => Promise<void>
  /** The daemon closes: what is left is left for the next time. */
  readonly signal: AbortSignal
  /** About so many rows go in one transaction. Default: 400. */
  readonly slice?: number
}

export interface Removed {
  readonly incidents: number
  readonly reports: number
  readonly rows: number
}

type Seed = { readonly incident: string } | { readonly report: string }

/** Seeds that are looked for at once. */
const atOnce = 100

/**
 * Removes what is over and has not changed since `before` (UTC epoch ms): closed incidents with their logs, messages and
 * reports; reports of which nobody waits for anything; cleared alarms with their transitions. Incidents and reports that
 * refer to each other go together or not at all, and an alarm only when no incident names it any more. It goes from the
 * leaves: a power cut between two slices leaves no reference to what is gone, and the next run goes on.
 *
 * Tokens, the audit log and maintenance windows stay; so do alarms that are active, whatever their age.
 */
export async function removeOldState(
  { db, pause, signal, slice = 400 }: RemovalDeps,
  before: number,
): Promise<Removed> {
  const removed = { incidents: 0, reports: 0, rows: 0 }
  const seen = new Set<string>()

  const removeTied = async (seed: Seed): Promise<void> => {
    if (seen.has('incident' in seed ? seed.incident : seed.report)) return
    const { ids, group } = await oldGroupOf(db, seed, before)
    for (const id of ids) seen.add(id)
    await pause()
    for (let done = group === undefined; group && !done && !signal.aborted; ) {
      const step = await removeSlice(db, group, slice)
      done = step.done
      removed.rows += step.rows
      if (done && step.rows > 0) {
        removed.incidents += group.incidents.size
        removed.reports += group.reports.size
      }
      await pause()
    }
  }

  for (const seeds of [oldIncidents(db, before), oldReports(db, before)])
    for await (const seed of seeds) {
      if (signal.aborted) return removed
      await removeTied(seed)
    }
  const named = await alarmsNamed(db, before, pause, signal)
  for (let after = { at: -1, id: '' }; !signal.aborted; ) {
    const step = await removeAlarms(db, before, after, named, slice)
    if (!step) break
    after = step.last
    removed.rows += step.rows
    await pause()
  }
  return removed
}

const oldIncidents = (db: StateDb, before: number) =>
  eachOf(
    (last) =>
      db
        .selectFrom('incident')
        .select(['id', 'updated_at as at'])
        .where('state', '=', 'closed')
        .where('updated_at', '<', before)
        .where(beyond(last, 'updated_at', { order: 'asc' }))
        .orderBy('updated_at')
        .orderBy('id')
        .limit(atOnce)
        .execute(),
    (incident): Seed => ({ incident }),
  )

const oldReports = (db: StateDb, before: number) =>
  eachOf(
    (last) =>
      db
        .selectFrom('fault_report')
        .select(['id', 'updated_at as at'])
        .where('updated_at', '<', before)
        .where(beyond(last, 'updated_at', { order: 'asc' }))
        .orderBy('updated_at')
        .orderBy('id')
        .limit(atOnce)
        .execute(),
    (report): Seed => ({ report }),
  )

/** Goes through a list in the order of change, portion by portion: rows may go meanwhile. */
async function* eachOf(
  readAfter: (last: Cursor) => Promise<readonly Cursor[]>,
  seedOf: (id: string) => Seed,
): AsyncGenerator<Seed> {
  for (let last: Cursor | undefined = { at: -1, id: '' }; last; ) {
    const rows: readonly Cursor[] = await readAfter(last)
    for (const { id } of rows) yield seedOf(id)
    last = rows.at(-1)
  }
}
