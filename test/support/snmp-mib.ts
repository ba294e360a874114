import { oid, text, unsigned } from './snmp-responder.ts'

const counter32 = 65
const gauge = 66
const ticks = 67
export const counter64 = 70

/** The system group of a box; its uptime in hundredths of a second. */
export const system = (name: string, upTime = 123_456) => ({
  '1.3.6.1.2.1.1.1.0': text('A box'),
  '1.3.6.1.2.1.1.2.0': oid('1.3.6.1.4.1.9.1.516'),
  '1.3.6.1.2.1.1.3.0': unsigned(ticks, upTime),
  '1.3.6.1.2.1.1.5.0': text(name),
  '1.3.6.1.2.1.1.6.0': text('cellar'),
})

export interface MibPort {
  readonly name?: string
  readonly descr?: string
  readonly alias?: string | Uint8Array
  readonly octets?: bigint
  readonly octets32?: number
  readonly speed?: number
  readonly highSpeed?: number
  readonly oper?: number
}

/** ifTable and ifXTable of these interfaces. */
export function interfaces(ports: Readonly<Record<number, MibPort>>): Record<string, Buffer> {
  const mib: Record<string, Buffer> = {}
  for (const [index, port] of Object.entries(ports)) {
    const set = (column: string, value: Buffer | undefined) => {
      if (value !== undefined) mib[`1.3.6.1.2.1.${column}.${index}`] = value
    }
    set('2.2.1.1', unsigned(2, Number(index)))
    set('2.2.1.2', text(port.descr ?? ''))
    set('2.2.1.5', port.speed === undefined ? undefined : unsigned(gauge, port.speed))
    set('2.2.1.7', unsigned(2, 1))
    set('2.2.1.8', unsigned(2, port.oper ?? 1))
    set('2.2.1.10', unsigned(counter32, port.octets32 ?? 0))
    set('2.2.1.11', unsigned(counter32, 7))
    set('2.2.1.12', unsigned(counter32, 3))
    set('2.2.1.14', unsigned(counter32, 2))
    set('2.2.1.16', unsigned(counter32, port.octets32 ?? 0))
    set('31.1.1.1.1', port.name === undefined ? undefined : text(port.name))
    set('31.1.1.1.6', port.octets === undefined ? undefined : unsigned(counter64, port.octets))
    set('31.1.1.1.7', port.octets === undefined ? undefined : unsigned(counter64, 10n))
    set('31.1.1.1.8', port.octets === undefined ? undefined : unsigned(counter64, 5n))
    set('31.1.1.1.10', port.octets === undefined ? undefined : unsigned(counter64, port.octets))
    set('31.1.1.1.15', port.highSpeed === undefined ? undefined : unsigned(gauge, port.highSpeed))
    set('31.1.1.1.18', port.alias === undefined ? undefined : text(port.alias))
  }
  return mib
}
