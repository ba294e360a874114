// SNMPv2c agents in TypeScript, for machines without a C compiler. Arguments: INTERFACES CAP DELAY_MS DEAD_PERCENT, of
// which only the first and the last are kept. Prints its ports as JSON; a line on stdin is answered by its counts.
import { createInterface } from 'node:readline'
import { response, startSnmpResponder, text, unsigned } from '../test/support/snmp-responder.ts'
import { addressOf, slowElements } from './responder.ts'

const [interfaces = 48, , , deadPercent = 0] = process.argv.slice(2).map(Number)
const startedAt = performance.now()
const rows = Array.from({ length: interfaces }, (_, i) => i + 1)
const ifEntry = '1.3.6.1.2.1.2.2.1'
const ifXEntry = '1.3.6.1.2.1.31.1.1.1'
const counter = (perMs: number) => () => unsigned(0x46, Math.floor((performance.now() - startedAt) * perMs))
const fixed = (value: Buffer) => () => value

/** All there is, in order. */
const mib: readonly (readonly [oid: string, value: () => Buffer])[] = [
  ['1.3.6.1.2.1.1.1.0', fixed(text('Faultline bench element'))],
  ['1.3.6.1.2.1.1.3.0', () => unsigned(0x43, 8_640_000 + Math.floor((performance.now() - startedAt) / 10))],
  ['1.3.6.1.2.1.1.5.0', fixed(text('bench'))],
  ...rows.map((row) => [`${ifEntry}.2.${row}`, fixed(text(`GigabitEthernet0/0/${row}`))] as const),
  ...[7, 8].flatMap((column) =>
    rows.map((row) => [`${ifEntry}.${column}.${row}`, fixed(unsigned(2, 1))] as const),
  ),
  ...rows.map((row) => [`${ifXEntry}.1.${row}`, fixed(text(`GE0/0/${row}`))] as const),
  ...[6, 7, 10, 11].flatMap((column) =>
    rows.map((row) => [`${ifXEntry}.${column}.${row}`, counter(1_000 * row)] as const),
  ),
  ...rows.map((row) => [`${ifXEntry}.15.${row}`, fixed(unsigned(0x42, 1_000))] as const),
]
const places = new Map(mib.map(([oid], place) => [oid, place]))

const arcsOf = (oid: string) => oid.split('.').map(Number)
const isBehind = (oid: string, other: string): boolean => {
  const [a, b] = [arcsOf(oid), arcsOf(other)]
  const at = a.findIndex((arc, i) => arc !== b[i])
  return at < 0 ? false : at >= b.length || (a[at] ?? 0) > (b[at] ?? 0)
}
const next = (oid: string): number => {
  const place = places.get(oid)
  if (place !== undefined) return place + 1
  const found = mib.findIndex(([name]) => isBehind(name, oid))
  return found < 0 ? mib.length : found
}

let requests = 0
let varbinds = 0
const started = await Promise.all(
  Array.from({ length: slowElements }, (_, element) =>
    startSnmpResponder((request) => {
      if (element % 100 < deadPercent) return undefined
      requests++
      const at = (place: number, oid: string) => {
        const found = mib[place]
        return found === undefined
          ? ([oid, Buffer.from([0x82, 0])] as const)
          : ([found[0], found[1]()] as const)
      }
      const repetitions = request.type === 0xa5 ? request.repetitions : 1
      const places0 = request.oids.map((oid) =>
        request.type === 0xa0 ? (places.get(oid) ?? mib.length) : next(oid),
      )
      const answer = Array.from({ length: repetitions }, (_, k) =>
        request.oids.map((oid, i) => at((places0[i] ?? mib.length) + k, oid)),
      ).flat()
      varbinds += answer.length
      return response(request, answer)
    }, addressOf(element)),
  ),
)
console.log(JSON.stringify(started.map(({ port }) => port)))
const lines = createInterface(process.stdin)
lines.on('line', () => console.log(`${requests} ${varbinds} 0`))
lines.on('close', () => process.exit())
