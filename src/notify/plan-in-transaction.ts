import type { NotNull, Selectable } from 'kysely'
import type { CustomerId } from '../model/customer.ts'
import { isOpen } from '../model/incident.ts'
import type { NotificationId } from '../model/notification.ts'
import { portions } from '../platform/db/json-column.ts'
import type { NotificationTable } from '../platform/db/schema.ts'
import type { StateTx } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import { toColumns, toPatch, toRow } from './ledger-columns.ts'
import type { LedgerChange, LedgerRow } from './ledger-row.ts'
import { type PlanInput, planNotifications } from './plan-notifications.ts'
import { toldImpact } from './told-impact.ts'

/** A change that can make a message necessary or needless; a note or an acknowledgement cannot. */
const matters = ({ incident, before }: PlanInput['changes'][number]): boolean =>
  before === undefined ||
  incident.impact !== before.impact ||
  incident.kind !== before.kind ||
  incident.etaAt !== before.etaAt ||
  incident.mergedInto !== before.mergedInto ||
  isOpen(incident) !== isOpen(before)

/** Customers who have more that suffers than before. */
const fallen = (input: Pick<PlanInput, 'changes' | 'settings'>): readonly CustomerId[] =>
  input.changes.flatMap(({ incident, before }) => {
    const toldBefore = toldImpact(before, input.settings.tell)
    return [...toldImpact(incident, input.settings.tell)]
      .filter(([customer, states]) => {
        const known = toldBefore.get(customer) ?? {}
        return Object.keys(states).some((service) => !Object.hasOwn(known, service))
      })
      .map(([customer]) => customer)
  })

async function rowsFor(
  tx: StateTx,
  input: Pick<PlanInput, 'changes' | 'open' | 'settings'>,
): Promise<readonly LedgerRow[]> {
  const rows = new Map<NotificationId, LedgerRow>()
  const keep = (found: readonly Selectable<NotificationTable>[]) => {
    for (const row of found) rows.set(row.id, toRow(row))
  }
  const changed = input.changes.map(({ incident }) => incident.id)
  const all = tx.selectFrom('notification').selectAll('notification')
  for (const portion of portions(changed)) keep(await all.where('incident', 'in', portion).execute())

  const others = input.open.map((incident) => incident.id).filter((id) => !changed.includes(id))
  const known = new Set([...rows.values()].map((row) => row.customer))
  for (const incidents of portions(others))
    for (const customers of portions([...known]))
      keep(await all.where('customer', 'in', customers).where('incident', 'in', incidents).execute())

  for (const customers of portions(fallen(input))) {
    const waiting = all
      .where('state', '=', 'queued')
      .where('kind', '=', 'restored')
      .where('customer', 'in', customers)
    keep(await waiting.execute())
    keep(
      await all
        .where(
          'id',
          'in',
          waiting
            .clearSelect()
            .select('answers')
            .where('answers', 'is not', null)
            .$narrowType<{ answers: NotNull }>(),
        )
        .execute(),
    )
  }
  return [...rows.values()]
}

async function write(tx: StateTx, plan: readonly LedgerChange[], now: number): Promise<void> {
  const inserts = plan.flatMap((change) => (change.kind === 'insert' ? [toColumns(change.row)] : []))
  for (const portion of portions(inserts))
    await tx
      .insertInto('notification')
      .values([...portion])
      .execute()

  // One statement for all rows with the same change: at the end of a big outage they are thousands.
  const groups = new Map<string, Extract<LedgerChange, { kind: 'update' }>[]>()
  for (const change of plan) {
    if (change.kind !== 'update') continue
    const key = JSON.stringify([change.from, change.set])
    const group = groups.get(key) ?? []
    group.push(change)
    groups.set(key, group)
  }
  for (const group of groups.values())
    for (const portion of portions(group)) {
      const [first] = portion
      if (!first) continue
      const { numUpdatedRows } = await tx
        .updateTable('notification')
        .set({ ...toPatch(first.set), updated_at: now })
        .where(
          'id',
          'in',
          portion.map(({ row }) => row.id),
        )
        .where('state', '=', first.from)
        .executeTakeFirst()
      if (numUpdatedRows !== BigInt(portion.length))
        throw new FaultlineError('CONFLICT', 'a notification was sent or recorded while it was planned anew')
    }
}

/**
 * Plans what follows from changed incidents and writes it, within the transaction that writes the incidents.
 * @throws FaultlineError CONFLICT when a row moved meanwhile: nothing may be kept of the transaction.
 */
export async function planInTransaction(
  tx: StateTx,
  input: Omit<PlanInput, 'rows'>,
): Promise<readonly LedgerChange[]> {
  const changes = input.changes.filter(matters)
  if (changes.length === 0) return []
  const rows = await rowsFor(tx, { ...input, changes })
  const plan = planNotifications({ ...input, changes, rows })
  await write(tx, plan, input.now)
  return plan
}
