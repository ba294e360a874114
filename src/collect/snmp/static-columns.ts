import { numberAt } from './codec/ber-number.ts'
import { tags } from './codec/tags.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import { deviceText } from './device-text.ts'
import { staticColumns } from './if-mib.ts'
import type { Requests } from './snmp-session.ts'
import { type WalkOptions, walkColumns } from './walk-columns.ts'

/** What seldom changes of an interface, as the agent tells it. */
export interface StaticRow {
  readonly index: number
  name: string
  description: string
  alias: string
  /** bit/s; 0 when the agent does not tell. */
  speedBps: number
}

const columns = Object.entries(staticColumns)

/** The largest value of ifSpeed says "this much or more" (RFC 2863). */
const ifSpeedLimit = 4_294_967_295

/** Reads what seldom changes, by ifIndex. */
export async function readStaticColumns(
  requests: Requests,
  options: Pick<WalkOptions, 'pace' | 'expectedRows' | 'maxRows'>,
): Promise<ReadonlyMap<number, Readonly<StaticRow>>> {
  const rows = new Map<number, StaticRow>()
  const speeds = new Map<number, number>()
  const take = (column: number, index: number, _row: number, value: VarbindReader) => {
    // An index of several numbers is none of ifTable's.
    if (index < 0) return
    let row = rows.get(index)
    if (row === undefined) {
      row = { index, name: '', description: '', alias: '', speedBps: 0 }
      rows.set(index, row)
    }
    const { bytes, tag, valueStart, valueEnd } = value
    const text = () => (tag === tags.octetString ? deviceText(bytes.subarray(valueStart, valueEnd)) : '')
    const number = () => numberAt(bytes, tag, valueStart, valueEnd)
    switch (columns[column]?.[0]) {
      case 'descr':
        row.description = text()
        break
      case 'name':
        row.name = text()
        break
      case 'alias':
        row.alias = text()
        break
      case 'speed':
        speeds.set(index, number())
        break
      case 'highSpeed':
        row.speedBps = number() > 0 ? number() * 1_000_000 : 0
    }
  }
  await walkColumns(requests, { ...options, columns: Object.values(staticColumns), sink: { take } })
  for (const [index, speed] of speeds) {
    const row = rows.get(index)
    if (row !== undefined && row.speedBps === 0 && speed > 0 && speed < ifSpeedLimit) row.speedBps = speed
  }
  return rows
}
