import { describe, expect, it } from 'vitest'
import type { RuleScope, StateRule, ValueRule } from '../../../src/model/rule.ts'
import type { Service } from '../../../src/model/service.ts'
import { detectorBench, element, port } from './detector-bench.ts'

const samples = { bad: 1, of: 1, good: 1 }
const full = (id: string, scope?: RuleScope): ValueRule => ({
  id,
  type: 'high-utilisation',
  indicator: 'utilisation',
  raise: 0.5,
  clear: 0.5,
  bands: [{ at: 0.5, severity: id === 'special' ? 'critical' : 'minor' }],
  samples,
  ...(scope === undefined ? {} : { scope }),
})
const huawei = '1.3.6.1.4.1.2011.2.23.276'

describe('a rule for a vendor', () => {
  const rules = [full('special', { vendors: ['huawei'] }), full('general')]

  it('holds once the agent told whose it is', () => {
    const bench = detectorBench([element('a', { snmp: true })], { rules })
    bench.agent(0, 'a', [], [bench.traffic(0, 'a', 'x', 90, 0)], '1.3.6.1.4.1.9.1.516')
    bench.agent(60, 'a', [], [bench.traffic(60, 'a', 'y', 90, 0)], huawei)
    expect(bench.news()).toEqual([
      'raised high-utilisation a[x] minor',
      'raised high-utilisation a[y] critical',
    ])
  })

  it('holds for what the operator says that it is', () => {
    const bench = detectorBench([element('a', { snmp: true }, { vendor: 'huawei' })], { rules })
    bench.agent(0, 'a', [], [bench.traffic(0, 'a', 'x', 90, 0)], '1.3.6.1.4.1.9.1.516')
    expect(bench.news()).toEqual(['raised high-utilisation a[x] critical'])
  })

  it('keeps its alarm over a restart, though nobody knows the vendor then', () => {
    const only = [full('special', { vendors: ['huawei'] })]
    const before = detectorBench([element('a', { snmp: true })], { rules: only })
    before.agent(0, 'a', [], [before.traffic(0, 'a', 'x', 90, 0)], huawei)
    const bench = detectorBench([element('a', { snmp: true })], {
      rules: only,
      active: before.detector.active(),
    })
    bench.tick(10)
    bench.agent(60, 'a', [], [bench.traffic(60, 'a', 'x', 90, 0)], huawei)
    expect(bench.news()).toEqual([])
    bench.agent(120, 'a', [], [bench.traffic(120, 'a', 'x', 10, 0)], huawei)
    expect(bench.news()).toEqual(['cleared high-utilisation a[x] critical'])
  })
})

describe('a rule for a class of services', () => {
  const service = (id: string, kind: string, endpoint: string): Service => ({
    id,
    customer: 'c',
    element: 'acc',
    interface: `to-${endpoint}`,
    endpoint,
    class: kind,
    area: 'urban',
  })
  const services = [service('s1', 'leased-line', 'end1'), service('s2', 'broadband', 'end2')]

  it('holds for the ports that carry one, and for its ends', () => {
    const elements = ['acc', 'end1', 'end2'].map((id) => element(id, { icmp: true, snmp: true }))
    const silent: StateRule = {
      id: 'dark',
      type: 'unreachable',
      indicator: 'reachability',
      severity: 'critical',
      scope: { services: ['leased-line'] },
      samples,
    }
    const rules = [full('special', { services: ['leased-line'] }), silent]
    const bench = detectorBench(elements, { rules, surroundings: { services } })
    const busy = (second: number, id: string, name: string) =>
      bench.agent(second, id, [], [bench.traffic(second, id, name, 90, 0)])
    for (const name of ['to-end1', 'to-end2', 'to-core']) busy(0 + Number(name.length), 'acc', name)
    busy(0, 'end1', 'wan')
    busy(0, 'end2', 'wan')
    expect(bench.news()).toEqual([
      'raised high-utilisation acc[to-end1] critical',
      'raised high-utilisation end1[wan] critical',
    ])
    for (const { id } of elements) {
      bench.poll(70, id, 'icmp', 'timeout')
      bench.poll(71, id, 'snmp', 'timeout')
    }
    expect(bench.news().filter((line) => line.includes('unreachable'))).toEqual([
      'raised unreachable end1 critical',
    ])
  })
})

describe('rules of one type', () => {
  it('add up when one holds at the peak only: the worse counts, and outside of it nothing is raised', () => {
    const peak: ValueRule = {
      ...full('peak'),
      window: 'peak',
      raise: 0.3,
      clear: 0.2,
      bands: [{ at: 0.3, severity: 'major' }],
    }
    const bench = detectorBench([element('a', { snmp: true })], { rules: [peak, full('general')] })
    const at = (hour: number, minute: number) => (hour * 60 + minute) * 60
    const poll = (second: number, bps: number) =>
      bench.agent(second, 'a', [], [bench.traffic(second, 'a', 'x', bps, 0)])
    poll(at(18, 58), 40)
    expect(bench.news()).toEqual([])
    poll(at(19, 0), 40)
    expect(bench.news()).toEqual(['raised high-utilisation a[x] major'])
    // Still bad when the peak is over: it stands, and a good sample clears it at any time.
    poll(at(23, 1), 40)
    poll(at(23, 2), 60)
    expect(bench.news()).toEqual([])
    poll(at(23, 3), 10)
    expect(bench.news()).toEqual(['cleared high-utilisation a[x] major'])
  })
})

describe('a port that was never up', () => {
  const rule: StateRule = {
    id: 'port',
    type: 'interface-down',
    indicator: 'interface-status',
    severity: 'major',
    ignoreUnused: true,
    samples,
  }
  const bench = (used: ReadonlySet<string>) =>
    detectorBench([element('a', { snmp: true })], {
      rules: [rule],
      surroundings: {
        ports: {
          sawUp: (_, name) => used instanceof Set && used.add(name),
          isUsed: (_, name) => used.has(name),
        },
      },
    })

  it('is left out until it was up, or a link names it', () => {
    const one = bench(new Set(['uplink']))
    const poll = (second: number, status: 'up' | 'down') =>
      one.agent(second, 'a', [port('a', 'uplink', 'down'), port('a', 'x', status), port('a', 'y', 'down')])
    poll(0, 'down')
    expect(one.news()).toEqual(['raised interface-down a[uplink] major'])
    poll(60, 'up')
    poll(120, 'down')
    expect(one.news()).toEqual(['raised interface-down a[x] major'])
    poll(180, 'up')
    expect(one.news()).toEqual(['cleared interface-down a[x] major'])
  })

  it('keeps an alarm of before the restart, though it is not known any more that it was up', () => {
    const before = bench(new Set(['x']))
    before.agent(0, 'a', [port('a', 'x', 'down')])
    const after = detectorBench([element('a', { snmp: true })], {
      rules: [rule],
      active: before.detector.active(),
      surroundings: { ports: { sawUp: () => {}, isUsed: () => false } },
    })
    for (const second of [60, 120, 180, 240, 300]) after.agent(second, 'a', [port('a', 'x', 'down')])
    after.tick(301)
    expect(after.news()).toEqual([])
    after.agent(360, 'a', [port('a', 'x', 'up')])
    expect(after.news()).toEqual(['cleared interface-down a[x] major'])
  })
})
