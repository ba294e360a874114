import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FpingTotals,
  parseFpingPacket,
  parseFpingResult,
  parseFpingSendError,
} from '../../../src/collect/icmp/fping-output.ts'
import { parsePing } from '../../../src/collect/icmp/ping-engine.ts'

const resultOf = (line: string) => parseFpingResult(Buffer.from(line))

describe('a result line of fping', () => {
  it.for([
    ['127.0.0.1 : 0.247 0.035 0.039', '127.0.0.1', [0.247, 0.035, 0.039]],
    ['::1       : 0.181 -', '::1', [0.181, null]],
    ['2001:db8::1 : - - -', '2001:db8::1', [null, null, null]],
    ['fe80::1%eth0    : 12.3', 'fe80::1%eth0', [12.3]],
    ['198.18.255.5 : 1234 1.00e+06', '198.18.255.5', [1234, 1_000_000]],
    ['127.0.0.1 : 9.5e-05 0 00.50', '127.0.0.1', [0.000095, 0, 0.5]],
  ] as const)('%s', ([line, address, rttsMs]) => {
    expect(resultOf(line)).toEqual({ address, rttsMs })
  })

  it.for([
    '',
    '       2 targets',
    '198.18.255.5: error while sending ping: Network is unreachable',
    '198.18.255.5 : [0], timed out (NaN avg, 100% loss)',
    'ICMP Host Unreachable from 10.0.0.1 for ICMP Echo sent to 198.18.255.5',
    '198.18.255.5 : duplicate for [0], 64 bytes, 0.02 ms',
    '198.18.255.5 : xmt/rcv/%loss = 2/0/100%',
    '127.0.0.1 : 0.1  0.2',
    '127.0.0.1 : 0.1 ',
    '127.0.0.1 : .5',
    '127.0.0.1 : 5.',
    '127.0.0.1 : 1.2.3',
    '127.0.0.1 : --',
    '127.0.0.1 : -1',
    '127.0.0.1 : Infinity',
    '127.0.0.1 :',
    ' : 0.1',
  ])('is not: %s', (line) => {
    expect(resultOf(line)).toBeUndefined()
  })

  it('is understood as fping writes it', () => {
    const rtt = fc.oneof(
      fc.constant(null),
      fc.nat({ max: 99_999 }).map((us) => us / 1_000),
    )
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6()),
        fc.array(rtt, { minLength: 1, maxLength: 20 }),
        fc.nat({ max: 20 }),
        (address, rttsMs, padding) => {
          const values = rttsMs.map((value) => (value === null ? '-' : value.toFixed(3)))
          const line = `${address}${' '.repeat(padding)} : ${values.join(' ')}`
          expect(resultOf(line)).toEqual({ address, rttsMs })
        },
      ),
    )
  })

  it('is read in place, from between other lines', () => {
    const bytes = Buffer.from('noise\n127.0.0.1 : 0.5 -\nnoise')
    expect(parseFpingResult(bytes, 6, 23)).toEqual({ address: '127.0.0.1', rttsMs: [0.5, null] })
  })

  it('never throws, whatever the line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        resultOf(line)
        parseFpingPacket(line)
        parseFpingSendError(line)
        new FpingTotals().take(line)
      }),
    )
  })
})

describe('the other lines of fping', () => {
  it('tell that a packet was sent, answered or not', () => {
    expect(parseFpingPacket('127.0.0.8 : [0], timed out (NaN avg, 100% loss)')).toBe('127.0.0.8')
    expect(parseFpingPacket('::1       : [1], 64 bytes, 0.024 ms (0.025 avg, 0% loss)')).toBe('::1')
    expect(parseFpingPacket('127.0.0.8 : - -')).toBeUndefined()
  })

  it('tell why one was not', () => {
    expect(parseFpingSendError('2001:db8::1: error while sending ping: Network is unreachable')).toEqual({
      address: '2001:db8::1',
      problem: 'Network is unreachable',
    })
  })

  it('tell by the totals how many could not be sent', () => {
    const totals = new FpingTotals()
    const lines = [
      '       8 targets',
      '       7 timeouts (waiting for response)',
      '      24 ICMP Echos sent',
      '       8 ICMP Echo Replies received',
      '       0 other ICMP received',
    ]
    expect(lines.map((line) => totals.take(line))).toEqual([false, true, true, true, false])
    expect(totals.failedSends()).toBe(9)
    expect(new FpingTotals().failedSends()).toBe(0)
  })
})

describe('the output of ping', () => {
  const settings = { count: 3, timeoutMs: 1_000, spacingMs: 200 }
  const head = 'PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.'

  it('has a place for each packet, by its number', () => {
    const output = [
      head,
      '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.022 ms',
      '64 bytes from 127.0.0.1: icmp_seq=3 ttl=64 time=12 ms',
      '64 bytes from 127.0.0.1: icmp_seq=3 ttl=64 time=13 ms (DUP!)',
      '3 packets transmitted, 2 received, 33% packet loss, time 402ms',
    ].join('\n')
    expect(parsePing(output, settings, 1)).toEqual({ kind: 'sent', rttsMs: [0.022, null, 12] })
  })

  it('counts as lost what came too late', () => {
    const output = `${head}\n64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 time=1001 ms\n1 packets transmitted, 1 received`
    expect(parsePing(output, settings, 0)).toEqual({ kind: 'sent', rttsMs: [null, null, null] })
  })

  it('is lost packets when a router says that the target is away', () => {
    const output = `${head}\nFrom 10.9.0.1 icmp_seq=1 Destination Host Unreachable\n3 packets transmitted, 0 received`
    expect(parsePing(output, settings, 1)).toEqual({ kind: 'sent', rttsMs: [null, null, null] })
  })

  it.for([
    ['ping: connect: Network is unreachable', 'ping: connect: Network is unreachable'],
    ['', 'ping sent nothing'],
  ] as const)('is nothing sent when this host could not: %s', ([output, problem]) => {
    expect(parsePing(output, settings, 1)).toEqual({ kind: 'notSent', problem })
  })
})
