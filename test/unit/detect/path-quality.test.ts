import { describe, expect, it } from 'vitest'
import type { Rule, ValueRule } from '../../../src/model/rule.ts'
import { detectorBench, element } from './detector-bench.ts'

const end = element('end', { icmp: true })
const near = element('near', { snmp: true })
const rule: ValueRule = {
  id: 'path',
  type: 'path-quality',
  indicator: { measurement: 'icmp', field: 'r_factor' },
  direction: 'below',
  raise: 70,
  clear: 75,
  bands: [
    { at: 70, severity: 'minor' },
    { at: 60, severity: 'major' },
  ],
  samples: { bad: 2, of: 3, good: 2 },
  parts: { lossRatio: 0.1, rttMs: 300, jitterMs: 50, loadRatio: 0.95 },
}
const good = { loss_ratio: 0, rtt_avg_ms: 20, jitter_ms: 1 }

function bench(rules: readonly Rule[] = [rule]) {
  const portsTo = () => [
    { element: 'near', interface: 'to-end' },
    { element: 'near', interface: 'unknown' },
  ]
  return detectorBench([end, near], { rules, surroundings: { portsTo } })
}

describe('the grade of a path', () => {
  it('is one alarm for loss, delay and jitter together, though each alone would do', () => {
    const one = bench()
    for (const second of [0, 10, 20])
      one.measured(second, 'end', { loss_ratio: 0.08, rtt_avg_ms: 250, jitter_ms: 45 })
    expect(one.told).toHaveLength(1)
    expect(one.told[0]?.alarm).toMatchObject({
      severity: 'major',
      value: expect.closeTo(59.59, 2),
      limit: 70,
      text: 'The path to end is poor: R 59.6, MOS 3.1; loss 8 %, round trip 250 ms, jitter 45 ms',
    })
  })

  it('is bad when one of its parts is, at the mildest severity, and says which', () => {
    const one = bench()
    for (const second of [0, 10, 20]) one.measured(second, 'end', { ...good, jitter_ms: 55 })
    expect(one.told[0]?.alarm).toMatchObject({
      severity: 'minor',
      text: expect.stringContaining('loss 0 %, round trip 20 ms, jitter 55 ms (too much)'),
    })
    for (const second of [30, 40, 50, 60]) one.measured(second, 'end', { ...good, jitter_ms: 45 })
    expect(one.news()).toEqual(['raised path-quality end minor'])
    for (const second of [70, 80]) one.measured(second, 'end', { ...good, jitter_ms: 30 })
    expect(one.news()).toEqual(['cleared path-quality end minor'])
  })

  it('knows the fullest port on the way, while it was measured of late', () => {
    const one = bench()
    const full = (second: number) =>
      one.agent(second, 'near', [], [one.traffic(second, 'near', 'to-end', 97, 10)])
    full(0)
    for (const second of [1, 11]) one.measured(second, 'end', good)
    expect(one.told[0]?.alarm.text).toContain('fullest port 97 % (too much)')
    expect(one.news()).toEqual(['raised path-quality end minor'])
    // 200 seconds are more than three polls.
    for (const second of [201, 211]) one.measured(second, 'end', good)
    expect(one.news()).toEqual(['cleared path-quality end minor'])
  })

  it('says nothing of a burst that was lost whole', () => {
    const one = bench()
    for (let second = 0; second < 100; second += 10) one.burst(second, 'end', 1)
    expect(one.news()).toEqual([])
  })

  it('may be by MOS', () => {
    const mos: ValueRule = {
      ...rule,
      indicator: { measurement: 'icmp', field: 'mos' },
      raise: 3.6,
      clear: 3.8,
      bands: [{ at: 3.6, severity: 'minor' }],
    }
    const one = bench([mos])
    for (const second of [0, 10]) one.measured(second, 'end', { loss_ratio: 0.2, rtt_avg_ms: 20 })
    expect(one.told[0]?.alarm).toMatchObject({ value: expect.closeTo(2.6, 1), limit: 3.6 })
  })
})
