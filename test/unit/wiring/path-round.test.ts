import { describe, expect, it } from 'vitest'
import type { SnmpAccess } from '../../../src/model/target.ts'
import { pathRoundOf, wholeRoundOf } from '../../../src/wiring/path-round.ts'

const poll = {
  icmp: { interval: 10_000, count: 5, timeout: 1_000 },
  stamp: { interval: 20_000, count: 5, timeout: 1_000, port: 862 },
  snmp: { interval: 60_000, timeout: 2_000, retries: 1 },
}
const snmp: SnmpAccess = { version: '2c', community: 'lab', port: 161, acceptFrom: [] }
const stamp = { port: 862, stateful: true }

describe('a round of path probes', () => {
  it.for([
    ['one ICMP interval without targets', [], 10_000],
    ['that of ICMP', [{ icmp: true, snmp }], 10_000],
    ['the slower of ICMP and STAMP', [{ icmp: true }, { icmp: true, stamp, snmp }], 20_000],
    ['that of SNMP where an element has nothing else', [{ icmp: true }, { icmp: false, snmp }], 60_000],
  ] as const)('is %s', ([, targets, expected]) => {
    expect(pathRoundOf(poll, targets)).toBe(expected)
  })
})

describe('a round of all probes', () => {
  it.for([
    ['nothing without targets', [], 0],
    ['that of ICMP when nothing else is used', [{ icmp: true }], 10_000],
    ['that of the slowest that some element has', [{ icmp: true }, { icmp: true, stamp, snmp }], 60_000],
  ] as const)('is %s', ([, targets, expected]) => {
    expect(wholeRoundOf(poll, targets)).toBe(expected)
  })
})
