import type { IncidentId } from '../model/incident.ts'
import { countsAsTold, type NotificationId, notificationStates } from '../model/notification.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { toRow } from './ledger-columns.ts'
import type { LedgerRow } from './ledger-row.ts'
import type { AttemptOutcome } from './next-try.ts'

export interface RecordDeps {
  /** Hears, in the transaction that records it, that the first customer of an incident was told of the outage. */
  readonly customersTold: (tx: StateTx, incident: IncidentId, at: number) => Promise<unknown>
}

export interface Attempt {
  readonly at: number
  /** Absent when no channel was there to try. */
  readonly channel?: string
  readonly reference?: string
  readonly reason?: string
}

const told = notificationStates.filter(countsAsTold)

export const getRow = async (db: StateDb, id: NotificationId): Promise<LedgerRow | undefined> => {
  const row = await db.selectFrom('notification').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toRow(row)
}

const withdraw = async (tx: StateTx, id: NotificationId, reason: string, at: number) => {
  await tx
    .updateTable('notification')
    .set({ state: 'withdrawn', reason, updated_at: at })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .execute()
}

/** The row as it is now, if it is still being sent; the attempt is noted. */
const ended = async (tx: StateTx, id: NotificationId, outcome: AttemptOutcome, attempt: Attempt) => {
  const row = await getRow(tx, id)
  if (row?.state !== 'sending') return undefined
  await tx
    .insertInto('notification_attempt')
    .values({
      notification: id,
      channel: attempt.channel ?? '',
      at: attempt.at,
      outcome,
      reference: attempt.reference ?? null,
      reason: attempt.reason ?? null,
    })
    .execute()
  return row
}

const queuedFor = (tx: StateTx, row: LedgerRow, kind: LedgerRow['kind']) =>
  tx
    .selectFrom('notification')
    .selectAll()
    .where('incident', '=', row.incident)
    .where('customer', '=', row.customer)
    .where('kind', '=', kind)
    .where('state', '=', 'queued')
    .execute()

const answerTo = (tx: StateTx, row: LedgerRow) =>
  tx
    .selectFrom('notification')
    .select('id')
    .where('answers', '=', row.id)
    .where('state', '=', 'queued')
    .executeTakeFirst()

/** Another outage message that leaned on this one and has gone out, or is going, takes over; with what waits. */
const handOver = async (tx: StateTx, row: LedgerRow, at: number): Promise<boolean> => {
  const heir = await tx
    .selectFrom('notification')
    .select('id')
    .where('covered_by', '=', row.id)
    .where('state', 'in', ['sending', ...told])
    .orderBy('queued_at')
    .executeTakeFirst()
  if (!heir) return false
  await tx
    .updateTable('notification')
    .set({ covered_by: null, incident: row.incident, updated_at: at })
    .where('id', '=', heir.id)
    .execute()
  await tx.updateTable('notification').set({ covered_by: heir.id }).where('covered_by', '=', row.id).execute()
  const answer = await answerTo(tx, row)
  if (answer)
    await tx.updateTable('notification').set({ answers: heir.id }).where('id', '=', answer.id).execute()
  return true
}

/** Why a failed message is not worth another try; what waited for it is called off. Undefined: try again. */
const needless = async (tx: StateTx, row: LedgerRow, at: number): Promise<string | undefined> => {
  const elsewhere = 'told with another incident'
  if (row.coveredBy !== undefined) return elsewhere
  if (row.kind === 'outage') {
    if (await handOver(tx, row, at)) return elsewhere
    const answer = await answerTo(tx, row)
    if (!answer) return undefined
    await withdraw(tx, answer.id, 'the outage message was never delivered', at)
    return 'over before it could be told'
  }
  if (row.kind === 'restored') {
    // While it was being sent the service fell again: the outage that was told goes on, and needs no new message.
    const [again] = await queuedFor(tx, row, 'outage')
    if (!again) return undefined
    await withdraw(tx, again.id, 'the customer was told already', at)
    return 'bad again before it could be sent'
  }
  return undefined
}

/** The outage message will never arrive. Unless a second one was told in its place, nobody was told. */
const giveUpOutage = async (tx: StateTx, row: LedgerRow, at: number): Promise<void> => {
  if (await handOver(tx, row, at)) return
  const answer = await answerTo(tx, row)
  const waiting = [...(answer ? [answer] : []), ...(await queuedFor(tx, row, 'progress'))]
  for (const { id } of waiting) await withdraw(tx, id, 'the outage message was never delivered', at)
}

/** Asked first, because the incident of a storm is a big row that must not be read for each of its messages. */
const othersTold = async (tx: StateTx, row: LedgerRow): Promise<boolean> =>
  (await tx
    .selectFrom('notification')
    .select('id')
    .where('incident', '=', row.incident)
    .where('kind', '=', 'outage')
    .where('state', 'in', told)
    .where('id', '<>', row.id)
    .limit(1)
    .executeTakeFirst()) !== undefined

/** Writes down how sending ended. Each takes effect only on a row that is being sent. */
export function createRecorder({ customersTold }: RecordDeps) {
  /** Sent, or perhaps sent: either way the customer counts as told. */
  const recordTold = (db: StateDb, id: NotificationId, state: 'sent' | 'uncertain', attempt: Attempt) =>
    db.transaction().execute(async (tx) => {
      const row = await ended(tx, id, state, attempt)
      if (!row) return undefined
      await tx
        .updateTable('notification')
        .set({
          state,
          channel: attempt.channel ?? null,
          reference: attempt.reference ?? null,
          reason: attempt.reason ?? null,
          attempts: row.attempts + 1,
          ...(state === 'sent' ? { sent_at: attempt.at } : {}),
          updated_at: attempt.at,
        })
        .where('id', '=', id)
        .where('state', '=', 'sending')
        .execute()
      if (row.kind === 'outage' && !(await othersTold(tx, row)))
        await customersTold(tx, row.incident, attempt.at)
      return getRow(tx, id)
    })

  return {
    /** The channel took it. Undefined when the row is not being sent (any more). */
    recordSent: (db: StateDb, id: NotificationId, attempt: Attempt) => recordTold(db, id, 'sent', attempt),

    /** Nobody knows whether it went out. It counts as told and is not sent again. */
    recordUncertain: (db: StateDb, id: NotificationId, attempt: Attempt) =>
      recordTold(db, id, 'uncertain', attempt),

    /** It did not go out. Tried again at `againAt`, if that still makes sense; without it the message has failed. */
    recordFailed(
      db: StateDb,
      id: NotificationId,
      outcome: 'retry' | 'refused',
      attempt: Attempt,
      againAt?: number,
    ): Promise<LedgerRow | undefined> {
      return db.transaction().execute(async (tx) => {
        const row = await ended(tx, id, outcome, attempt)
        if (!row) return undefined
        const calledOff = againAt === undefined ? undefined : await needless(tx, row, attempt.at)
        const state = againAt === undefined ? 'failed' : calledOff === undefined ? 'queued' : 'withdrawn'
        if (state === 'failed' && row.kind === 'outage') await giveUpOutage(tx, row, attempt.at)
        // News that waited for this message goes out with it.
        const news = state === 'queued' && row.kind === 'outage' ? await queuedFor(tx, row, 'progress') : []
        for (const { id: progress } of news)
          await withdraw(tx, progress, 'said in the outage message', attempt.at)
        await tx
          .updateTable('notification')
          .set({
            state,
            due_at: againAt ?? row.dueAt,
            channel: attempt.channel ?? null,
            reason: calledOff ?? attempt.reason ?? null,
            attempts: row.attempts + 1,
            updated_at: attempt.at,
            ...(news[0] ? { facts_json: news[0].facts_json, services_json: news[0].services_json } : {}),
          })
          .where('id', '=', id)
          .where('state', '=', 'sending')
          .execute()
        return getRow(tx, id)
      })
    },

    /** Before the first claim: what an earlier process left between sending and recording becomes `uncertain`. */
    async atStart(db: StateDb, now: number): Promise<readonly LedgerRow[]> {
      const left = await db.selectFrom('notification').select('id').where('state', '=', 'sending').execute()
      const rows: LedgerRow[] = []
      for (const { id } of left) {
        const row = await recordTold(db, id, 'uncertain', {
          at: now,
          reason: 'the process ended before the result was recorded',
        })
        if (row) rows.push(row)
      }
      return rows
    },
  }
}
