import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bitRate, byteSize, duration } from '../../../src/config/quantity.ts'
import { address } from '../../../src/config/setting.ts'

describe('a duration', () => {
  it.for([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
  ] as const)('%s is %i ms', ([text, ms]) => {
    expect(duration('0s', '30d').parse(text)).toBe(ms)
  })

  it.for(['', '5', 's', '5 s', '-5s', '1.5s', '5S', '5s5s', '9999999999s'])('is not %j', (text) => {
    expect(duration('0s', '30d').safeParse(text).success).toBe(false)
  })

  it('stays within its bounds', () => {
    const bounded = duration('1s', '1m')
    fc.assert(
      fc.property(fc.nat(120_000), (ms) => {
        expect(bounded.safeParse(`${ms}ms`).success).toBe(ms >= 1_000 && ms <= 60_000)
      }),
    )
  })
})

describe('a size', () => {
  it.for([
    ['16KiB', 16_384],
    ['512MiB', 536_870_912],
    ['2GiB', 2_147_483_648],
    ['1.5GiB', 1_610_612_736],
    ['1TiB', 1_099_511_627_776],
  ] as const)('%s is %i bytes', ([text, bytes]) => {
    expect(byteSize('1KiB', '2TiB').parse(text)).toBe(bytes)
  })

  it.for(['', '5', '2GB', '2 GiB', '-1GiB', '1e3MiB', '2gib', 'GiB'])('is not %j', (text) => {
    expect(byteSize('1KiB', '2TiB').safeParse(text).success).toBe(false)
  })

  it('stays within its bounds', () => {
    const bounded = byteSize('16MiB', '1GiB')
    expect(['15.9MiB', '16MiB', '1GiB', '1.01GiB'].map((text) => bounded.safeParse(text).success)).toEqual([
      false,
      true,
      true,
      false,
    ])
  })
})

describe('a rate', () => {
  it.for([
    ['64kbps', 64_000],
    ['2Mbps', 2_000_000],
    ['2.5Mbps', 2_500_000],
    ['10Gbps', 10_000_000_000],
    ['1Tbps', 1_000_000_000_000],
  ] as const)('%s is %i bit/s', ([text, bps]) => {
    expect(bitRate.parse(text)).toBe(bps)
  })

  it.for(['', '0Mbps', '10', '10 Mbps', '10mbps', '10MBps', '-1Mbps', '1e3Mbps', '99999Tbps'])(
    'is not %j',
    (text) => {
      expect(bitRate.safeParse(text).success).toBe(false)
    },
  )
})

describe('an address', () => {
  it.for(['192.0.2.1', '127.16.0.1', '2001:db8::1', 'fe80::1', '::1'])('is %s', (text) => {
    expect(address.safeParse(text).success).toBe(true)
  })

  it.for(['core1.example.net', '192.0.2', '0.0.0.0', '224.0.0.1', '255.255.255.255', 'ff02::1', '::', '-h'])(
    'is not %s',
    (text) => {
      expect(address.safeParse(text).success).toBe(false)
    },
  )
})
