import { readFileSync } from 'node:fs'
import type { ColumnValue, ColumnWalk } from '../../src/collect/profile-reader.ts'
import { deviceText } from '../../src/collect/snmp/device-text.ts'
import { ber, oid, text, unsigned } from './snmp-responder.ts'

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

/** The same as an agent tells it: values by their names. */
export function recordedMib(file: string): Readonly<Record<string, Buffer>> {
  const mib: Record<string, Buffer> = {}
  for (const line of readFileSync(file, 'latin1').split(/\r?\n/)) {
    const [name = '', type = '', ...rest] = line.split('|')
    // What the recorder left empty, or would make up, is 0.
    const told = type.includes(':') ? '0' : rest.join('|')
    const [tag] = type.replace(/x$/, '').split(':')
    if (tag === '4') mib[name] = text(bytesOf(type, type.includes(':') ? '' : told))
    else if (tag === '6') mib[name] = oid(told)
    else if (tag === '2') mib[name] = signed(Number(told))
    else if (tag === '64') mib[name] = ber(0x40, told.split('.').map(Number))
    else if (['65', '66', '67', '70'].includes(tag ?? ''))
      mib[name] = unsigned(Number(tag), BigInt(told || 0))
  }
  return mib
}

function signed(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return ber(2, bytes)
}
