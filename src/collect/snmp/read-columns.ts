import type { Varbind } from 'net-snmp'
import type { BulkPace } from './bulk-pace.ts'
import { comesAfter } from './oid-order.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Requests } from './snmp-session.ts'
import { isAbsent } from './varbind-value.ts'

/** Values of a column by index (the part of the OID behind the column), in the order of the MIB. */
export type Column = ReadonlyMap<string, Varbind>

export interface ReadColumnsOptions {
  readonly pace: BulkPace
  /** Rows that it had last time, so that not more is asked for; undefined when unknown. */
  readonly expectedRows: number | undefined
  /** A table that is longer is taken for endless. */
  readonly maxRows: number
  /** Timeouts in a row that are borne. */
  readonly retries: number
}

interface Cursor {
  readonly column: string
  readonly values: Map<string, Varbind>
  last: string
  done: boolean
}

/** Takes the values that belong to the column; the first that does not ends it. */
function take(cursor: Cursor, varbinds: readonly Varbind[], maxRows: number): void {
  const prefix = `${cursor.column}.`
  for (const varbind of varbinds) {
    if (isAbsent(varbind) || !varbind.oid.startsWith(prefix)) {
      cursor.done = true
      return
    }
    if (!comesAfter(varbind.oid, cursor.last))
      throw new SnmpFailure(
        'refused',
        `the agent's table does not advance: ${varbind.oid} after ${cursor.last}`,
      )
    cursor.values.set(varbind.oid.slice(prefix.length), varbind)
    cursor.last = varbind.oid
    if (cursor.values.size > maxRows)
      throw new SnmpFailure('refused', `the agent's table ${cursor.column} has more than ${maxRows} rows`)
  }
}

/** How many rows to ask for: what is expected and one more, which shows the end. */
function rowsToAsk(asked: readonly Cursor[], { pace, expectedRows }: ReadColumnsOptions): number {
  if (expectedRows === undefined) return pace.rows
  const left = expectedRows - Math.min(...asked.map((cursor) => cursor.values.size)) + 1
  return left > 0 ? Math.min(pace.rows, left) : pace.rows
}

/**
 * Reads columns of one table, several side by side in one message, by GETBULK (GETNEXT in SNMPv1). A column that the
 * agent lacks is empty. Rejects with SnmpFailure when the agent is silent, does not advance, or never ends.
 */
export async function readColumns(
  requests: Requests,
  columns: readonly string[],
  options: ReadColumnsOptions,
): Promise<ReadonlyMap<string, Column>> {
  const { pace, maxRows, retries } = options
  const cursors = columns.map((column): Cursor => ({ column, values: new Map(), last: column, done: false }))
  let timeouts = 0
  for (;;) {
    const open = cursors.filter((cursor) => !cursor.done)
    // Columns that are being read are ended before others begin, so that those in one message have as many rows left.
    const begun = open.filter((cursor) => cursor.values.size > 0)
    const asked = (begun.length > 0 ? begun : open).slice(0, pace.columns)
    if (asked.length === 0) break
    const oids = asked.map((cursor) => cursor.last)
    const rows = requests.version === '1' ? 1 : rowsToAsk(asked, options)
    try {
      const answer =
        requests.version === '1'
          ? (await requests.next(oids)).map((varbind) => [varbind])
          : await requests.bulk(oids, rows)
      timeouts = 0
      if ((answer[0]?.length ?? 0) === 0)
        throw new SnmpFailure('refused', 'the agent answered without a value')
      asked.forEach((cursor, at) => {
        take(cursor, answer[at] ?? [], maxRows)
      })
    } catch (error) {
      if (!(error instanceof SnmpFailure)) throw error
      if (error.kind === 'noSuchName') {
        // SNMPv1 has no other way to say that the MIB ends here.
        const ended = asked.filter((cursor) => cursor.last === error.oid)
        for (const cursor of ended.length > 0 ? ended : asked) cursor.done = true
      } else if (error.kind === 'timeout' && requests.version !== '1' && timeouts < retries) {
        timeouts++
        pace.shrink({ rows, columns: asked.length })
      } else if (error.kind !== 'tooBig' || !pace.shrink({ rows, columns: asked.length })) throw error
    }
  }
  return new Map(cursors.map(({ column, values }) => [column, values]))
}
