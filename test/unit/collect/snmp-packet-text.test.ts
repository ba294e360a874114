import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packetLines } from '../../../src/collect/snmp/packet-text.ts'
import { ber, oid, text, unsigned } from '../../support/snmp-responder.ts'

const number = (value: number) => unsigned(2, value)
const bindings = (...list: readonly (readonly [string, Buffer])[]) =>
  ber(0x30, ...list.map(([name, value]) => ber(0x30, oid(name), value)))
const empty = ber(5)
const pdu = (tag: number, numbers: readonly number[], list: Buffer) => ber(tag, ...numbers.map(number), list)
const v2c = (body: Buffer) => ber(0x30, number(1), text('very secret'), body)
const v3 = (flags: number, data: Buffer) =>
  ber(
    0x30,
    number(3),
    ber(0x30, number(77), number(65_507), ber(4, [flags]), number(3)),
    text(ber(0x30, text('engine'), number(1), number(2), text('reader'), text(''), text(''))),
    data,
  )

describe('an SNMP packet in words', () => {
  it('names what is asked, and never the community', () => {
    const lines = packetLines(v2c(pdu(0xa5, [5, 1, 25], bindings(['1.3.6.1.2.1.2.2.1.10', empty]))))
    expect(lines).toEqual(['v2c getBulk 5, non-repeaters 1, max-repetitions 25', '  1.3.6.1.2.1.2.2.1.10'])
  })

  it('names every kind of value', () => {
    const list = bindings(
      ['1.3.6.1', number(7)],
      ['1.3.6.2', unsigned(0x46, 18_446_744_073_709_551_615n)],
      ['1.3.6.3', text('ge-0/0/1')],
      ['1.3.6.4', oid('1.3.6.1.4.1.9')],
      ['1.3.6.5', ber(0x40, [192, 0, 2, 1])],
      ['1.3.6.6', ber(0x82)],
    )
    expect(packetLines(v2c(pdu(0xa2, [5, 0, 0], list)))).toEqual([
      'v2c response 5, error 0 at 0',
      '  1.3.6.1 = 7 (integer)',
      '  1.3.6.2 = 18446744073709551615 (counter64)',
      '  1.3.6.3 = "ge-0/0/1" (67652d302f302f31)',
      '  1.3.6.4 = 1.3.6.1.4.1.9 (oid)',
      '  1.3.6.5 = c0000201 (ipAddress)',
      '  1.3.6.6 = endOfMibView',
    ])
  })

  it('shows of v3 what is not encrypted', () => {
    const scoped = ber(0x30, text('engine'), text(''), pdu(0xa8, [9, 0, 0], bindings(['1.3.6.1', number(1)])))
    expect(packetLines(v3(1, scoped))).toEqual([
      'v3 message 77, authenticated, report 9, error 0 at 0',
      '  1.3.6.1 = 1 (integer)',
    ])
    expect(packetLines(v3(3, text('hidden')))).toEqual(['v3 message 77, authenticated, encrypted'])
    expect(packetLines(v3(0, ber(0x30)))).toEqual(['v3 message 77, malformed'])
  })

  it('shows the bytes of what is none, whatever they are', () => {
    expect(packetLines(Buffer.from('GET /'))).toEqual(['no SNMP: 474554202f'])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(packetLines(bytes).length).toBeGreaterThan(0)
      }),
    )
  })
})
