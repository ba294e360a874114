import type { Insertable, Selectable, Updateable } from 'kysely'
import { type NotificationKind, type NotificationState, notificationStates } from '../model/notification.ts'
import type { ServiceId } from '../model/service.ts'
import { readJson } from '../platform/db/json-column.ts'
import type { NotificationTable } from '../platform/db/schema.ts'
import type { LedgerPatch, LedgerRow, NotificationFacts } from './ledger-row.ts'

const kinds = ['outage', 'progress', 'restored'] as const satisfies readonly NotificationKind[]

/** One of a closed list; a word that this version does not know must not be sent by accident. */
function oneOf<T extends string>(known: readonly T[], word: string, row: string): T {
  const found = known.find((candidate) => candidate === word)
  if (found === undefined) throw new Error(`${row} holds the unknown word ${word}`)
  return found
}

export const toState = (word: string, row: string): NotificationState =>
  oneOf<NotificationState>(notificationStates, word, row)
export const toKind = (word: string, row: string): NotificationKind => oneOf(kinds, word, row)

export function toRow(row: Selectable<NotificationTable>): LedgerRow {
  const name = `notification ${row.id}`
  return {
    id: row.id,
    incident: row.incident,
    customer: row.customer,
    kind: toKind(row.kind, name),
    services: readJson<readonly ServiceId[]>(row.services_json, name),
    facts: readJson<NotificationFacts>(row.facts_json, name, 'states', 'onsetAt'),
    state: toState(row.state, name),
    dueAt: row.due_at,
    ...(row.answers === null ? {} : { answers: row.answers }),
    ...(row.covered_by === null ? {} : { coveredBy: row.covered_by }),
    ...(row.channel === null ? {} : { channel: row.channel }),
    ...(row.reference === null ? {} : { reference: row.reference }),
    attempts: row.attempts,
    ...(row.reason === null ? {} : { reason: row.reason }),
    queuedAt: row.queued_at,
    ...(row.sent_at === null ? {} : { sentAt: row.sent_at }),
    updatedAt: row.updated_at,
  }
}

export const toColumns = (row: LedgerRow): Insertable<NotificationTable> => ({
  id: row.id,
  incident: row.incident,
  customer: row.customer,
  kind: row.kind,
  state: row.state,
  due_at: row.dueAt,
  answers: row.answers ?? null,
  covered_by: row.coveredBy ?? null,
  channel: row.channel ?? null,
  reference: row.reference ?? null,
  attempts: row.attempts,
  reason: row.reason ?? null,
  queued_at: row.queuedAt,
  sent_at: row.sentAt ?? null,
  updated_at: row.updatedAt,
  services_json: JSON.stringify(row.services),
  facts_json: JSON.stringify(row.facts),
})

export const toPatch = (set: LedgerPatch): Updateable<NotificationTable> => ({
  ...(set.incident === undefined ? {} : { incident: set.incident }),
  ...(set.state === undefined ? {} : { state: set.state }),
  ...(set.dueAt === undefined ? {} : { due_at: set.dueAt }),
  ...(set.reason === undefined ? {} : { reason: set.reason }),
  ...(set.coveredBy === undefined ? {} : { covered_by: set.coveredBy }),
  ...(set.services === undefined ? {} : { services_json: JSON.stringify(set.services) }),
  ...(set.facts === undefined ? {} : { facts_json: JSON.stringify(set.facts) }),
})
