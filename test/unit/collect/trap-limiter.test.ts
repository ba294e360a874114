import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DayLog } from '../../../src/collect/traps/day-log.ts'
import { TrapLimiter, type TrapLimits } from '../../../src/collect/traps/trap-limiter.ts'

const limits: TrapLimits = {
  perSource: { perSecond: 5, burst: 10 },
  total: { perSecond: 20, burst: 40 },
  strangers: { perSecond: 2, burst: 4 },
  mostSources: 8,
}

/** Packets in order of time: `after` ms after the one before, from source n; sources under 4 are elements. */
const traffic = fc.array(fc.record({ after: fc.nat({ max: 40 }), source: fc.nat({ max: 30 }) }), {
  maxLength: 600,
})

describe('the trap limiter', () => {
  it('lets nobody have more than a share, and all together little more than the total', () => {
    fc.assert(
      fc.property(traffic, (packets) => {
        const limiter = new TrapLimiter(limits, 0)
        let now = 0
        const admitted = new Map<number, number>()
        for (const { after, source } of packets) {
          now += after
          if (limiter.admit(`${source}`, source < 4, now))
            admitted.set(source, (admitted.get(source) ?? 0) + 1)
        }
        const share = limits.perSource.burst + (limits.perSource.perSecond * now) / 1_000
        for (const count of admitted.values()) expect(count).toBeLessThanOrEqual(Math.ceil(share))
        const strangers = [...admitted].filter(([source]) => source >= 4).reduce((sum, [, n]) => sum + n, 0)
        expect(strangers).toBeLessThanOrEqual(Math.ceil(4 + (2 * now) / 1_000))
        // Four elements, each let in once for each time that it was quiet for two seconds.
        const quiet = 4 * (1 + now / 2_000)
        const all = [...admitted.values()].reduce((sum, count) => sum + count, 0)
        expect(all).toBeLessThanOrEqual(Math.ceil(40 + (20 * now) / 1_000 + quiet))
      }),
    )
  })

  it('reads the first trap of an element that was quiet, whatever storms', () => {
    fc.assert(
      fc.property(traffic, fc.nat({ max: 5_000 }), (packets, more) => {
        const limiter = new TrapLimiter(limits, 0)
        let now = 0
        for (const { after, source } of packets) {
          now += after
          limiter.admit(`${source + 1}`, source < 4, now)
        }
        for (let n = 0; n < more; n++) limiter.admit(`${n % 5}`, n % 5 > 0, now)
        expect(limiter.admit('quiet', true, now)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('has no more room for strangers than it was given', () => {
    const limiter = new TrapLimiter({ ...limits, strangers: { perSecond: 1e6, burst: 1e6 } }, 0)
    for (let n = 0; n < 10_000; n++) limiter.admit(`192.0.2.${n}`, false, n)
    expect(limiter.watched).toBeLessThanOrEqual(limits.mostSources)
  })

  it('goes on when the clock is set back', () => {
    const limiter = new TrapLimiter(limits, 1_000_000)
    for (let n = 0; n < 10; n++) expect(limiter.admit('a', true, 1_000_000)).toBe(true)
    expect(limiter.admit('a', true, 500_000)).toBe(false)
    expect(limiter.admit('a', true, 501_000)).toBe(true)
  })
})

describe('a log of a day', () => {
  it('counts by key, forgets after a day, and never grows beyond its room', () => {
    const log = new DayLog<string>({ name: (key) => key, owner: () => 'one', most: 3 })
    expect(log.note('a', 0)).toBe(true)
    expect(log.note('a', 1_000)).toBe(false)
    expect(log.entries(1_000)).toEqual([{ key: 'a', count: 2, firstAt: 0, lastAt: 1_000 }])
    const day = 24 * 3_600_000
    log.note('b', day)
    expect(log.entries(day + 1_001).map(({ key }) => key)).toEqual(['b'])
    for (const key of ['c', 'd', 'e', 'b']) log.note(key, day + 2_000)
    expect(log.entries(day + 2_000).map(({ key }) => key)).toEqual(['b', 'e', 'd'])
    expect(log.note('b', 3 * day)).toBe(true)
  })

  it('takes room from who has the most, so that nobody who invents keys hides the others', () => {
    const log = new DayLog<string>({ name: (key) => key, owner: (key) => key[0] ?? '', most: 100 })
    log.note('quiet', 0)
    for (let n = 0; n < 5_000; n++) log.note(`noisy${n}`, 1)
    log.note('rare', 2)
    for (let n = 0; n < 5_000; n++) log.note(`noisy${n}`, 3)
    const keys = log.entries(4).map(({ key }) => key)
    expect(keys).toHaveLength(100)
    expect(keys).toEqual(expect.arrayContaining(['quiet', 'rare', 'noisy4999']))
  })

  it('first loses what is older than a day, whoever has the most', () => {
    const log = new DayLog<string>({ name: (key) => key, owner: (key) => key[0] ?? '', most: 3 })
    const day = 24 * 3_600_000
    log.note('old', 0)
    for (const key of ['n1', 'n2', 'n3']) log.note(key, day + 1)
    expect(log.entries(day + 1).map(({ key }) => key)).toEqual(['n3', 'n2', 'n1'])
  })
})
