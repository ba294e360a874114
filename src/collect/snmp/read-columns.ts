import { oidRange, oidText } from './codec/oid.ts'
import type { Varbind } from './codec/varbind.ts'
import type { Requests } from './snmp-session.ts'
import { type WalkOptions, walkColumns } from './walk-columns.ts'

/** Values of a column by index (the part of the OID behind the column), in the order of the MIB. */
export type Column = ReadonlyMap<string, Varbind>

export type ReadColumnsOptions = Pick<WalkOptions, 'pace' | 'expectedRows' | 'maxRows'>

/**
 * Reads columns of a table that is read seldom, or whose index is of several numbers. A column that the agent lacks is
 * empty. Rejects with SnmpFailure as `walkColumns` does.
 */
export async function readColumns(
  requests: Requests,
  columns: readonly string[],
  options: ReadColumnsOptions,
): Promise<ReadonlyMap<string, Column>> {
  const found = columns.map((column) => ({ column, values: new Map<string, Varbind>() }))
  await walkColumns(requests, {
    ...options,
    columns: columns.map(oidRange),
    sink: {
      take(at, _index, _row, { bytes, nameStart, nameEnd, tag, valueStart, valueEnd }) {
        const one = found[at]
        if (one === undefined) return
        const oid = oidText(bytes, nameStart, nameEnd)
        const index = oid.slice(one.column.length + 1)
        one.values.set(index, { oid, tag, value: Uint8Array.from(bytes.subarray(valueStart, valueEnd)) })
      },
    },
  })
  return new Map(found.map(({ column, values }) => [column, values]))
}
