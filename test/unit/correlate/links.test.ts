import { describe, expect, it } from 'vitest'
import type { Reach } from '../../../src/model/network-state.ts'
import { ago, bench, lab, network, service } from './network-bench.ts'

describe('a cut link', () => {
  it('of a ring is one finding for both ends: a lost spare, and services at risk', () => {
    const one = bench(lab).down('core1[to-agg1] agg1[to-core1]')
    expect(one.findings()).toEqual([
      {
        kind: 'redundancy',
        roots: ['agg1[to-core1]--core1[to-agg1]'],
        shadowed: '',
        atRisk: 's11 s12 s13 s21 s22 s31',
      },
    ])
    const [finding] = one.correlate().findings
    expect(finding).toMatchObject({
      severity: 'major',
      alarms: ['interface-down:agg1[to-core1]', 'interface-down:core1[to-agg1]'],
    })
    expect(finding?.explanation).toEqual([
      'agg1[to-core1] and core1[to-agg1] have been down since 2026-03-01T08:09:10Z; agg1 and core1 answer, so the link between them is lost and not an element.',
    ])
  })

  it('of two parallel ones is a lost spare', () => {
    const net = network('nms-core1 core1-a core1-a#2', { services: [service('s', 'a', 'a')] })
    expect(bench(net).down('core1[to-a]').findings()).toEqual([
      { kind: 'redundancy', roots: ['a[to-core1]--core1[to-a]'], shadowed: '', atRisk: 's' },
    ])
  })

  it('of a bundle is a lost spare as long as another carries on, and at risk with the last', () => {
    const net = network('nms-core1 core1-a core1-a#2 core1-a#3 a-b', { services: [service('s', 'b', 'b')] })
    const one = bench(net).down('core1[to-a] a[to-core1]')
    expect(one.findings()).toEqual([
      { kind: 'redundancy', roots: ['a[to-core1]--core1[to-a]'], shadowed: '' },
    ])
    expect(one.correlate().findings[0]?.explanation).toContain(
      '2 of the 3 links between a and core1 carry on.',
    )
    expect(one.down('core1[to-a#2]').findings()).toMatchObject([
      { kind: 'redundancy', roots: ['a[to-core1#2]--core1[to-a#2]'], atRisk: 's' },
      { kind: 'redundancy', roots: ['a[to-core1]--core1[to-a]'], atRisk: 's' },
    ])
    expect(one.down('core1[to-a#3]').dark('a b', 40).findings()).toMatchObject([
      { kind: 'outage', roots: ['a or its uplink'], shadowed: 'b', down: 's' },
    ])
  })

  it('waits until the far end answered or missed: a neighbour cut off now still counts as answering', () => {
    const early = bench(lab).down('agg1[to-acc1]', 3).answered('acc1 cpe11 cpe12 cpe13', 6)
    expect(early.correlate().findings).toEqual([])
    const patient = bench(lab).down('agg1[to-acc1]', 29).answered('acc1 cpe11 cpe12 cpe13', 31)
    expect(patient.correlate().findings).toEqual([])
    const missing = bench(lab).down('agg1[to-acc1]', 3).missing('acc1 cpe11 cpe12 cpe13', 2)
    expect(missing.correlate().findings).toEqual([])
  })

  it('waits after a restart, until something is known of the far end', () => {
    const since = (reach: Reach, seconds: number, downFor: number) => {
      const one = bench(lab).down('core1[to-agg1] agg2[to-agg1]', downFor)
      for (const id of 'agg1 acc1 acc2 cpe11 cpe12 cpe13 cpe21 cpe22'.split(' '))
        one.elements.set(id, { reach, since: ago(seconds), agentSilent: false })
      return one.findings()
    }
    for (const downFor of [3, 300]) {
      expect(since('unknown', 2, downFor)).toEqual([])
      expect(since('missing', 1, downFor)).toEqual([])
    }
    expect(since('unknown', 11, 300)).toHaveLength(2)
    expect(since('dark', 11, 300)).toMatchObject([{ kind: 'outage', roots: ['agg1'] }])
  })

  it('to the end of a line that is not polled takes the service down', () => {
    const net = network('nms-core1 core1-a a-end', {
      unpolled: ['end'],
      services: [service('s', 'a', 'end')],
    })
    expect(bench(net).down('a[to-end]').findings()).toEqual([
      { kind: 'outage', roots: ['a[to-end]--end[to-a]'], shadowed: '', down: 's' },
    ])
  })

  it('that no path is known without, while its far end answers, is believed to the answer', () => {
    // Nobody lost a spare: there was none.
    expect(bench(lab).down('agg1[to-acc1]').findings()).toEqual([
      { kind: 'degradation', roots: ['acc1[to-agg1]--agg1[to-acc1]'], shadowed: '' },
    ])
  })

  it('stays a finding while its far end misses a poll much later', () => {
    expect(bench(lab).down('core1[to-agg2]', 3600).missing('agg2', 3).findings()).toMatchObject([
      { kind: 'redundancy', roots: ['agg2[to-core1]--core1[to-agg2]'] },
    ])
  })

  it('is known from the ports alone before there is an alarm, and is no finding', () => {
    const one = bench(lab)
    one.portsDown.set('core1', new Set(['to-agg1']))
    expect(one.correlate().findings).toEqual([])
  })
})

describe('a port that leads nowhere known', () => {
  const net = network('nms-core1 core1-a', {
    services: [
      service('s1', 'a', 'a', 'ge1'),
      service('s2', 'a', 'a', 'ge2'),
      service('s3', 'a', 'elsewhere', 'ge1'),
    ],
  })
  it('is a finding of its own and takes its own services down', () => {
    expect(bench(net).down('a[ge1]').findings()).toEqual([
      { kind: 'degradation', roots: ['a'], shadowed: '', down: 's1 s3' },
    ])
  })

  it('belongs to a neighbour that died when it went down, if it may lead there', () => {
    const plain = network('nms~core1 core1~a core1~b a~c')
    const one = bench(plain).dark('a c').down('core1[ge1]', 58)
    expect(one.findings()).toEqual([{ kind: 'outage', roots: ['a or its uplink'], shadowed: 'c' }])
    expect(one.correlate().findings[0]?.alarms).toContain('interface-down:core1[ge1]')
    expect(bench(plain).dark('a c').down('core1[ge1]', 3600).findings()).toMatchObject([
      { roots: ['a or its uplink'] },
      { kind: 'degradation', roots: ['core1'] },
    ])
    const named = network('nms-core1 core1-a core1-b a-c')
    expect(bench(named).dark('a c').down('core1[ge1]', 58).findings()).toHaveLength(2)
  })

  it('waits until the neighbours that it may lead to have answered or are decided', () => {
    const plain = network('nms~core1 core1~a core1~b')
    expect(bench(plain).down('core1[ge1]', 3).missing('a', 2).correlate().findings).toEqual([])
    expect(bench(plain).down('core1[ge1]', 3).answered('a', 6).correlate().findings).toEqual([])
    expect(bench(plain).down('core1[ge1]', 3).answered('a b nms', 1).findings()).toMatchObject([
      { kind: 'degradation', roots: ['core1'] },
    ])
    expect(bench(plain).down('core1[ge1]', 31).answered('a', 40).findings()).toMatchObject([
      { kind: 'degradation', roots: ['core1'] },
    ])
  })

  it('is no finding on the word of an old alarm alone: its agent may know by now where it leads', () => {
    const one = bench(net).down('a[ge1]')
    one.portsDown.clear()
    expect(one.findings()).toEqual([])
  })

  it('says nothing of the end of a line that answers although its access element is dark', () => {
    const unwired = network('nms-core1 core1-a core1-b', {
      alone: ['end'],
      services: [service('s', 'a', 'end')],
    })
    expect(bench(unwired).dark('a').findings()).toMatchObject([{ roots: ['a or its uplink'], atRisk: 's' }])
    expect(bench(unwired).dark('a').unknown('end').findings()).toMatchObject([{ down: 's' }])
  })

  it('does not take down a service whose end answers', () => {
    const answering = network('nms-core1 core1-a', {
      alone: ['end'],
      services: [service('s', 'a', 'end', 'ge1')],
    })
    expect(bench(answering).down('a[ge1]').findings()).toEqual([
      { kind: 'degradation', roots: ['a'], shadowed: '' },
    ])
  })
})
