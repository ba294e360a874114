import type { Profile } from '../../model/profile.ts'
import type { Clock } from '../../platform/clock.ts'
import { type ColumnValue, type ColumnWalk, createProfileReader } from '../profile-reader.ts'
import type { BulkPace } from './bulk-pace.ts'
import { counterOf, numberOf, oidOf, textOf, type Varbind } from './codec/varbind.ts'
import { readColumns } from './read-columns.ts'
import type { SnmpProbeDeps } from './snmp-probe.ts'
import type { Requests } from './snmp-session.ts'

/** More rows of a column are taken for a table without end. */
const maxRows = 10_000

const valueIn = (varbind: Varbind): ColumnValue['value'] =>
  numberOf(varbind) ?? counterOf(varbind) ?? (oidOf(varbind) || textOf(varbind))

/** Columns by GETBULK, each value as a number, a cleaned text, or an OID as text. */
const walkOf =
  (requests: Requests, pace: BulkPace): ColumnWalk =>
  async (columns, expectedRows) => {
    const found = await readColumns(requests, columns, { pace, expectedRows, maxRows })
    return [...found.values()].flatMap((column) =>
      [...column.values()].map((varbind) => ({ oid: varbind.oid, value: valueIn(varbind) })),
    )
  }

/** Reads the profiles of agents, for the SNMP probe. */
export function createProfileReading(deps: {
  readonly profiles: readonly Profile[]
  readonly clock: Clock
}): NonNullable<SnmpProbeDeps['readProfile']> {
  const reader = createProfileReader(deps)
  return (element, system, requests, pace) => reader.read(element, system, walkOf(requests, pace))
}
