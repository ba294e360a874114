import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { counterInto, signedAt, unsignedAt } from '../../../src/collect/snmp/codec/ber-number.ts'
import { BerWriter } from '../../../src/collect/snmp/codec/ber-writer.ts'
import { MessageReader } from '../../../src/collect/snmp/codec/message-reader.ts'
import { comesAfter, encodeOid, isUnder, oidRange, oidText } from '../../../src/collect/snmp/codec/oid.ts'
import {
  communityPrelude,
  communityTemplate,
  type RequestPdu,
  withId,
} from '../../../src/collect/snmp/codec/request-pdu.ts'
import { pduTags, tags } from '../../../src/collect/snmp/codec/tags.ts'
import { counterOf, numberOf, type Varbind, varbindsOf } from '../../../src/collect/snmp/codec/varbind.ts'
import { ber, oid, text, unsigned } from '../../support/snmp-responder.ts'

/** What these tests use of the `net-snmp` package, which has no types: its BER reader and writer, as an oracle. */
interface Oracle {
  readonly Reader: new (
    bytes: Buffer,
  ) => {
    readSequence(tag?: number): number | null
    readInt(tag?: number): number
    readString(tag?: number): string
    readOID(tag?: number): string
    peek(): number
  }
  readonly Writer: new () => {
    readonly buffer: Buffer
    startSequence(tag?: number): void
    endSequence(): void
    writeInt(value: number, tag?: number): void
    writeOID(dotted: string, tag?: number): void
    writeBuffer(bytes: Buffer, tag: number): void
    writeString(value: string): void
  }
}
const netSnmp = createRequire(import.meta.url).resolve('net-snmp')
const { Ber: oracle }: { Ber: Oracle } = createRequire(netSnmp)('asn1-ber')

const arcs = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const oids = fc
  .tuple(fc.constantFrom('1.3', '2.999', '0.39', '1.0'), fc.array(arcs, { maxLength: 20 }))
  .map(([root, rest]) => [root, ...rest].join('.'))

const textOf = (dotted: string): string => {
  const bytes = encodeOid(dotted)
  return oidText(bytes, 0, bytes.length)
}
const numbersOf = (dotted: string) => dotted.split('.').map(Number)

describe('an object identifier', () => {
  it('is the same after it was coded', () => {
    fc.assert(fc.property(oids, (dotted) => void expect(textOf(dotted)).toBe(dotted)))
  })

  it.for([
    ['1.3.6.1.2.1.2.2.1.10.1', '2b060102010202010a01'],
    ['1.3.6.1.4.1.2011.5.25', '2b060104018f5b0519'],
    ['2.999.3', '883703'],
    ['1.3.4294967295', '2b8fffffff7f'],
  ] as const)('%s has known bytes', ([dotted, hex]) => {
    expect(Buffer.from(encodeOid(dotted)).toString('hex')).toBe(hex)
  })

  it('is what the net-snmp package makes of it, both ways', () => {
    const plain = oids.filter((dotted) => !dotted.startsWith('2.'))
    fc.assert(
      fc.property(plain, (dotted) => {
        const writer = new oracle.Writer()
        writer.writeOID(dotted)
        const field = ber(tags.oid, encodeOid(dotted))
        expect(field.equals(writer.buffer)).toBe(true)
        expect(new oracle.Reader(field).readOID()).toBe(dotted)
      }),
    )
  })

  it('comes after another by number and not by byte', () => {
    const isAfter = (one: string, other: string) => {
      const bytes = encodeOid(one)
      return comesAfter(bytes, 0, bytes.length, oidRange(other))
    }
    expect(isAfter('1.3.6.16384', '1.3.6.16383')).toBe(true)
    fc.assert(
      fc.property(oids, oids, (one, other) => {
        const [a, b] = [numbersOf(one), numbersOf(other)]
        const at = a.findIndex((arc, i) => arc !== b[i])
        const expected = at < 0 ? false : (a[at] ?? 0) > (b[at] ?? -1)
        expect(isAfter(one, other)).toBe(expected)
      }),
    )
  })

  it('is under another that it begins with, and not under itself', () => {
    const under = (one: string, other: string) => {
      const bytes = encodeOid(one)
      return isUnder(bytes, 0, bytes.length, encodeOid(other))
    }
    expect(under('1.3.6.1.5', '1.3.6.1')).toBe(true)
    expect(under('1.3.6.1', '1.3.6.1')).toBe(false)
    expect(under('1.3.6.2.5', '1.3.6.1')).toBe(false)
  })

  it.for(['', '1', '3.1', '1.40', '1.3.-1', '1.3.x', '1.3.4294967296'])('is not %j', (dotted) => {
    expect(() => encodeOid(dotted)).toThrow(RangeError)
  })

  it('is no text when its bytes are none', () => {
    expect(oidText(Uint8Array.of(0x2b, 0x86), 0, 2)).toBe('')
    expect(oidText(Uint8Array.of(), 0, 0)).toBe('')
    expect(oidText(Uint8Array.of(0x2b, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), 0, 7)).toBe('')
  })
})

describe('a number', () => {
  const content = (field: Buffer) => field.subarray(2)

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        const writer = new BerWriter()
        writer.integer(value)
        const bytes = content(writer.take())
        expect(signedAt(bytes, 0, bytes.length)).toBe(value)
        const other = new oracle.Writer()
        other.writeInt(value)
        expect(new oracle.Reader(writer.take()).readInt()).toBe(value)
        expect(writer.take().equals(other.buffer)).toBe(true)
      }),
    )
  })

  it('without a sign is read with its leading zero or without', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
        const bytes = content(unsigned(tags.counter32, value))
        expect(unsignedAt(bytes, 0, bytes.length)).toBe(value)
        const bare = bytes[0] === 0 && bytes.length > 1 ? bytes.subarray(1) : bytes
        expect(unsignedAt(bare, 0, bare.length)).toBe(value)
      }),
    )
  })

  it('of no bytes, or of too many, is none', () => {
    expect(signedAt(Uint8Array.of(), 0, 0)).toBeNaN()
    expect(signedAt(new Uint8Array(5), 0, 5)).toBeNaN()
    expect(unsignedAt(Uint8Array.of(1, 0, 0, 0, 0), 0, 5)).toBeNaN()
    expect(unsignedAt(new Uint8Array(6), 0, 6)).toBeNaN()
  })
})

const varbind = (tag: number, value: readonly number[] | Buffer): Varbind => ({
  oid: '',
  tag,
  value: Uint8Array.from(value),
})

describe('a Counter64', () => {
  it('is exact, with a leading zero or without', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const hex = value.toString(16)
        const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
        for (const coded of [bytes, Buffer.concat([Buffer.alloc(9 - bytes.length), bytes])])
          expect(counterOf(varbind(tags.counter64, coded))).toBe(value)
      }),
    )
  })

  it('of no bytes, or more than 64 bits, is none', () => {
    for (const bytes of [[], [1, 0, 0, 0, 0, 0, 0, 0, 0], Array<number>(10).fill(0)])
      expect(counterOf(varbind(tags.counter64, bytes))).toBeUndefined()
  })

  it('leaves what it is read into as it was when it is none', () => {
    const halves = { low: 1, high: 2 }
    expect(counterInto(halves, Uint8Array.of(0xff), tags.integer, 0, 1)).toBe(false)
    expect(halves).toEqual({ low: 1, high: 2 })
  })
})

const writer = new BerWriter()
const prelude = communityPrelude(writer, 1, Buffer.from('secret'))
const requests = fc.record({
  type: fc.constantFrom(pduTags.get, pduTags.getNext, pduTags.getBulk),
  nonRepeaters: fc.integer({ min: 0, max: 3 }),
  maxRepetitions: fc.integer({ min: 0, max: 300 }),
  names: fc.array(
    oids.filter((dotted) => !dotted.startsWith('2.')),
    { maxLength: 60 },
  ),
})
const ids = fc.integer({ min: 0x0100_0000, max: 0x7fff_ffff })

describe('a request', () => {
  it('is understood by the net-snmp package, whatever id is put into it', () => {
    fc.assert(
      fc.property(requests, ids, ids, ({ names, ...pdu }, first, id) => {
        const asked: RequestPdu = { ...pdu, names: names.map(oidRange) }
        const template = communityTemplate(writer, prelude, asked, first)
        const reader = new oracle.Reader(Buffer.from(withId(template, id)))
        reader.readSequence()
        expect(reader.readInt()).toBe(1)
        expect(reader.readString()).toBe('secret')
        reader.readSequence(pdu.type)
        expect(reader.readInt()).toBe(id)
        const isBulk = pdu.type === pduTags.getBulk
        expect(reader.readInt()).toBe(isBulk ? pdu.nonRepeaters : 0)
        expect(reader.readInt()).toBe(isBulk ? pdu.maxRepetitions : 0)
        reader.readSequence()
        for (const name of names) {
          reader.readSequence()
          expect(reader.readOID()).toBe(name)
          expect(reader.peek()).toBe(tags.null)
          reader.readString(tags.null)
        }
      }),
    )
  })

  it('has these bytes', () => {
    const asked: RequestPdu = { type: pduTags.get, names: [oidRange('1.3.6.1.2.1.1.3.0')] }
    expect(communityTemplate(writer, prelude, asked, 0x0102_0304).bytes.toString('hex')).toBe(
      '30290201010406736563726574a01c020401020304020100020100300e300c06082b060102010103000500',
    )
  })
})

const response = (values: readonly Buffer[], id = 0x0102_0304, pdu: number = pduTags.response) =>
  ber(
    0x30,
    unsigned(2, 1),
    text('secret'),
    ber(pdu, unsigned(2, id), unsigned(2, 0), unsigned(2, 0), ber(0x30, ...values)),
  )

const v3 = (flags: number, pdu: number | 'encrypted', model = 3) =>
  ber(
    0x30,
    unsigned(2, 3),
    ber(0x30, unsigned(2, 99), unsigned(2, 65_507), ber(4, [flags]), unsigned(2, model)),
    text('security parameters'),
    pdu === 'encrypted'
      ? ber(4, Buffer.alloc(16, 7))
      : ber(
          0x30,
          text('engine'),
          text(''),
          ber(pdu, unsigned(2, 7), unsigned(2, 0), unsigned(2, 0), ber(0x30)),
        ),
  )

describe('an answer', () => {
  it('is read, with every kind of value', () => {
    const values = [
      ['1.3.6.1.2.1.2.2.1.10.1', unsigned(tags.counter32, 4_294_967_295)],
      ['1.3.6.1.2.1.31.1.1.1.6.300', unsigned(tags.counter64, 2n ** 64n - 1n)],
      ['1.3.6.1.2.1.1.5.0', text('x'.repeat(300))],
      ['1.3.6.1.2.1.1.2.0', oid('1.3.6.1.4.1.9')],
      ['1.3.6.1.2.1.1.99.0', ber(tags.noSuchInstance)],
    ] as const
    const bytes = response(values.map(([name, value]) => ber(0x30, oid(name), value)))
    const reader = new MessageReader()
    expect(reader.read(bytes)).toBe(true)
    expect(reader).toMatchObject({ version: 1, id: 0x0102_0304, pdu: pduTags.response, count: 5 })
    const told = varbindsOf(reader.bytes, reader.start, reader.end)
    expect(told.map((one) => one.oid)).toEqual(values.map(([name]) => name))
    expect(numberOf(told[0])).toBe(4_294_967_295)
    expect(counterOf(told[1])).toBe(2n ** 64n - 1n)
    expect(told[2]?.value).toHaveLength(300)
    expect(told[4]?.tag).toBe(tags.noSuchInstance)
  })

  it('of the net-snmp package is read to the last value', () => {
    const values = fc.array(
      fc.tuple(
        oids.filter((one) => !one.startsWith('2.')),
        fc.uint8Array({ maxLength: 200 }),
      ),
    )
    fc.assert(
      fc.property(values, ids, (all, id) => {
        const out = new oracle.Writer()
        out.startSequence()
        out.writeInt(1)
        out.writeString('secret')
        out.startSequence(pduTags.response)
        for (const number of [id, 0, 0]) out.writeInt(number)
        out.startSequence()
        for (const [name, value] of all) {
          out.startSequence()
          out.writeOID(name)
          out.writeBuffer(Buffer.from(value), tags.octetString)
          out.endSequence()
        }
        for (let i = 0; i < 3; i++) out.endSequence()
        const reader = new MessageReader()
        expect(reader.read(out.buffer)).toBe(true)
        expect(reader.id).toBe(id)
        expect(
          varbindsOf(reader.bytes, reader.start, reader.end).map((one) => [one.oid, [...one.value]]),
        ).toEqual(all.map(([name, value]) => [name, [...value]]))
      }),
    )
  })

  it('is refused whole when any part of it is cut off', () => {
    const bytes = response([ber(0x30, oid('1.3.6.1.2.1.1.3.0'), unsigned(tags.timeTicks, 5))])
    const reader = new MessageReader()
    for (let length = 0; length < bytes.length; length++)
      expect(reader.read(bytes.subarray(0, length))).toBe(false)
  })

  it.for([
    ['nothing', Buffer.alloc(0)],
    ['something else', Buffer.from('GET / HTTP/1.1')],
    ['an indefinite length', Buffer.from([0x30, 0x80, 2, 1, 1, 0, 0])],
    ['a length beyond everything', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])],
    ['a version that does not exist', ber(0x30, unsigned(2, 7), text('x'), ber(0xa2))],
    ['a binding without a value', response([ber(0x30, oid('1.3.6.1'))])],
    ['a binding with two values', response([ber(0x30, oid('1.3.6.1'), ber(5), ber(5))])],
    ['a name of no bytes', response([ber(0x30, ber(6), ber(5))])],
    ['a name that is cut off', response([ber(0x30, ber(6, [0x2b, 0x86]), ber(5))])],
    [
      'an id of nine bytes',
      ber(0x30, unsigned(2, 1), text('x'), ber(0xa2, ber(2, Array<number>(9).fill(1)))),
    ],
    ['v3 with another security model', v3(0, pduTags.report, 4)],
    ['v3 that says it is encrypted, and is not', v3(3, pduTags.response)],
    ['v3 that says it is not encrypted, and is', v3(1, 'encrypted')],
  ] as const)('is not %s', ([, bytes]) => {
    expect(new MessageReader().read(bytes)).toBe(false)
  })

  it('of v3 is read up to what its security must open', () => {
    const reader = new MessageReader()
    expect(reader.read(v3(3, 'encrypted'))).toBe(true)
    expect(reader).toMatchObject({ version: 3, id: 99, flags: 3 })
    expect(reader.dataEnd - reader.dataStart).toBe(16)
    expect(reader.read(v3(1, pduTags.report))).toBe(true)
    expect(reader.readScopedPdu(reader.bytes, reader.dataStart, reader.dataEnd)).toBe(true)
    expect(reader).toMatchObject({ pdu: pduTags.report, requestId: 7 })
  })

  it('never makes the reader throw, whatever was done to it', () => {
    const honest = [
      response([
        ber(0x30, oid('1.3.6.1.2.1.2.2.1.10.1'), unsigned(tags.counter32, 5)),
        ber(0x30, oid('1.3.6.1.2.1.31.1.1.1.6.300'), unsigned(tags.counter64, 2n ** 63n)),
      ]),
      v3(3, 'encrypted'),
      v3(1, pduTags.response),
    ]
    const change = fc.record({ at: fc.nat(200), to: fc.nat(255) })
    fc.assert(
      fc.property(
        fc.constantFrom(...honest),
        fc.array(change, { maxLength: 6 }),
        fc.nat(220),
        (whole, all, end) => {
          const bytes = Buffer.from(whole.subarray(0, Math.max(1, end)))
          for (const { at, to } of all) bytes[at % bytes.length] = to
          const reader = new MessageReader()
          if (!reader.read(bytes)) return
          if (reader.version === 3) reader.readScopedPdu(bytes, reader.dataStart, reader.dataEnd)
          else expect(varbindsOf(bytes, reader.start, reader.end)).toHaveLength(reader.count)
        },
      ),
      { numRuns: 5_000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void new MessageReader().read(bytes)),
      { numRuns: 2_000 },
    )
  })
})
