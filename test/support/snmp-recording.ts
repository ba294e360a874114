import { readFileSync } from 'node:fs'
import type { ColumnValue, ColumnWalk } from '../../src/collect/profile-reader.ts'
import { deviceText } from '../../src/collect/snmp/device-text.ts'

/** An agent as it was recorded (`OID|type|value`, as snmpsim has it). */
export interface SnmpRecording {
  readonly objectId: string
  /** Everything in it that has a value of its own, in its order. */
  readonly values: readonly ColumnValue[]
  readonly walk: ColumnWalk
}

const bytesOf = (type: string, value: string): Uint8Array =>
  type.endsWith('x') ? Buffer.from(value, 'hex') : Buffer.from(value, 'latin1')

function valueIn(type: string, value: string): ColumnValue['value'] | undefined {
  // With a colon, snmpsim makes the value up while it answers.
  if (type.includes(':')) return undefined
  switch (type.replace('x', '')) {
    case '2':
    case '65':
    case '66':
    case '67':
      return Number(value)
    case '70':
      return BigInt(value)
    case '4':
      return deviceText(bytesOf(type, value))
    case '6':
      return value
    default:
      return undefined
  }
}

export function readRecording(file: string): SnmpRecording {
  const values = readFileSync(file, 'latin1')
    .split(/\r?\n/)
    .flatMap((line): ColumnValue[] => {
      const [oid = '', type = '', ...rest] = line.split('|')
      const value = valueIn(type, rest.join('|'))
      return value === undefined ? [] : [{ oid, value }]
    })
  const objectId = values.find(({ oid }) => oid === '1.3.6.1.2.1.1.2.0')?.value
  return {
    objectId: typeof objectId === 'string' ? objectId : '',
    values,
    walk: async (columns) =>
      columns.flatMap((column) => values.filter(({ oid }) => oid.startsWith(`${column}.`))),
  }
}
