import { type AnyColumn, type RawBuilder, type SqlBool, sql } from 'kysely'
import { FaultlineError } from '../errors.ts'
import type { Database } from './schema.ts'

/** A place in a list that is ordered by time and then by id, newest first: the last row of the page before. */
export interface Cursor {
  readonly at: number
  readonly id: string
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly nextCursor?: string
}

/** At most this many rows a page, whatever is asked for. */
const maxLimit = 1_000

export const encodeCursor = ({ at, id }: Cursor): string =>
  Buffer.from(JSON.stringify([at, id])).toString('base64url')

/** @throws FaultlineError REQUEST_INVALID for a text that `encodeCursor` did not make. */
export function decodeCursor(text: string): Cursor {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (Array.isArray(parsed) && parsed.length === 2) {
      const [at, id]: unknown[] = parsed
      if (typeof at === 'number' && Number.isSafeInteger(at) && typeof id === 'string') return { at, id }
    }
  } catch {
    // Not JSON: the same answer as for any other wrong text.
  }
  throw new FaultlineError('REQUEST_INVALID', 'the cursor is not one that was given out here', {
    field: 'cursor',
  })
}

type Column = AnyColumn<Database, keyof Database>

/**
 * Rows that come after this place in a list that is ordered by a column of times and then by the id. Where tables are
 * joined, `table` is the one that both are of.
 */
export function beyond(
  { at, id }: Cursor,
  time: Column,
  { order = 'desc', table }: { readonly order?: 'asc' | 'desc'; readonly table?: keyof Database } = {},
): RawBuilder<SqlBool> {
  const ref = (column: Column) => sql.ref(table === undefined ? column : `${table}.${column}`)
  const past = order === 'asc' ? sql`>` : sql`<`
  return sql`(${ref(time)} ${past} ${at} or (${ref(time)} = ${at} and ${ref('id')} ${past} ${id}))`
}

/** How many rows to ask for: one more than the page holds tells whether another page follows. */
export const rowsToAsk = (limit: number): number => Math.min(Math.max(1, Math.trunc(limit)), maxLimit) + 1

/** Makes the page from the rows that were asked for with `rowsToAsk`. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  limit: number,
  place: (row: Row) => Cursor,
  item: (row: Row) => T,
): Page<T> {
  const kept = rows.slice(0, rowsToAsk(limit) - 1)
  const last = kept.at(-1)
  return {
    items: kept.map(item),
    ...(rows.length > kept.length && last !== undefined ? { nextCursor: encodeCursor(place(last)) } : {}),
  }
}
