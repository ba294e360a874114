import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrapReader, type TrapRead } from '../../../src/collect/traps/trap-reader.ts'
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

  it('of SNMPv3 does not count as evidence once more when it is old', () => {
    const reader = readerFor()
    const packet = trapV3('aes', user, senderEngine)
    expect(isAuthenticated(reader.read(packet, now))).toBe(true)
    expect(isAuthenticated(reader.read(packet, now + 100_000))).toBe(true)
    expect(reader.read(packet, now + 200_000)).toMatchObject({ outcome: 'read', authenticated: false })
  })
})
