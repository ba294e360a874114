import { describe, expect, it } from 'vitest'
import type { Rule } from '../../../src/model/rule.ts'
import { detectorBench, element, port } from './detector-bench.ts'

const a = element('a', { icmp: true })
const full = element('a', { icmp: true, snmp: true })

describe('packet loss', () => {
  it('is an alarm when three of the last five bursts lost packets, since the first of them', () => {
    const bench = detectorBench([a])
    for (const [index, loss] of [0, 0.1, 0, 0.1, 0, 0.1].entries()) bench.burst(index * 10, 'a', loss)
    expect(bench.told[0]?.alarm).toMatchObject({ onsetAt: 10_000, raisedAt: 50_000, value: 0.1, limit: 0.05 })
    expect(bench.news()).toEqual(['raised packet-loss a major'])
  })

  it('is not one when bursts with loss are too rare', () => {
    const bench = detectorBench([a])
    for (let index = 0; index < 40; index++) bench.burst(index * 10, 'a', index % 3 === 0 ? 0.2 : 0)
    expect(bench.news()).toEqual([])
  })

  it('grows and shrinks as the same alarm, by what three of five bursts reached', () => {
    const bench = detectorBench([a])
    const losses = [0.06, 0.06, 0.06, 0.4, 0.4, 0.4, 0.06, 0.06, 0.06]
    for (const [index, loss] of losses.entries()) bench.burst(index * 10, 'a', loss)
    expect(new Set(bench.told.map(({ alarm }) => alarm.id)).size).toBe(1)
    expect(bench.news()).toEqual([
      'raised packet-loss a minor',
      'changed packet-loss a critical',
      'changed packet-loss a minor',
    ])
  })

  it('is over after three good bursts in a row; between the limits is neither', () => {
    const bench = detectorBench([a])
    const losses = [0.1, 0.1, 0.1, 0, 0, 0.03, 0, 0, 0]
    for (const [index, loss] of losses.entries()) bench.burst(index * 10, 'a', loss)
    expect(bench.told.at(-1)?.alarm).toMatchObject({ restoredAt: 60_000, clearedAt: 80_000 })
    expect(bench.news()).toEqual(['raised packet-loss a major', 'cleared packet-loss a major'])
  })

  it('is not raised by bursts that are lost whole: that is for reachability to say', () => {
    const bench = detectorBench([a])
    for (let index = 0; index < 10; index++) bench.burst(index * 10, 'a', 1)
    for (let index = 10; index < 20; index++) bench.burst(index * 10, 'a', 0)
    expect(bench.news()).toEqual(['raised unreachable a critical', 'cleared unreachable a critical'])
  })

  it('counts a burst that was lost whole when the next one comes through', () => {
    const bench = detectorBench([a])
    for (let index = 0; index < 7; index++) bench.burst(index * 10, 'a', index % 2)
    expect(bench.news()).toEqual(['raised packet-loss a critical'])
  })

  it('is judged once when both probes see it, by the worse, and is over when both are good', () => {
    const bench = detectorBench([element('a', { icmp: true, stamp: true })])
    for (const second of [0, 10, 20]) {
      bench.burst(second, 'a', 0.06)
      bench.burst(second + 1, 'a', 0.5, 10, 'stamp')
    }
    for (const second of [30, 40, 50]) bench.burst(second, 'a', 0)
    expect(bench.news()).toEqual(['raised packet-loss a minor', 'changed packet-loss a critical'])
    for (const second of [61, 71, 81]) bench.burst(second, 'a', 0, 10, 'stamp')
    expect(bench.news()).toEqual(['cleared packet-loss a critical'])
  })
})

describe('alarms of a dark element', () => {
  it('become indeterminate and are not raised, and are judged again when it answers', () => {
    const bench = detectorBench([full])
    for (const second of [0, 10, 20]) bench.burst(second, 'a', 0.1, 300)
    bench.agent(25, 'a', [port('a', 'x', 'down')])
    bench.news()
    for (const second of [30, 40]) bench.burst(second, 'a', 1)
    bench.poll(41, 'a', 'snmp', 'timeout')
    expect(bench.news().sort()).toEqual([
      'changed high-latency a major indeterminate',
      'changed interface-down a[x] major indeterminate',
      'changed packet-loss a major indeterminate',
      'raised unreachable a critical',
    ])
    expect(bench.portsDown(41, 'a')).toEqual([])
    bench.burst(50, 'a', 0.1, 300)
    expect(bench.news()).toEqual([
      'cleared unreachable a critical',
      'changed packet-loss a major',
      'changed high-latency a major',
    ])
  })
})

describe('latency', () => {
  it('is held to the first rule of the file whose scope fits', () => {
    const bench = detectorBench([element('c', { icmp: true }, { role: 'core' }), a])
    for (const second of [0, 10, 20]) {
      bench.burst(second, 'c', 0, 60)
      bench.burst(second, 'a', 0, 60)
    }
    expect(bench.news()).toEqual(['raised high-latency c minor'])
  })
})

describe('utilisation', () => {
  it('is that of the busier direction', () => {
    const bench = detectorBench([full])
    for (const second of [0, 60, 120])
      bench.agent(second, 'a', [], [bench.traffic(second, 'a', 'x', 10, second === 120 ? 97n : 85n)])
    bench.agent(180, 'a', [], [bench.traffic(180, 'a', 'x', 97, 10)])
    expect(bench.news()).toEqual([
      'raised high-utilisation a[x] warning',
      'changed high-utilisation a[x] major',
    ])
  })

  it('is not judged where the capacity is not known', () => {
    const bench = detectorBench([full])
    for (const second of [0, 60, 120])
      bench.agent(second, 'a', [], [bench.traffic(second, 'a', 'x', 97, 97, 0)])
    expect(bench.news()).toEqual([])
  })
})

describe('an interface', () => {
  it('is an alarm when it is down although it is meant to be up', () => {
    const bench = detectorBench([full])
    bench.agent(0, 'a', [port('a', 'x', 'down'), port('a', 'y', 'down', 'down'), port('a', 'z', 'up')])
    expect(bench.news()).toEqual(['raised interface-down a[x] major'])
    expect(bench.portsDown(1, 'a')).toEqual(['x'])
    bench.agent(60, 'a', [port('a', 'x', 'up')])
    expect(bench.news()).toEqual(['cleared interface-down a[x] major'])
    expect(bench.portsDown(61, 'a')).toEqual([])
  })

  it('is no alarm any more when it is shut down by hand, and stays one when its card is gone', () => {
    const bench = detectorBench([full])
    bench.agent(0, 'a', [port('a', 'x', 'down'), port('a', 'y', 'down')])
    bench.agent(60, 'a', [port('a', 'x', 'down', 'down'), port('a', 'y', 'notPresent')])
    expect(bench.news()).toEqual([
      'raised interface-down a[x] major',
      'raised interface-down a[y] major',
      'cleared interface-down a[x] major',
    ])
  })

  it('that vanished is cleared when the agent said so three times, and not by a silent agent', () => {
    const bench = detectorBench([full])
    bench.agent(0, 'a', [port('a', 'x', 'down')])
    bench.news()
    bench.poll(60, 'a', 'snmp', 'timeout')
    bench.agent(120, 'a', [])
    bench.agent(180, 'a', [])
    expect(bench.news()).toEqual([])
    bench.agent(240, 'a', [])
    expect(bench.news()).toEqual(['cleared interface-down a[x] major'])
  })

  it('is watched where the glob of the rule fits', () => {
    const rules: readonly Rule[] = [
      {
        id: 'uplinks',
        type: 'interface-down',
        indicator: 'interface-status',
        scope: { interfaces: 'to-*' },
        samples: { bad: 1, of: 1, good: 1 },
        severity: 'major',
      },
    ]
    const bench = detectorBench([full], { rules })
    bench.agent(0, 'a', [port('a', 'to-b', 'down'), port('a', 'into-b', 'down'), port('a', 'to.*', 'up')])
    expect(bench.news()).toEqual(['raised interface-down a[to-b] major'])
  })
})

describe('scope', () => {
  const base = { id: 'r', type: 'unreachable', indicator: 'reachability', severity: 'major' } as const
  const samples = { bad: 1, of: 1, good: 1 }
  const x = element('x', { icmp: true }, { role: 'core', site: 'north', tags: ['vip', 'fibre'] })
  it.for([
    [{}, true],
    [{ roles: ['core', 'access'] }, true],
    [{ roles: ['access'] }, false],
    [{ sites: ['north'], roles: ['core'] }, true],
    [{ sites: ['south'], roles: ['core'] }, false],
    [{ tags: ['gold', 'fibre'] }, true],
    [{ tags: ['gold'] }, false],
    [{ elements: ['x'] }, true],
    [{ elements: ['y'] }, false],
  ] as const)('%j fits: %s', ([scope, fits]) => {
    const bench = detectorBench([x], { rules: [{ ...base, scope, samples }] })
    bench.poll(0, 'x', 'icmp', 'timeout')
    expect(bench.news()).toEqual(fits ? ['raised unreachable x major'] : [])
  })
})
