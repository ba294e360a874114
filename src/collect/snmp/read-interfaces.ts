import type { Interface, InterfaceStatus } from '../../model/interface.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { AgentReading, InterfaceCounters } from '../../model/reading.ts'
import { ifMib, ifMib32 } from './if-mib.ts'
import { interfaceNames } from './interface-names.ts'
import { type Column, type ReadColumnsOptions, readColumns } from './read-columns.ts'
import type { Requests } from './snmp-session.ts'
import { counterOf, numberOf, textOf } from './varbind-value.ts'

const statuses: readonly (InterfaceStatus | undefined)[] = [
  undefined,
  'up',
  'down',
  'testing',
  'unknown',
  'dormant',
  'notPresent',
  'lowerLayerDown',
]

type Columns = ReadonlyMap<string, Column>

/** The values of one row. */
const rowOf = (columns: Columns, index: number) => {
  const at = (oid: string) => columns.get(oid)?.get(`${index}`)
  return {
    text: (oid: string) => textOf(at(oid)),
    number: (oid: string) => numberOf(at(oid)),
    counter: (oid: string) => counterOf(at(oid)),
    status: (oid: string) => statuses[numberOf(at(oid)) ?? 0] ?? 'unknown',
  }
}
type Row = ReturnType<typeof rowOf>

/** The largest value of ifSpeed says "this much or more" (RFC 2863). */
const ifSpeedLimit = 4_294_967_295

function speedOf(row: Row): number {
  const megabits = row.number(ifMib.highSpeed) ?? 0
  if (megabits > 0) return megabits * 1_000_000
  const speed = row.number(ifMib.speed) ?? 0
  return speed < ifSpeedLimit ? speed : 0
}

/** All packets: the sum of those parts that the agent has, and absent without the unicast part. */
function packets(width: 32 | 64, unicast: bigint | undefined, ...others: readonly (bigint | undefined)[]) {
  if (unicast === undefined) return undefined
  return BigInt.asUintN(
    width,
    others.reduce<bigint>((sum, part) => sum + (part ?? 0n), unicast),
  )
}

function countersOf(row: Row): InterfaceCounters {
  const width = has64Bits(row) ? 64 : 32
  const counted =
    width === 64
      ? {
          inOctets: row.counter(ifMib.hcInOctets),
          outOctets: row.counter(ifMib.hcOutOctets),
          inPackets: packets(
            width,
            row.counter(ifMib.hcInUnicast),
            row.counter(ifMib.hcInMulticast),
            row.counter(ifMib.hcInBroadcast),
          ),
          outPackets: packets(
            width,
            row.counter(ifMib.hcOutUnicast),
            row.counter(ifMib.hcOutMulticast),
            row.counter(ifMib.hcOutBroadcast),
          ),
        }
      : {
          inOctets: row.counter(ifMib32.inOctets),
          outOctets: row.counter(ifMib32.outOctets),
          inPackets: packets(width, row.counter(ifMib32.inUnicast), row.counter(ifMib32.inNonUnicast)),
          outPackets: packets(width, row.counter(ifMib32.outUnicast), row.counter(ifMib32.outNonUnicast)),
        }
  const all = {
    ...counted,
    inErrors: row.counter(ifMib.inErrors),
    outErrors: row.counter(ifMib.outErrors),
    inDiscards: row.counter(ifMib.inDiscards),
    outDiscards: row.counter(ifMib.outDiscards),
    discontinuityTicks: row.number(ifMib.discontinuityTime),
  }
  const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return { ...present, width }
}

const has64Bits = (row: Row): boolean =>
  row.counter(ifMib.hcInOctets) !== undefined && row.counter(ifMib.hcOutOctets) !== undefined

/** Reads ifTable and ifXTable; the 32-bit counters only where an interface has no others. */
export async function readInterfaces(
  requests: Requests,
  element: ElementId,
  seenAt: number,
  options: ReadColumnsOptions,
): Promise<AgentReading['interfaces']> {
  const columns = new Map(await readColumns(requests, Object.values(ifMib), options))
  const indexes = [
    ...new Set(
      [ifMib.descr, ifMib.operStatus, ifMib.name].flatMap((oid) => [...(columns.get(oid)?.keys() ?? [])]),
    ),
  ]
    .filter((index) => /^\d{1,10}$/.test(index))
    .map(Number)
  if (!indexes.every((index) => has64Bits(rowOf(columns, index)))) {
    const expected = { ...options, expectedRows: indexes.length }
    for (const [oid, column] of await readColumns(requests, Object.values(ifMib32), expected))
      columns.set(oid, column)
  }
  const rows = indexes.map((index) => ({ index, row: rowOf(columns, index) }))
  const names = interfaceNames(
    rows.map(({ index, row }) => ({
      index,
      name: row.text(ifMib.name),
      description: row.text(ifMib.descr),
      alias: row.text(ifMib.alias),
    })),
  )
  return rows.map(({ index, row }) => {
    const port: Interface = {
      element,
      name: names.get(index) ?? `${index}`,
      index,
      description: row.text(ifMib.descr),
      alias: row.text(ifMib.alias),
      adminStatus: row.status(ifMib.adminStatus),
      operStatus: row.status(ifMib.operStatus),
      speedBps: speedOf(row),
      seenAt,
    }
    return { port, counters: countersOf(row) }
  })
}
