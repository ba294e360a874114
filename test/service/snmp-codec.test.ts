import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BerWriter } from '../../src/collect/snmp/codec/ber-writer.ts'
import { MessageReader } from '../../src/collect/snmp/codec/message-reader.ts'
import { oidRange, oidText } from '../../src/collect/snmp/codec/oid.ts'
import { communityPrelude, communityTemplate, withId } from '../../src/collect/snmp/codec/request-pdu.ts'
import { pduTags, tags } from '../../src/collect/snmp/codec/tags.ts'
import { counterOf, numberOf, type Varbind, varbindsOf } from '../../src/collect/snmp/codec/varbind.ts'
import { has } from '../support/requires.ts'
import { startSnmpd } from '../support/snmpd.ts'

/** Beneath Net-SNMP's own branch, where snmpd has nothing of its own. */
const ours = '1.3.6.1.4.1.8072.9999.77'
const arc = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1),
)
const names = fc
  .tuple(
    fc.constantFrom('1.3.6.1.4.1', '1.3.111', '0.39', '2.999'),
    fc.array(arc, { minLength: 1, maxLength: 40 }),
  )
  .map(([root, rest]) => [root, ...rest].join('.'))

const integer = {
  name: 'integer',
  tag: 2,
  values: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(String),
}
const whole = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(String)
const word = fc.stringMatching(/^[a-z0-9 ]{1,200}$/).filter((text) => text.trim() === text)
const kinds = [
  integer,
  { name: 'uinteger', tag: tags.gauge32, values: whole },
  { name: 'counter', tag: tags.counter32, values: whole },
  { name: 'timeticks', tag: tags.timeTicks, values: whole },
  { name: 'octet_str', tag: tags.octetString, values: word },
  { name: 'object_id', tag: tags.oid, values: names.filter((one) => one.startsWith('1.')) },
] as const

function textOf({ tag, value }: Varbind, one: Varbind): string {
  if (tag === tags.octetString) return Buffer.from(value).toString('latin1')
  if (tag === tags.oid) return oidText(value, 0, value.length)
  return tag === tags.counter64 ? `${counterOf(one)}` : `${numberOf(one)}`
}

/** Asks by our own encoder and reads by our own decoder, with nothing else of ours between. */
async function openExchange({ address, port }: { readonly address: string; readonly port: number }) {
  const socket = createSocket('udp4')
  socket.connect(port, address)
  await once(socket, 'connect')
  const writer = new BerWriter()
  const prelude = communityPrelude(writer, 1, Buffer.from('test'))
  let id = 0x0100_0000
  return {
    async get(wanted: readonly string[]): Promise<readonly Varbind[]> {
      const pdu = { type: pduTags.get, names: wanted.map(oidRange) } as const
      const template = communityTemplate(writer, prelude, pdu, 0x0100_0000)
      socket.send(withId(template, ++id))
      const [bytes]: Buffer[] = await once(socket, 'message')
      const reader = new MessageReader()
      expect(bytes !== undefined && reader.read(bytes)).toBe(true)
      expect(reader).toMatchObject({ version: 1, id, pdu: pduTags.response, errorStatus: 0 })
      return varbindsOf(reader.bytes, reader.start, reader.end)
    },
    [Symbol.asyncDispose]: async () => void socket.close(),
  }
}

describe.runIf(has('snmpd', 'snmpget'))('Net-SNMP', () => {
  it('reads the names that we write, and we those that it writes', async () => {
    await using agent = await startSnmpd({ name: 'names' })
    await using exchange = await openExchange(agent)
    await fc.assert(
      fc.asyncProperty(fc.array(names, { minLength: 1, maxLength: 20 }), async (wanted) => {
        const told = await exchange.get(wanted)
        expect(told.map(({ oid }) => oid)).toEqual(wanted)
      }),
      { numRuns: 300 },
    )
  })

  it('writes values that we read as what they are', async () => {
    const told = fc.sample(
      fc
        .constantFrom(...kinds)
        .chain(({ name, tag, values }) => values.map((value) => ({ name, tag, value }))),
      { numRuns: 300, seed: 20_260_301 },
    )
    const config = told.map(({ name, value }, i) => {
      const shown = name === 'octet_str' ? `"${value}"` : value
      return `override ${ours}.${i}.0 ${name} ${shown}`
    })
    await using agent = await startSnmpd({ name: 'values', config })
    await using exchange = await openExchange(agent)
    for (let from = 0; from < told.length; from += 30) {
      const part = told.slice(from, from + 30)
      const read = await exchange.get(part.map((_, i) => `${ours}.${from + i}.0`))
      expect(read.map((one) => [one.tag, textOf(one, one)])).toEqual(
        part.map(({ tag, value }) => [tag, value]),
      )
    }
  })
})
