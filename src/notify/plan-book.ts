import type { CustomerId } from '../model/customer.ts'
import type { IncidentId } from '../model/incident.ts'
import type { NotificationId } from '../model/notification.ts'
import { isOnItsWay, type LedgerChange, type LedgerPatch, type LedgerRow } from './ledger-row.ts'

/** Rows while a plan is made: reads see what was put before, and the difference to the beginning is the plan. */
export interface PlanBook {
  /** Rows of a customer in an incident, in the order of planning. */
  rows(incident: IncidentId, customer: CustomerId): readonly LedgerRow[]
  customers(incident: IncidentId): readonly CustomerId[]
  /**
   * The outage message that still obliges us: told or yet to be told, spoken for by no other one, and not answered.
   * There is at most one for a customer in an incident.
   */
  promise(incident: IncidentId, customer: CustomerId): LedgerRow | undefined
  /** The restored message that answers it, unless that was withdrawn. */
  answer(outage: NotificationId): LedgerRow | undefined
  /** Outage messages to a customer, in any incident, whose restored message waits to be sent; with that message. */
  ending(customer: CustomerId): readonly { readonly outage: LedgerRow; readonly answer: LedgerRow }[]
  put(row: LedgerRow): void
  changes(): readonly LedgerChange[]
}

/** What differs, by identity: the planner makes new values only where something changes. */
const patchOf = (before: LedgerRow, after: LedgerRow): LedgerPatch => ({
  ...(after.incident === before.incident ? {} : { incident: after.incident }),
  ...(after.state === before.state ? {} : { state: after.state }),
  ...(after.services === before.services ? {} : { services: after.services }),
  ...(after.facts === before.facts ? {} : { facts: after.facts }),
  ...(after.dueAt === before.dueAt ? {} : { dueAt: after.dueAt }),
  ...(after.reason === before.reason || after.reason === undefined ? {} : { reason: after.reason }),
  ...(after.coveredBy === before.coveredBy || after.coveredBy === undefined
    ? {}
    : { coveredBy: after.coveredBy }),
})

export function createPlanBook(rows: readonly LedgerRow[]): PlanBook {
  const original = new Map(rows.map((row) => [row.id, row]))
  const current = new Map<NotificationId, LedgerRow>()
  const index = new Map<IncidentId, Map<CustomerId, Set<NotificationId>>>()
  const answers = new Map<NotificationId, NotificationId>()
  const restored = new Map<CustomerId, Set<NotificationId>>()

  const idsOf = ({ incident, customer }: LedgerRow): Set<NotificationId> => {
    const byCustomer = index.get(incident) ?? new Map<CustomerId, Set<NotificationId>>()
    index.set(incident, byCustomer)
    const ids = byCustomer.get(customer) ?? new Set()
    byCustomer.set(customer, ids)
    return ids
  }
  const put = (row: LedgerRow) => {
    const known = current.get(row.id)
    if (known) idsOf(known).delete(row.id)
    current.set(row.id, row)
    idsOf(row).add(row.id)
    if (row.answers === undefined) return
    restored.set(row.customer, (restored.get(row.customer) ?? new Set()).add(row.id))
    if (row.state !== 'withdrawn') answers.set(row.answers, row.id)
    else if (answers.get(row.answers) === row.id) answers.delete(row.answers)
  }
  for (const row of rows) put(row)

  const rowsOf: PlanBook['rows'] = (incident, customer) =>
    [...(index.get(incident)?.get(customer) ?? [])]
      .flatMap((id) => current.get(id) ?? [])
      .sort((one, other) => one.queuedAt - other.queuedAt || (one.id < other.id ? -1 : 1))
  const answer: PlanBook['answer'] = (outage) => current.get(answers.get(outage) ?? '')
  const obliges = (row: LedgerRow) =>
    row.kind === 'outage' &&
    row.coveredBy === undefined &&
    (row.state === 'queued' || isOnItsWay(row)) &&
    (answer(row.id)?.state ?? 'queued') === 'queued'

  return {
    rows: rowsOf,
    customers: (incident) => [...(index.get(incident)?.keys() ?? [])],
    promise: (incident, customer) => rowsOf(incident, customer).findLast(obliges),
    answer,
    ending: (customer) =>
      [...(restored.get(customer) ?? [])].flatMap((id) => {
        const waiting = current.get(id)
        const outage = current.get(waiting?.answers ?? '')
        return waiting?.state === 'queued' && outage ? [{ outage, answer: waiting }] : []
      }),
    put,
    changes: () =>
      [...current.values()].flatMap((row): LedgerChange[] => {
        const before = original.get(row.id)
        if (before === row) return []
        return before === undefined
          ? [{ kind: 'insert', row }]
          : [{ kind: 'update', from: before.state, set: patchOf(before, row), row }]
      }),
  }
}
