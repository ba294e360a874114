import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Interface } from '../../../src/model/interface.ts'
import { type InterfaceCounters, tableOf } from '../../../src/model/interface-table.ts'
import { counterDelta as deltaOf, refusalOf, unknownMost } from '../../../src/sample/counter-delta.ts'
import { rateFields, ratesInto } from '../../../src/sample/counter-rate.ts'

const minute = 60_000
const megabit = 1_000_000

const port: Interface = {
  element: 'box',
  name: 'ge1',
  index: 1,
  description: '',
  alias: '',
  adminStatus: 'up',
  operStatus: 'up',
  speedBps: 0,
  seenAt: 0,
}

const halves = (value: bigint) => [Number(value & 0xffff_ffffn), Number(value >> 32n)] as const

/** With counters as whole numbers. */
function counterDelta(previous: bigint, current: bigint, width: 32 | 64, most: bigint | undefined) {
  const delta = deltaOf(
    ...halves(previous),
    ...halves(current),
    width,
    most === undefined ? unknownMost : Number(most),
  )
  return delta < 0 ? { refused: refusalOf(delta) } : { delta: BigInt(delta) }
}

/** With the counters of one interface as an object. */
function ratesBetween(
  before: InterfaceCounters,
  now: InterfaceCounters,
  elapsedMs: number,
  speedBps: number,
) {
  const told = new Float64Array(rateFields.length).fill(Number.NaN)
  const refused: string[] = []
  const tables = [before, now].map((counters) => tableOf([{ port, counters }]))
  const [earlier = tableOf([]), later = tableOf([])] = tables
  ratesInto(told, 0, earlier.words, 0, later.words, 0, elapsedMs, speedBps, (reason) => refused.push(reason))
  const rates: Partial<Record<(typeof rateFields)[number], number>> = {}
  rateFields.forEach((field, at) => {
    if (!Number.isNaN(told[at])) rates[field] = told[at] ?? 0
  })
  return { rates, refused }
}

describe('a counter', () => {
  it.for([
    ['moves up', 5n, 9n, 32, 10n, 4n],
    ['stands still', 5n, 5n, 64, 10n, 0n],
    ['wraps at 32 bits', 2n ** 32n - 1n, 4n, 32, 10n, 5n],
    ['wraps at 64 bits', 2n ** 64n - 1n, 4n, 64, 10n, 5n],
  ] as const)('%s', ([, previous, current, width, most, delta]) => {
    expect(counterDelta(previous, current, width, most)).toEqual({ delta })
  })

  it.for([
    ['that fell further than it can have wrapped was reset', 1_000_000n, 4n, 32, 10n, 'reset'],
    ['that fell was reset when its most is not known', 9n, 4n, 32, undefined, 'reset'],
    ['that moved too far is refused', 5n, 16n, 64, 10n, 'above-speed'],
    ['that may have gone round unseen is refused', 5n, 9n, 32, 2n ** 32n, 'ambiguous-wrap'],
  ] as const)('%s', ([, previous, current, width, most, refused]) => {
    expect(counterDelta(previous, current, width, most)).toEqual({ refused })
  })
})

describe('a 32-bit interface', () => {
  const rates = (before: bigint, now: bigint, elapsedMs: number, speedBps: number) =>
    ratesBetween({ width: 32, inOctets: before }, { width: 32, inOctets: now }, elapsedMs, speedBps)

  it('of 100 Mbit/s can be read once a minute, over its wrap', () => {
    expect(rates(2n ** 32n - 1_000n, 74_000n, minute, 100 * megabit).rates).toEqual({ in_bps: 10_000 })
  })

  it('of 1 Gbit/s cannot, as it wraps in 34 seconds', () => {
    expect(rates(0n, 75_000n, minute, 1_000 * megabit)).toEqual({ rates: {}, refused: ['ambiguous-wrap'] })
    expect(rates(0n, 75_000n, minute / 6, 1_000 * megabit).rates).toEqual({ in_bps: 60_000 })
  })

  it('of unknown speed has a rate as long as it does not fall', () => {
    expect(rates(0n, 75_000n, minute, 0).rates).toEqual({ in_bps: 10_000 })
    expect(rates(2n ** 32n - 1n, 75_000n, minute, 0)).toEqual({ rates: {}, refused: ['reset'] })
  })
})

describe('errors and discards', () => {
  it('are no more than the packets that can have passed, save what did not get out', () => {
    const zero: InterfaceCounters = {
      width: 64,
      inErrors: 0n,
      outErrors: 0n,
      inDiscards: 0n,
      outDiscards: 0n,
    }
    const all = 2n ** 32n - 1n
    const now: InterfaceCounters = {
      width: 64,
      inErrors: all,
      outErrors: all,
      inDiscards: all,
      outDiscards: all,
    }
    const { rates, refused } = ratesBetween(zero, now, minute, 1_000 * megabit)
    expect(Object.keys(rates)).toEqual(['out_discards_per_s'])
    expect(refused).toEqual(['above-speed', 'above-speed', 'above-speed'])
    expect(ratesBetween(zero, { ...zero, inErrors: 6_000n }, minute, megabit).rates).toMatchObject({
      in_errors_per_s: 100,
    })
  })

  it('have no rate when they fell, and take nothing else with them', () => {
    const before: InterfaceCounters = { width: 64, inOctets: 0n, inErrors: 2n ** 32n - 5n }
    const now: InterfaceCounters = { width: 64, inOctets: 75_000n, inErrors: 3n }
    expect(ratesBetween(before, now, minute, 100_000 * megabit)).toEqual({
      rates: { in_bps: 10_000 },
      refused: ['reset'],
    })
  })
})

describe('rates, whatever the counters do', () => {
  const widths = fc.constantFrom(32 as const, 64 as const)
  const speeds = fc.constantFrom(0, 64_000, megabit, 100 * megabit, 1_000 * megabit, 400_000 * megabit)
  const elapsed = fc.integer({ min: 1, max: 900_000 })
  const counter = (width: 32 | 64) => fc.bigInt({ min: 0n, max: 2n ** BigInt(width) - 1n })
  const pairs = widths.chain((width) =>
    fc.record({
      width: fc.constant(width),
      inBefore: counter(width),
      inNow: counter(width),
      outBefore: counter(width),
      outNow: counter(width),
      errorsBefore: counter(32),
      errorsNow: counter(32),
    }),
  )

  it('are never negative, never above 1.1 times the speed, and whole bits', () => {
    fc.assert(
      fc.property(pairs, speeds, elapsed, (pair, speedBps, elapsedMs) => {
        const { rates } = ratesBetween(
          {
            width: pair.width,
            inOctets: pair.inBefore,
            outOctets: pair.outBefore,
            inErrors: pair.errorsBefore,
          },
          { width: pair.width, inOctets: pair.inNow, outOctets: pair.outNow, inErrors: pair.errorsNow },
          elapsedMs,
          speedBps,
        )
        for (const rate of Object.values(rates)) expect(rate).toBeGreaterThanOrEqual(0)
        const most = speedBps > 0 ? speedBps * 1.1 : 11e12
        for (const rate of [rates.in_bps, rates.out_bps]) {
          if (rate === undefined) continue
          expect(Number.isSafeInteger(rate)).toBe(true)
          expect(rate).toBeLessThanOrEqual(Math.ceil(most))
        }
      }),
      {
        examples: [
          [
            {
              width: 32,
              inBefore: 0n,
              inNow: 0n,
              outBefore: 0n,
              outNow: 1_375_000_001n,
              errorsBefore: 0n,
              errorsNow: 0n,
            },
            0,
            1,
          ],
        ],
      },
    )
  })

  it('are what truly passed, or nothing, over wraps of any number', () => {
    fc.assert(
      fc.property(
        widths,
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        speeds.filter((speed) => speed > 0),
        elapsed,
        (width, from, load, speedBps, elapsedMs) => {
          const size = 2n ** BigInt(width)
          const passed = BigInt(Math.floor((speedBps * load * elapsedMs) / 8_000))
          const before = from % size
          const { rates } = ratesBetween(
            { width, inOctets: before },
            { width, inOctets: (before + passed) % size },
            elapsedMs,
            speedBps,
          )
          if (rates.in_bps === undefined) expect(width).toBe(32)
          else expect(Math.abs(rates.in_bps - (Number(passed) * 8_000) / elapsedMs)).toBeLessThanOrEqual(1)
        },
      ),
    )
  })

  it('never show a reset to near zero as traffic', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 2n ** 33n, max: 2n ** 63n }),
        fc.bigInt({ min: 0n, max: 2n ** 32n }),
        speeds,
        elapsed,
        (before, now, speedBps, elapsedMs) => {
          const result = ratesBetween(
            { width: 64, inOctets: before },
            { width: 64, inOctets: now },
            elapsedMs,
            speedBps,
          )
          expect(result).toEqual({ rates: {}, refused: ['reset'] })
        },
      ),
    )
  })
})
