import { describe, expect, it } from 'vitest'
import { correlate } from '../../../src/correlate/correlate.ts'
import type { LossDirection } from '../../../src/correlate/loss-direction.ts'
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

  it('stays what it is while its elements miss a poll', () => {
    const one = bench(lab).quality('packet-loss', 'acc1 cpe11 cpe12')
    const before = one.findings()
    expect(one.missing('acc1 cpe11 cpe12', 2).findings()).toEqual(before)
    expect(one.missing('agg1', 2).findings()).toEqual(before)
    // The alarm of one of them stands, and the element before it has not been asked since.
    const undecided = bench(lab)
      .quality('packet-loss', 'acc1 cpe11 cpe12')
      .dark('cpe11', 8)
      .answered('acc1', 20)
    expect(undecided.findings()).toMatchObject([{ roots: ['acc1 or its uplink'], shadowed: 'cpe11 cpe12' }])
  })

  it('of all that we see is put on the place where we measure', () => {
    const net = network('nms-core1 nms-core2 core1-core2')
    expect(bench(net).quality('packet-loss', 'core1 core2').findings()).toMatchObject([{ roots: ['nms'] }])
  })
})

describe('a degraded link in the middle of a path', () => {
  const behind = Array.from({ length: 40 }, (_, line) => `l${line}`)
  const net = network(`nms-core1 core1-agg agg-acc ${behind.map((id) => `acc-${id}`).join(' ')}`, {
    services: behind.map((id) => service(`s-${id}`, 'acc', id)),
  })

  it('is found where it is, and not on the 40 elements behind it', () => {
    const [finding, ...others] = bench(net)
      .quality('packet-loss', `acc ${behind.join(' ')}`)
      .correlate().findings
    expect(others).toEqual([])
    expect(finding?.roots).toMatchObject([
      { kind: 'elementOrUplink', element: 'acc', uplinks: [{ id: 'acc[to-agg]--agg[to-acc]' }] },
    ])
    expect(finding?.shadowed).toHaveLength(40)
    expect(finding?.impact).toHaveLength(40)
    expect(finding?.explanation[0]).toBe(
      'Packet loss is measured at 41 elements (acc, l0, l1, l10, l11 and 36 more) since 2026-03-01T08:09:00Z.',
    )
  })

  it('waits for the element before them, whose alarm may come last', () => {
    const early = bench(net).quality('packet-loss', 'l7', 'major', 9)
    expect(early.correlate()).toEqual({ findings: [], undecided: [] })
    expect(early.quality('packet-loss', 'acc', 'major', 2).correlate().findings).toEqual([])
    expect(
      bench(net)
        .quality('packet-loss', 'l7', 'major', 11)
        .quality('packet-loss', 'acc', 'major', 2)
        .findings(),
    ).toMatchObject([{ roots: ['acc or its uplink'], shadowed: 'l7' }])
    expect(bench(net).quality('packet-loss', 'l7', 'major', 11).findings()).toMatchObject([
      { roots: ['l7 or its uplink'] },
    ])
  })

  it('with damaged frames on one of its ports is that link', () => {
    const one = bench(net).quality('packet-loss', 'acc l1 l2').onPort('interface-errors', 'agg[to-acc]')
    expect(one.findings()).toMatchObject([{ roots: ['acc[to-agg]--agg[to-acc]'], shadowed: 'acc l1 l2' }])
    const [finding] = one.correlate().findings
    expect(finding?.roots).toMatchObject([{ kind: 'link', trouble: 'errors' }])
    expect(finding?.explanation).toContain('They are reached through the faulty link.')
  })
})

describe('congestion at the peak', () => {
  it('explains latency and loss behind the full link, whatever each suffers', () => {
    const one = bench(lab)
      .full('core1[to-agg1]', 'major')
      .quality('high-latency', 'agg1 acc1')
      .quality('packet-loss', 'cpe11 cpe12')
      .quality('high-jitter', 'acc2')
      .quality('path-quality', 'cpe21')
    expect(one.findings()).toEqual([
      {
        kind: 'degradation',
        roots: ['agg1[to-core1]--core1[to-agg1]'],
        shadowed: 'acc1 acc2 agg1 cpe11 cpe12 cpe21',
        degraded: 's11 s12 s13 s21 s22',
      },
    ])
    const [finding] = one.correlate().findings
    expect(finding?.roots).toMatchObject([{ kind: 'link', trouble: 'congestion' }])
    expect(finding?.alarms).toHaveLength(7)
    expect(finding?.explanation).toEqual([
      'core1[to-agg1] high-utilisation.',
      'Packet loss, high latency, high jitter and a poor path are measured at acc1, acc2, agg1, cpe11, cpe12 and cpe21 since 2026-03-01T08:09:00Z.',
      'They are reached through the full link.',
    ])
  })

  it('is told by discarded packets too, and where the link is not known on the element', () => {
    const net = network('nms-core1 core1-a')
    expect(bench(net).onPort('congestion', 'a[ge7]').correlate().findings[0]?.roots).toEqual([
      { kind: 'element', element: 'a', trouble: 'congestion' },
    ])
  })

  it('does not explain what suffers beside it', () => {
    expect(bench(lab).full('core1[to-agg1]').quality('packet-loss', 'acc3').findings()).toMatchObject([
      { roots: ['acc3 or its uplink'] },
      { roots: ['agg1[to-core1]--core1[to-agg1]'], shadowed: '' },
    ])
  })
})

describe('one-way loss', () => {
  const input = bench(lab).quality('packet-loss', 'acc1 cpe11').input()
  const told = (direction: LossDirection) =>
    correlate({ ...input, lossDirections: new Map([['acc1', direction]]) }).findings[0]?.explanation.at(-1)

  it('is told with its direction', () => {
    expect(told('forward')).toBe(
      'The loss is one-way: packets are lost on the way to acc1, and what comes back arrives.',
    )
    expect(told('backward')).toBe(
      'The loss is one-way: packets arrive at acc1, and are lost on the way back from it.',
    )
    expect(told('both')).toBe('Packets are lost on the way to acc1 and on the way back.')
  })

  it('is not told where nothing is lost', () => {
    const slow = bench(lab).quality('high-latency', 'acc1').input()
    const [finding] = correlate({ ...slow, lossDirections: new Map([['acc1', 'both']]) }).findings
    expect(finding?.explanation).toHaveLength(2)
  })
})

describe('the condition of an element', () => {
  it('alone is for the NOC, one finding for each element', () => {
    const one = bench(lab)
      .quality('high-cpu', 'acc1')
      .quality('high-temperature', 'acc1')
      .quality('high-memory', 'acc2')
    expect(one.findings()).toEqual([
      { kind: 'degradation', roots: ['acc1'], shadowed: '' },
      { kind: 'degradation', roots: ['acc2'], shadowed: '' },
    ])
    expect(one.correlate().findings[0]?.explanation).toEqual([
      'acc1 high-cpu.',
      'acc1 high-temperature.',
      'Nothing that is measured suffers from it.',
    ])
  })

  it('tells more of the outage of which it is the root', () => {
    const one = bench(lab).quality('high-temperature', 'acc1', 'major', 300).dark('acc1 cpe11 cpe12 cpe13')
    expect(one.findings()).toMatchObject([{ roots: ['acc1 or its uplink'] }])
    expect(one.correlate().findings[0]?.explanation).toContain(
      'acc1 high-temperature, since 2026-03-01T08:05:00Z.',
    )
  })

  it('tells more of the degradation of which it is the root', () => {
    const one = bench(lab).quality('high-latency', 'acc1 cpe11').quality('high-cpu', 'acc1')
    expect(one.correlate().findings).toHaveLength(1)
    expect(one.correlate().findings[0]?.alarms).toContain('high-cpu:acc1')
    expect(one.correlate().findings[0]?.explanation.at(-1)).toBe('acc1 high-cpu.')
  })

  it('of a port is about its link', () => {
    expect(bench(lab).onPort('busy-hour-over-limit', 'agg1[to-acc1]').findings()).toEqual([
      { kind: 'degradation', roots: ['acc1[to-agg1]--agg1[to-acc1]'], shadowed: '' },
    ])
    expect(
      bench(lab).onPort('busy-hour-over-limit', 'agg1[to-acc1]').full('acc1[to-agg1]').correlate().findings,
    ).toMatchObject([{ alarms: ['busy-hour-over-limit:agg1[to-acc1]', 'high-utilisation:acc1[to-agg1]'] }])
  })
})

describe('what is unlike the weeks before', () => {
  it('is no fault where it is merely unusual', () => {
    expect(bench(lab).onPort('unusual-traffic', 'agg1[to-acc1]').findings()).toEqual([])
    expect(bench(lab).quality('unusual-latency', 'acc1').findings()).toEqual([])
  })

  it('tells more of the degradation of which it is the root', () => {
    const one = bench(lab).quality('high-latency', 'acc1 cpe11').quality('unusual-latency', 'acc1')
    expect(one.correlate().findings).toMatchObject([
      { alarms: expect.arrayContaining(['high-latency:acc1', 'unusual-latency:acc1']) },
    ])
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

  it('does not explain an agent that answers and cannot be read', () => {
    const one = bench(lab)
      .silentAgent('acc1')
      .mark({ refusal: 'wrong digest' })
      .quality('packet-loss', 'acc1')
    expect(one.findings()).toMatchObject([{ kind: 'degradation' }, { kind: 'agent', roots: ['acc1'] }])
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

describe('delay behind a full link', () => {
  it('shows first where the way is longest, and is put on the link that is said to degrade all', () => {
    const one = bench(lab).quality('high-latency', 'cpe12').full('agg1[to-acc1]', 'major')
    expect(one.findings()).toEqual([
      {
        kind: 'degradation',
        roots: ['acc1[to-agg1]--agg1[to-acc1]'],
        shadowed: 'cpe12',
        degraded: 's11 s12 s13',
      },
    ])
    expect(one.correlate().findings[0]?.explanation).toContain(
      'acc1 on the way is within its limits: what a full link adds shows first where the way is longest.',
    )
  })

  it('is put on one that is only getting full when everything at the far ends is late', () => {
    const some = bench(lab).quality('high-latency', 'cpe12').full('agg1[to-acc1]')
    expect(some.findings()).toMatchObject([
      { roots: ['acc1[to-agg1]--agg1[to-acc1]'], shadowed: '' },
      { roots: ['cpe12 or its uplink'] },
    ])
    const all = bench(lab).quality('high-latency', 'cpe11 cpe12 cpe13').full('agg1[to-acc1]')
    expect(all.findings()).toMatchObject([
      { roots: ['acc1[to-agg1]--agg1[to-acc1]'], shadowed: 'cpe11 cpe12 cpe13' },
    ])
    expect(bench(lab).quality('high-latency', 'cpe11 cpe12 cpe13').findings()).toMatchObject([
      { roots: ['acc1'] },
    ])
  })

  it('is not put on it when packets are lost too, or where there is another way', () => {
    const lossy = bench(lab).quality('high-latency', 'cpe12').quality('packet-loss', 'cpe12')
    expect(lossy.full('agg1[to-acc1]', 'major').findings()).toMatchObject([
      { roots: ['acc1[to-agg1]--agg1[to-acc1]'], shadowed: '' },
      { roots: ['cpe12 or its uplink'] },
    ])
    const bundle = network('nms-core1 core1-a core1-a#2 a-b b-c')
    expect(bench(bundle).quality('high-latency', 'c').full('core1[to-a]', 'major').findings()).toMatchObject([
      {},
      { roots: ['c or its uplink'] },
    ])
  })

  it('is put on a damaged link only where that leads there at once', () => {
    const one = bench(lab)
      .quality('high-latency', 'cpe12')
      .onPort('interface-errors', 'agg1[to-acc1]', 'major')
    expect(one.findings()).toMatchObject([
      { roots: ['acc1[to-agg1]--agg1[to-acc1]'], shadowed: '' },
      { roots: ['cpe12 or its uplink'] },
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
