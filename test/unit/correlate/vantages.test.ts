import { describe, expect, it } from 'vitest'
import { bench, network, service } from './network-bench.ts'

/** nms at the left, pop at the right, the way out at core1. */
const line = network('nms-core1 core1-a a-b b-c c-pop', {
  services: ['a', 'b', 'c'].map((id) => service(`s${id}`, id, id)),
})
const ring = network('nms-core1 core1-a a-b b-c c-core1 c-pop', {
  services: [service('sb', 'b', 'b')],
})

describe('several vantages', () => {
  it('that see the same find what one finds', () => {
    const net = network('nms-core1 core1-a a-b core1-pop')
    const one = bench(net).dark('a b')
    const two = bench(net).dark('a b').and(bench(net, 'pop').dark('a b'))
    expect(two.findings()).toEqual(one.findings())
    expect(two.correlate().findings[0]?.alarms).toEqual([
      'pop/unreachable:a',
      'pop/unreachable:b',
      'unreachable:a',
      'unreachable:b',
    ])
  })

  it('of which one has lost an element that answers the other: the way there is lost, not the element', () => {
    const one = bench(line).dark('b c pop').and(bench(line, 'pop').dark('a core1'))
    expect(one.findings()).toMatchObject([
      { kind: 'outage', roots: ['a[to-b]--b[to-a]'], shadowed: 'a b c core1 pop', down: 'sb sc' },
    ])
    const [finding] = one.correlate().findings
    expect(finding?.alarms).toEqual([
      'pop/unreachable:a',
      'pop/unreachable:core1',
      'unreachable:b',
      'unreachable:c',
      'unreachable:pop',
    ])
    expect(finding?.explanation).toContain(
      'b, c and pop do not answer nms since 2026-03-01T08:09:00Z and answer pop: they live, and the way from nms is lost.',
    )
  })

  it('of which one sees an element that the other lost, on a ring, puts nobody at risk of more than that', () => {
    const one = bench(ring).dark('b').and(bench(ring, 'pop'))
    expect(one.findings()).toMatchObject([{ kind: 'redundancy', shadowed: 'b', atRisk: 'sb' }])
    expect(one.findings()).toHaveLength(1)
  })

  it('wait while the other has not asked since', () => {
    const one = bench(line).dark('b c pop', 12).and(bench(line, 'pop').answered('core1 a b c', 20))
    expect(one.correlate()).toMatchObject({ findings: [], undecided: ['b', 'c', 'pop'] })
  })

  it('wait for all that one of them loses with it', () => {
    const young = bench(line).dark('c', 8).missing('b pop', 3).and(bench(line, 'pop'))
    expect(young.correlate()).toMatchObject({ findings: [], undecided: ['b', 'c', 'pop'] })
  })

  it('of which one is blind: it is, and the other sees the network', () => {
    const net = network('nms-core1 core1-a core1-pop', { services: [service('s', 'a', 'a')] })
    const one = bench(net).dark('core1 a pop').and(bench(net, 'pop').dark('a'))
    expect(one.findings()).toMatchObject([
      { kind: 'outage', roots: ['a or its uplink'], down: 's' },
      { kind: 'blind', roots: ['nms or its uplink'], shadowed: 'a core1 pop' },
    ])
  })

  it('that are all blind say nothing about the network', () => {
    const net = network('nms-core1 core1-a core1-pop')
    const one = bench(net).dark('core1 a pop').and(bench(net, 'pop').dark('core1 a nms'))
    expect(one.findings().map(({ kind }) => kind)).toEqual(['blind', 'blind'])
  })

  it('explain by a dead element what it hides from one of them alone', () => {
    const net = network('nms-core1 core1-d d-b b-pop', { services: [service('sb', 'b', 'b')] })
    const one = bench(net).dark('d b pop').and(bench(net, 'pop').dark('d core1'))
    expect(one.findings()).toEqual([{ kind: 'outage', roots: ['d'], shadowed: 'b core1 pop', down: 'sb' }])
    expect(one.correlate().findings[0]?.explanation).toEqual([
      'd has not answered since 2026-03-01T08:09:00Z; its neighbours b and core1 answer.',
      'b and pop are hidden from nms by that and live: they answer pop.',
      'core1 is hidden from pop by that and lives: it answers nms.',
      'b answers, and no way from there to the gateway (core1) is left.',
    ])
  })

  it('of which one is filtered by an element: it forwards', () => {
    const one = bench(line).dark('b').and(bench(line, 'pop'))
    expect(one.findings()).toEqual([{ kind: 'agent', roots: ['b'], shadowed: '' }])
    expect(one.correlate().findings[0]?.explanation).toEqual([
      'b has not answered nms since 2026-03-01T08:09:00Z; it answers pop, and nms reaches what lies behind it: it forwards.',
    ])
  })

  it('of which one measures a good path: the loss is on the way from the other', () => {
    const one = bench(line)
      .quality('packet-loss', 'b c pop')
      .and(bench(line, 'pop').quality('packet-loss', 'a core1'))
    expect(one.findings()).toMatchObject([{ kind: 'degradation', roots: ['a[to-b]--b[to-a]'] }])
    expect(one.findings()).toHaveLength(1)
    expect(one.correlate().findings[0]?.explanation).toContain(
      'From pop the path to b is good, so it is the way there.',
    )
  })

  it('that measure the same loss find one element', () => {
    const net = network('nms-core1 core1-a a-b core1-pop')
    const one = bench(net).quality('packet-loss', 'a b').and(bench(net, 'pop').quality('packet-loss', 'a b'))
    expect(one.findings()).toMatchObject([{ kind: 'degradation', roots: ['a or its uplink'] }])
    expect(one.correlate().findings[0]?.alarms).toHaveLength(4)
  })
})
