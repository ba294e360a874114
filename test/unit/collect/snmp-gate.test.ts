import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageHeader } from '../../../src/collect/snmp/message-header.ts'
import { canonicalAddress, type Gate, refusalOf } from '../../../src/collect/snmp/source-gate.ts'
import { ber, text, unsigned } from '../../support/snmp-responder.ts'

const response = 0xa2
const report = 0xa8

const community = (name: string, pdu: number, version = 1) =>
  ber(0x30, unsigned(2, version), text(name), ber(pdu, unsigned(2, 7)))

/** A v3 message (RFC 3412 §6) with these flags; its scoped PDU in the clear, or 16 bytes of cipher text. */
const v3 = (flags: number, pdu: number | 'encrypted') =>
  ber(
    0x30,
    unsigned(2, 3),
    ber(0x30, unsigned(2, 99), unsigned(2, 65_507), ber(4, [flags]), unsigned(2, 3)),
    text('security parameters'),
    pdu === 'encrypted'
      ? ber(4, Buffer.alloc(16))
      : ber(0x30, text('engine'), text(''), ber(pdu, unsigned(2, 7))),
  )

const from = { address: '192.0.2.1', port: 161 }
const v2Gate: Gate = { port: 161, addresses: ['192.0.2.1'], version: 1, community: 'secret' }
const v3Gate = (flags: number): Gate => ({ port: 161, addresses: ['192.0.2.1'], version: 3, flags })

describe('the gate before the SNMP library', () => {
  it.for([
    ['passes an answer', v2Gate, community('secret', response), from, undefined],
    [
      'drops one from another address',
      v2Gate,
      community('secret', response),
      { ...from, address: '192.0.2.2' },
      'wrong-source',
    ],
    [
      'drops one from another port',
      v2Gate,
      community('secret', response),
      { ...from, port: 1_161 },
      'wrong-source',
    ],
    ['drops one with another community', v2Gate, community('secrets', response), from, 'wrong-community'],
    ['drops one of another version', v2Gate, community('secret', response, 0), from, 'wrong-version'],
    ['drops what is no answer', v2Gate, community('secret', 0xa0), from, 'malformed'],
    ['drops what is no SNMP', v2Gate, Buffer.from('GET / HTTP/1.1'), from, 'malformed'],
    ['passes an encrypted answer', v3Gate(3), v3(3, 'encrypted'), from, undefined],
    ['passes a signed answer', v3Gate(1), v3(1, response), from, undefined],
    ['passes a report in the clear', v3Gate(3), v3(0, report), from, undefined],
    ['drops an answer that is not signed', v3Gate(1), v3(0, response), from, 'unauthenticated'],
    ['drops an answer that is not encrypted', v3Gate(3), v3(1, response), from, 'unauthenticated'],
    ['drops v2c where v3 is spoken', v3Gate(3), community('secret', response), from, 'wrong-version'],
  ] as const)('%s', ([, gate, bytes, source, refusal]) => {
    expect(refusalOf(gate, bytes, source)).toBe(refusal)
  })

  it('knows an address in any spelling', () => {
    const gate = { ...v2Gate, addresses: ['fe80:0:0:0:0:0:0:1'] }
    expect(
      refusalOf(gate, community('secret', response), { address: 'fe80::1%eth0', port: 161 }),
    ).toBeUndefined()
    expect(canonicalAddress('2001:DB8::0:1')).toBe('2001:db8::1')
  })
})

describe('the header of a message', () => {
  it('is read or not there, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        messageHeader(bytes)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is not there in any message that was cut off', () => {
    const whole = v3(1, response)
    for (let length = 0; length < whole.length; length++)
      expect(messageHeader(whole.subarray(0, length))).toBeUndefined()
  })

  it('is read with lengths of one byte and of several', () => {
    expect(messageHeader(community('c'.repeat(200), response))).toMatchObject({ version: 1, pdu: response })
  })
})
