import { isOpen } from '../model/incident.ts'
import { portions } from '../platform/db/json-column.ts'
import type { StateTx } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import { toColumns, toPatch, toRow } from './ledger-columns.ts'
import type { LedgerChange, LedgerRow } from './ledger-row.ts'
import { type PlanInput, planNotifications } from './plan-notifications.ts'

/** A change that can make a message necessary or needless; a note or an acknowledgement cannot. */
const matters = ({ incident, before }: PlanInput['changes'][number]): boolean =>
  before === undefined ||
  incident.impact !== before.impact ||
  incident.kind !== before.kind ||
  incident.etaAt !== before.etaAt ||
  incident.mergedInto !== before.mergedInto ||
  isOpen(incident) !== isOpen(before)

async function rowsFor(
  tx: StateTx,
  input: Pick<PlanInput, 'changes' | 'open'>,
): Promise<readonly LedgerRow[]> {
  const changed = input.changes.map(({ incident }) => incident.id)
  const rows: LedgerRow[] = []
  for (const portion of portions(changed))
    rows.push(
      ...(await tx.selectFrom('notification').selectAll().where('incident', 'in', portion).execute()).map(
        toRow,
      ),
    )
  const others = input.open.map((incident) => incident.id).filter((id) => !changed.includes(id))
  if (others.length === 0) return rows
  for (const customers of portions([...new Set(rows.map((row) => row.customer))]))
    for (const incidents of portions(others)) {
      const found = await tx
        .selectFrom('notification')
        .selectAll()
        .where('customer', 'in', customers)
        .where('incident', 'in', incidents)
        .execute()
      rows.push(...found.map(toRow))
    }
  return rows
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
  const rows = await rowsFor(tx, { changes, open: input.open })
  const plan = planNotifications({ ...input, changes, rows })
  await write(tx, plan, input.now)
  return plan
}
