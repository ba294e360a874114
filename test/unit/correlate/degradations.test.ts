import { describe, expect, it } from 'vitest'
import { ago, bench, lab, network, service } from './network-bench.ts'

describe('a degradation', () => {
  it('is put on the element nearest to us that explains those behind it', () => {
    const one = bench(lab).quality('packet-loss', 'acc1 cpe11 cpe12 cpe13')
    expect(one.findings()).toEqual([
      {
        kind: 'degradation',
        roots: ['acc1 or its uplink'],
        shadowed: 'cpe11 cpe12 cpe13',
        degraded: 's11 s12 s13',
      },
    ])
    expect(one.correlate().findings[0]?.explanation).toEqual([
      'Packet loss is measured at acc1, cpe11, cpe12 and cpe13 since 2026-03-01T08:09:00Z.',
      'acc1 is the first of them on the way; the elements before it are good.',
    ])
  })

  it('is put on the full link that leads to it', () => {
    const one = bench(lab)
      .quality('high-latency', 'acc1 cpe11 cpe12 cpe13')
      .quality('packet-loss', 'acc1')
      .full('agg1[to-acc1]')
    expect(one.findings()).toEqual([
      {
        kind: 'degradation',
        roots: ['acc1[to-agg1]--agg1[to-acc1]'],
        shadowed: 'acc1 cpe11 cpe12 cpe13',
        degraded: 's11 s12 s13',
      },
    ])
    expect(one.correlate().findings[0]?.alarms).toHaveLength(6)
  })

  it('is not put on a full link with a good element between', () => {
    expect(bench(lab).quality('packet-loss', 'cpe11').full('agg1[to-acc1]').findings()).toEqual([
      { kind: 'degradation', roots: ['acc1[to-agg1]--agg1[to-acc1]'], shadowed: '' },
      { kind: 'degradation', roots: ['cpe11 or its uplink'], shadowed: '', degraded: 's11' },
    ])
  })

  it('of everything measured behind a good element is put on that element', () => {
    expect(bench(lab).quality('packet-loss', 'cpe21 cpe22').findings()).toEqual([
      { kind: 'degradation', roots: ['acc2'], shadowed: 'cpe21 cpe22', degraded: 's21 s22' },
    ])
  })

  it('of some lines beside good ones is one finding each', () => {
    expect(bench(lab).quality('packet-loss', 'cpe11 cpe12').findings()).toMatchObject([
      { roots: ['cpe11 or its uplink'], degraded: 's11' },
      { roots: ['cpe12 or its uplink'], degraded: 's12' },
    ])
  })

  it('of another kind than that before it stands for itself', () => {
    expect(
      bench(lab).quality('packet-loss', 'acc1').quality('high-latency', 'cpe11').findings(),
    ).toMatchObject([
      { roots: ['acc1 or its uplink'], degraded: 's11 s12 s13' },
      { roots: ['cpe11 or its uplink'], degraded: 's11' },
    ])
  })

  it('looks through elements that are not polled', () => {
    const net = network('nms-core1 core1-cabinet cabinet-a a-b', { unpolled: ['cabinet'] })
    expect(bench(net).quality('packet-loss', 'a b').full('core1[to-cabinet]').findings()).toMatchObject([
      { roots: ['cabinet[to-core1]--core1[to-cabinet]'], shadowed: 'a b' },
    ])
  })

  it('of an element whose place is not known is its own', () => {
    const net = network('nms-core1', { alone: ['x'], services: [service('s', 'x', 'x')] })
    expect(bench(net).quality('packet-loss', 'x').findings()).toEqual([
      { kind: 'degradation', roots: ['x'], shadowed: '', degraded: 's' },
    ])
  })

  it('of a dark element belongs to its outage', () => {
    const one = bench(lab).quality('packet-loss', 'cpe11').dark('cpe11')
    expect(one.findings()).toMatchObject([{ kind: 'outage', roots: ['cpe11 or its uplink'] }])
    expect(one.correlate().findings[0]?.alarms).toEqual(['packet-loss:cpe11', 'unreachable:cpe11'])
  })

  it('of all that we see is put on the place where we measure', () => {
    const net = network('nms-core1 nms-core2 core1-core2')
    expect(bench(net).quality('packet-loss', 'core1 core2').findings()).toMatchObject([{ roots: ['nms'] }])
  })
})

describe('loss on the way', () => {
  it('explains the agents that are silent where it is measured and behind it', () => {
    const one = bench(lab)
      .quality('packet-loss', 'acc1 cpe11 cpe12')
      .silentAgent('acc1', 40)
      .silentAgent('cpe11', 40)
      .silentAgent('cpe13', 40)
    expect(one.findings()).toEqual([
      {
        kind: 'degradation',
        roots: ['acc1 or its uplink'],
        shadowed: 'cpe11 cpe12',
        degraded: 's11 s12 s13',
      },
    ])
    const [finding] = one.correlate().findings
    expect(finding?.alarms).toEqual([
      'agent-silent:acc1',
      'agent-silent:cpe11',
      'agent-silent:cpe13',
      'packet-loss:acc1',
      'packet-loss:cpe11',
      'packet-loss:cpe12',
    ])
    expect(finding?.explanation.at(-1)).toBe(
      'The SNMP agents of acc1, cpe11 and cpe13 do not answer, which the loss explains.',
    )
  })

  it('explains them behind a full link too', () => {
    const one = bench(lab).quality('packet-loss', 'acc1').full('agg1[to-acc1]').silentAgent('cpe11')
    expect(one.findings()).toMatchObject([{ roots: ['acc1[to-agg1]--agg1[to-acc1]'] }])
  })

  it('did not begin with an agent that was silent before', () => {
    const one = bench(lab).quality('packet-loss', 'acc1').silentAgent('acc1', 4000)
    expect(one.correlate().findings).toMatchObject([{ kind: 'degradation', onsetAt: ago(60) }])
  })

  it('does not explain silent agents before it or beside it', () => {
    const one = bench(lab).quality('packet-loss', 'acc1').silentAgent('agg1').silentAgent('cpe21')
    expect(one.findings()).toMatchObject([
      { kind: 'degradation', roots: ['acc1 or its uplink'] },
      { kind: 'agent', roots: ['agg1'] },
      { kind: 'agent', roots: ['cpe21'] },
    ])
  })

  it('is more than latency, which silences no agent', () => {
    const one = bench(lab).quality('high-latency', 'acc1').silentAgent('acc1')
    expect(one.findings()).toMatchObject([{ kind: 'degradation' }, { kind: 'agent' }])
  })

  it('around a ring explains no agent that is reached the other way too', () => {
    const net = network('nms-core1 core1-a core1-b a-c b-c')
    expect(bench(net).quality('packet-loss', 'a').silentAgent('c').findings()).toMatchObject([
      { kind: 'degradation', roots: ['a or its uplink'] },
      { kind: 'agent', roots: ['c'] },
    ])
  })
})

describe('a full link', () => {
  it('alone is for the NOC', () => {
    expect(bench(lab).full('agg1[to-acc1]').full('acc1[to-agg1]').findings()).toEqual([
      { kind: 'degradation', roots: ['acc1[to-agg1]--agg1[to-acc1]'], shadowed: '' },
    ])
  })

  it('that is nearly choked degrades the services whose every shortest path crosses it', () => {
    expect(bench(lab).full('core1[to-agg1]', 'major').findings()).toEqual([
      {
        kind: 'degradation',
        roots: ['agg1[to-core1]--core1[to-agg1]'],
        shadowed: '',
        degraded: 's11 s12 s13 s21 s22',
      },
    ])
  })

  it('beside a parallel one that is not full degrades nobody', () => {
    const net = network('nms-core1 core1-a core1-a#2', { services: [service('s', 'a', 'a')] })
    expect(bench(net).full('core1[to-a]', 'major').findings()).toMatchObject([{ kind: 'degradation' }])
    expect(bench(net).full('core1[to-a]', 'major').findings()[0]).not.toHaveProperty('degraded')
  })

  it('towards a customer degrades that line', () => {
    const net = network('nms-core1 core1-a', {
      services: [service('s1', 'a', 'a', 'ge1'), service('s2', 'a', 'a', 'ge2')],
    })
    expect(bench(net).full('a[ge1]', 'major').findings()).toEqual([
      { kind: 'degradation', roots: ['a'], shadowed: '', degraded: 's1' },
    ])
  })
})
