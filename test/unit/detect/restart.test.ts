import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alarmKey } from '../../../src/model/alarm.ts'
import { detectorBench, element, port } from './detector-bench.ts'

const a = element('a', { icmp: true, snmp: true })

function standing() {
  const bench = detectorBench([a])
  for (const second of [0, 10, 20]) bench.burst(second, 'a', 0.1, 150)
  bench.agent(25, 'a', [port('a', 'x', 'down')])
  return bench.detector.active()
}

describe('after a restart', () => {
  it('what stands is not raised again, and is cleared once by good samples', () => {
    const bench = detectorBench([a], { active: standing() })
    bench.tick(100)
    for (const second of [110, 120]) bench.burst(second, 'a', 0.1, 150)
    bench.agent(125, 'a', [port('a', 'x', 'down')])
    expect(bench.news()).toEqual([])
    for (const second of [130, 140, 150, 160]) bench.burst(second, 'a', 0, 10)
    bench.agent(185, 'a', [port('a', 'x', 'up')])
    expect(bench.news()).toEqual([
      'cleared packet-loss a major',
      'cleared high-latency a minor',
      'cleared interface-down a[x] major',
    ])
    expect(bench.detector.active()).toEqual([])
  })

  it('an element that was dark stays so until it is polled', () => {
    const before = detectorBench([a])
    for (const second of [0, 10]) before.poll(second, 'a', 'icmp', 'timeout')
    before.poll(11, 'a', 'snmp', 'timeout')
    const bench = detectorBench([a], { active: before.detector.active() })
    bench.tick(100)
    expect(bench.reach(100, 'a')).toMatchObject({ reach: 'dark', since: 0 })
    bench.poll(105, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual([])
    bench.poll(115, 'a', 'icmp', 'answered')
    expect(bench.news()).toEqual(['cleared unreachable a critical'])
  })

  it('alarms that nothing watches any more are cleared once', () => {
    const bench = detectorBench([element('b', { icmp: true })], { active: standing() })
    bench.tick(100)
    bench.tick(101)
    expect(
      bench
        .news()
        .map((line) => line.split(' ').slice(0, 2).join(' '))
        .sort(),
    ).toEqual(['cleared high-latency', 'cleared interface-down', 'cleared packet-loss'])
  })

  it('at any moment makes no difference to what is raised and cleared, only to what was gathering', () => {
    const outcome = fc.constantFrom(0, 0, 0.1, 0.5, 1)
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 60 }), fc.nat(60), (losses, cut) => {
        let bench = detectorBench([a])
        const open = new Set<string>()
        const follow = () => {
          for (const { kind, alarm } of bench.told.splice(0)) {
            const key = alarmKey(alarm)
            expect(open.has(key)).toBe(kind !== 'raised')
            if (kind === 'raised') open.add(key)
            if (kind === 'cleared') open.delete(key)
          }
        }
        for (const [index, loss] of losses.entries()) {
          if (index === cut) bench = detectorBench([a], { active: bench.detector.active() })
          bench.burst(index * 10, 'a', loss)
          if (loss === 1) bench.poll(index * 10 + 1, 'a', 'snmp', 'timeout')
          follow()
        }
        expect(new Set(bench.detector.active().map(alarmKey))).toEqual(open)
      }),
      { numRuns: 200 },
    )
  })
})
