import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trapKind, trapOidOfV1 } from '../../../src/collect/traps/trap-kind.ts'
import { createTrapReader, type TrapRead } from '../../../src/collect/traps/trap-reader.ts'
import { ber, oid, text, unsigned } from '../../support/snmp-responder.ts'
import { informV2c, trapV1, trapV2c, trapV3 } from '../../support/trap-packets.ts'

const user = { name: 'labv3', auth: 'labauthpass', priv: 'labprivpass' }
const senderEngine = '80001f8880aabbccdd01'
const now = Date.UTC(2026, 2, 1)

const readerFor = (priv: 'aes' | 'aes192' | 'aes256' | 'des' = 'aes') =>
  createTrapReader({
    communities: ['lab-public', 'other'],
    users: [
      {
        name: user.name,
        auth: { protocol: 'sha256', password: user.auth },
        priv: { protocol: priv, password: user.priv },
      },
    ],
    engineId: Buffer.from('80000000056661756c746c696e65', 'hex'),
  })

const isAuthenticated = (read: TrapRead) => read.outcome === 'read' && read.authenticated

describe('a trap message', () => {
  it('of the net-snmp package is read, in each version', () => {
    const reader = readerFor()
    expect(reader.read(trapV1('lab-public'), now)).toMatchObject({
      outcome: 'read',
      version: '1',
      pdu: { oid: '1.3.6.1.4.1.9.9.43.2.0.0.1', agentAddress: '192.0.2.7', interfaceIndex: 7 },
    })
    expect(reader.read(trapV2c('other'), now)).toMatchObject({
      outcome: 'read',
      version: '2c',
      authenticated: false,
      pdu: { oid: '1.3.6.1.6.3.1.1.5.3', interfaceName: 'ge-0/0/7' },
    })
    expect(reader.read(trapV3('aes', user, senderEngine), now)).toMatchObject({
      outcome: 'read',
      version: '3',
      authenticated: true,
      pdu: { type: 'trapV2', oid: '1.3.6.1.6.3.1.1.5.3', interfaceIndex: 7 },
    })
  })

  it.for(['aes256b', 'aes256r'])('is read with a key made longer in either way: %s', (way) => {
    const packet = trapV3(way, user, senderEngine)
    expect(isAuthenticated(readerFor('aes256').read(packet, now))).toBe(true)
  })

  it('is answered when it is an inform, with the same id and bindings', () => {
    const packet = informV2c('lab-public')
    const read = readerFor().read(packet, now)
    expect(read).toMatchObject({ outcome: 'read', pdu: { type: 'inform' } })
    // A response is the request with another tag; lengths may be written otherwise.
    expect(read.reply?.includes(Buffer.from('ge-0/0/7'))).toBe(true)
    const id = read.outcome === 'read' ? read.pdu.requestId : 0
    expect(
      read.reply?.includes(Buffer.from([(id >> 24) & 255, (id >> 16) & 255, (id >> 8) & 255, id & 255])),
    ).toBe(true)
    expect(readerFor().read(trapV2c('lab-public'), now).reply).toBeUndefined()
  })

  it('with another community is refused, and so are answers that nobody asked for', () => {
    expect(readerFor().read(trapV2c('lab-publi'), now)).toEqual({ outcome: 'wrong-community' })
    const response = trapV2c('lab-public')
    response[response.indexOf(0xa7)] = 0xa2
    expect(readerFor().read(response, now)).toEqual({ outcome: 'malformed' })
  })

  it('that is any bytes at all is a value, and never an exception', () => {
    const reader = readerFor()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(reader.read(Buffer.from(bytes), now).outcome).toBe('malformed')
      }),
      { numRuns: 3_000 },
    )
  })

  it.for([
    ['v1', () => trapV1('lab-public')],
    ['v2c', () => trapV2c('lab-public')],
    ['v2c inform', () => informV2c('lab-public')],
    ['v3', () => trapV3('aes', user, senderEngine)],
  ] as const)('that was damaged on the way never throws, and is never evidence: %s', ([, make]) => {
    const whole = make()
    const reader = readerFor()
    const damage = fc.oneof(
      fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) }).map(({ at, to }) => {
        const copy = Buffer.from(whole)
        copy[at] = to
        return copy
      }),
      fc.nat(whole.length - 1).map((length) => Buffer.from(whole.subarray(0, length))),
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map((more) => Buffer.concat([whole, more])),
      fc
        .record({ at: fc.nat(whole.length), bytes: fc.uint8Array({ maxLength: 30 }) })
        .map(({ at, bytes }) => Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at)])),
    )
    fc.assert(
      fc.property(damage, (bytes) => {
        const read = reader.read(bytes, now)
        if (!bytes.equals(whole)) expect(isAuthenticated(read)).toBe(false)
      }),
      { numRuns: 3_000 },
    )
  })

  it('of SNMPv3 that is played once more when it is old is refused', () => {
    const reader = readerFor()
    const packet = trapV3('aes', user, senderEngine)
    expect(isAuthenticated(reader.read(packet, now))).toBe(true)
    expect(isAuthenticated(reader.read(packet, now + 100_000))).toBe(true)
    expect(reader.read(packet, now + 200_000)).toEqual({ outcome: 'not-in-time-window' })
  })
})

const linkDown = '1.3.6.1.6.3.1.1.5.3'
type Binding = readonly [name: string, value: Buffer]

/** An SNMPv2c trap of the tests' own making. */
const trapOf = (...bindings: readonly Binding[]): Buffer => {
  const rows = [
    ['1.3.6.1.2.1.1.3.0', unsigned(0x43, 4_000_000_000)] as const,
    ['1.3.6.1.6.3.1.1.4.1.0', oid(linkDown)] as const,
    ...bindings,
  ].map(([name, value]) => ber(0x30, oid(name), value))
  const pdu = ber(0xa7, unsigned(2, 7), unsigned(2, 0), unsigned(2, 0), ber(0x30, ...rows))
  return ber(0x30, unsigned(2, 1), text('lab-public'), pdu)
}
const column = (number: number, row: number) => `1.3.6.1.2.1.2.2.1.${number}.${row}`
const pduOf = (packet: Buffer) => {
  const read = readerFor().read(packet, now)
  if (read.outcome !== 'read') throw new Error(read.outcome)
  return read.pdu
}

describe('what a trap says of an interface', () => {
  it('is its index, its states, and when', () => {
    const packet = trapOf(
      [column(1, 7), unsigned(2, 7)],
      [column(7, 7), unsigned(2, 1)],
      [column(8, 7), unsigned(2, 7)],
    )
    expect(pduOf(packet)).toMatchObject({
      upTimeTicks: 4_000_000_000,
      interfaceIndex: 7,
      adminStatus: 'up',
      operStatus: 'lowerLayerDown',
    })
  })

  it('is the time also where an agent writes it as if it were negative', () => {
    const wrong = ber(0x43, [0xee, 0x6b, 0x28, 0x00])
    expect(pduOf(trapOf(['1.3.6.1.2.1.1.3.0', wrong])).upTimeTicks).toBe(4_000_000_000)
  })

  it.for([
    ['another interface than the index', [column(1, 7), unsigned(2, 7)], [column(7, 8), unsigned(2, 1)]],
    ['two interfaces', [column(7, 7), unsigned(2, 1)], [column(8, 8), unsigned(2, 1)]],
    ['one whose index is another', [column(1, 7), unsigned(2, 8)], [column(7, 7), unsigned(2, 1)]],
  ] as const)('is no state where it speaks of %s', ([, ...bindings]) => {
    const pdu = pduOf(trapOf(...bindings))
    expect(pdu).not.toHaveProperty('adminStatus')
    expect(pdu).not.toHaveProperty('operStatus')
  })

  it('is unknown where no MIB knows it, and nothing where it is no number', () => {
    expect(pduOf(trapOf([column(7, 7), unsigned(2, 99)], [column(8, 7), text('up')]))).toMatchObject({
      adminStatus: 'unknown',
    })
    expect(pduOf(trapOf([column(8, 7), text('up')]))).not.toHaveProperty('operStatus')
  })

  it('is a name without anything that could do harm on a screen or in a log', () => {
    const hostile = `ge\u001b[31m\u202e\r\nINFO all is well\u0000<script>${'x'.repeat(500)}`
    const { interfaceName = '' } = pduOf(trapOf(['1.3.6.1.2.1.31.1.1.1.1.7', text(hostile)]))
    expect(interfaceName).toMatch(/^ge \[31m INFO all is well <script>x+$/)
    expect(interfaceName.length).toBe(255)
  })
})

describe('the kind of a trap', () => {
  it.for([
    ['1.3.6.1.2.1.15.0.1', 'bgpEstablished'],
    ['1.3.6.1.2.1.15.0.2', 'bgpBackward'],
    ['1.3.6.1.2.1.15.7.1', 'bgpEstablished'],
    ['1.3.6.1.2.1.15.7.2', 'bgpBackward'],
    [trapOidOfV1('1.3.6.1.2.1.15', 6, 2), 'bgpBackward'],
    [trapOidOfV1('1.3.6.1.2.1.15.7', 6, 1), 'bgpEstablished'],
    [trapOidOfV1('1.3.6.1.4.1.9', 4, 0), 'authenticationFailure'],
    [trapOidOfV1('1.3.6.1.4.1.9', 6, 3), 'other'],
    ['1.0.8802.1.1.2.0.0.1', 'lldpChange'],
    ['1.3.111.2.802.1.1.13.0.0.1', 'lldpChange'],
    ['constructor', 'other'],
  ] as const)('%s is %s', ([name, kind]) => {
    expect(trapKind(name)).toBe(kind)
  })
})
