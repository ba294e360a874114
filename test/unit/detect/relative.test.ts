import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ValueRule } from '../../../src/model/rule.ts'
import { detectorBench, element } from './detector-bench.ts'

const elements = ['far', 'other', 'ours'].map((id) => element(id, { icmp: true }))
const rule: ValueRule = {
  id: 'slower-than-ours',
  type: 'high-latency',
  indicator: { measurement: 'icmp', field: 'rtt_avg_ms' },
  relativeTo: { element: 'ours', by: 'ratio', floor: 35 },
  raise: 1.25,
  clear: 1.1,
  bands: [{ at: 1.25, severity: 'minor' }],
  samples: { bad: 2, of: 2, good: 2 },
}

describe('a rule that compares with another path', () => {
  it('takes what was measured in the same cycle, and says what it compared with', () => {
    const bench = detectorBench(elements, { rules: [rule] })
    for (const second of [0, 10]) {
      bench.burst(second, 'ours', 0, 40)
      bench.burst(second + 3, 'far', 0, 60)
    }
    expect(bench.told[0]?.alarm).toMatchObject({ value: 60, limit: 50, onsetAt: 3_000, raisedAt: 13_000 })
    expect(bench.told[0]?.alarm.text).toBe('The round trip to far takes 60 ms: ours has 40 ms')
    for (const second of [20, 30]) {
      bench.burst(second, 'ours', 0, 58)
      bench.burst(second + 3, 'far', 0, 60)
    }
    expect(bench.news()).toEqual(['raised high-latency far minor', 'cleared high-latency far minor'])
  })

  it('is content below the floor, and with the reference itself', () => {
    const bench = detectorBench(elements, { rules: [rule] })
    for (const second of [0, 10, 20]) {
      bench.burst(second, 'ours', 0, 10)
      bench.burst(second + 3, 'far', 0, 34)
    }
    expect(bench.news()).toEqual([])
  })

  it('says nothing while the reference is not measured, be it silent or lost whole', () => {
    const bench = detectorBench(elements, { rules: [rule] })
    for (const second of [0, 10]) {
      bench.burst(second, 'ours', 0, 40)
      bench.burst(second + 3, 'far', 0, 60)
    }
    bench.news()
    for (const second of [20, 30, 40]) {
      bench.burst(second, 'ours', 1)
      bench.burst(second + 3, 'far', 0, 5)
    }
    for (let second = 50; second < 200; second += 10) bench.burst(second, 'far', 0, 5)
    bench.tick(200)
    expect(bench.news()).toEqual(['changed high-latency far minor indeterminate'])
  })

  it('may be of the difference', () => {
    const loss: ValueRule = {
      ...rule,
      type: 'packet-loss',
      indicator: { measurement: 'icmp', field: 'loss_ratio' },
      relativeTo: { element: 'ours', by: 'difference' },
      raise: 0.05,
      clear: 0.02,
      bands: [{ at: 0.05, severity: 'minor' }],
    }
    const bench = detectorBench(elements, { rules: [loss] })
    for (const second of [0, 10]) {
      bench.burst(second, 'ours', 0.1)
      bench.burst(second + 3, 'far', 0.2)
      bench.burst(second + 4, 'other', 0.1)
    }
    expect(bench.news()).toEqual(['raised packet-loss far minor'])
  })

  it('does not depend on the order in which the answers of a cycle come in', () => {
    const rtt = fc.integer({ min: 10, max: 100 })
    const cycle = fc.record({
      far: rtt,
      other: rtt,
      ours: fc.option(rtt),
      order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
    })
    fc.assert(
      fc.property(fc.array(cycle, { maxLength: 30 }), (cycles) => {
        const toldBy = (isShuffled: boolean) => {
          const bench = detectorBench(elements, { rules: [rule] })
          for (const [index, { far, other, ours, order }] of cycles.entries()) {
            // Each has a phase of its own in the cycle; they are delivered in any order.
            const bursts = [
              () => bench.burst(index * 10 + 1, 'far', 0, far),
              () => bench.burst(index * 10 + 4, 'other', 0, other),
              () => bench.burst(index * 10 + 3, 'ours', ours === null ? 1 : 0, ours ?? 0),
            ]
            for (const place of isShuffled ? order : [0, 1, 2]) bursts[place]?.()
          }
          return bench.told
            .map(({ kind, alarm }) =>
              [kind, alarm.type, alarm.resource, alarm.onsetAt, alarm.restoredAt].join(),
            )
            .sort()
        }
        expect(toldBy(true)).toEqual(toldBy(false))
      }),
      { numRuns: 100 },
    )
  })
})
