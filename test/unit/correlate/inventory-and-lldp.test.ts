import { describe, expect, it } from 'vitest'
import { correlate } from '../../../src/correlate/correlate.ts'
import { type LinkEnd, linkBetween } from '../../../src/model/link.ts'
import { bench, network, service } from './network-bench.ts'

const end = (text: string): LinkEnd => {
  const [element = '', port] = text.split(':')
  return { element, ...(port === undefined ? {} : { interface: port }) }
}
const lldp = (one: string, other: string) => linkBetween(end(one), end(other), 'lldp')
const uplink = (one: string, other: string) => linkBetween(end(one), end(other), 'uplink')

describe('links of LLDP', () => {
  it('beside those that are declared are ways like any', () => {
    const net = network('nms-core1 core1-a core1-b', {
      further: [lldp('a:x1', 'b:x1')],
      services: [service('s', 'b', 'b')],
    })
    expect(bench(net).down('core1[to-b] b[to-core1]').findings()).toMatchObject([
      { kind: 'redundancy', atRisk: 's' },
    ])
    expect(bench(net).dark('a').findings()).toMatchObject([{ roots: ['a'] }])
  })

  it('on a port that is declared to lead elsewhere do not count, and are told where it matters', () => {
    const net = network('nms-core1 core1-a core1-b', {
      further: [lldp('a:to-core1', 'b:x1')],
      services: [service('s', 'b', 'b')],
    })
    const one = bench(net).dark('b')
    expect(one.findings()).toEqual([{ kind: 'outage', roots: ['b or its uplink'], shadowed: '', down: 's' }])
    expect(one.correlate().findings[0]?.explanation).toContain(
      'LLDP shows a[to-core1]--b[x1], and the inventory has a[to-core1]--core1[to-a] on the same port: the inventory counts.',
    )
    const elsewhere = network('nms-core1 core1-a core1-b core1-c', { further: [lldp('a:to-core1', 'b:x1')] })
    expect(bench(elsewhere).dark('c').correlate().findings[0]?.explanation.join()).not.toMatch(/LLDP/)
  })

  it('count all the same where they are all that is known of an element', () => {
    const net = network('nms-core1 core1-a', { further: [lldp('core1:to-a', 'b:x1')], alone: ['b'] })
    expect(bench(net).dark('b').findings()).toMatchObject([{ roots: ['b or its uplink'] }])
    expect(bench(net).dark('b').correlate().findings[0]?.roots).toMatchObject([
      { uplinks: [{ id: 'b[x1]--core1[to-a]' }] },
    ])
  })

  it('that differ from the inventory are told of the link that is lost', () => {
    const net = network('nms-core1 core1-a a-b')
    const text =
      'The declared link from a to b is not shown by LLDP, though both ends tell of their neighbours.'
    const difference = { kind: 'missingLink', a: { element: 'a' }, b: { element: 'b' }, text } as const
    const [here] = correlate({ ...bench(net).dark('b').input(), differences: () => [difference] }).findings
    const [elsewhere] = correlate({
      ...bench(net).silentAgent('core1').input(),
      differences: () => [difference],
    }).findings
    expect(here?.explanation).toContain(text)
    expect(elsewhere?.explanation).not.toContain(text)
  })
})

describe('uplinks', () => {
  it('that form a loop are walked through once, and are no spare', () => {
    const net = network('nms-core1 core1-a', {
      further: [uplink('a', 'b'), uplink('b', 'c'), uplink('c', 'a'), uplink('c', 'b')],
      services: [service('s', 'c', 'c')],
    })
    expect(bench(net).dark('b c').findings()).toMatchObject([
      { kind: 'outage', roots: ['b or its uplink', 'c or its uplink'], down: 's' },
    ])
    expect(bench(net).dark('b').findings()).toMatchObject([{ roots: ['b'], atRisk: 's' }])
  })

  it('that two elements name of each other are one link', () => {
    const net = network('nms-core1', {
      further: [uplink('core1', 'a'), uplink('a', 'core1')],
      services: [service('s', 'a', 'a')],
    })
    expect(bench(net).dark('a').correlate().findings[0]?.roots).toMatchObject([
      { kind: 'elementOrUplink', uplinks: [{ id: 'a--core1' }] },
    ])
  })

  it('of an element to itself lead nowhere', () => {
    const net = network('nms-core1 core1-a', { further: [uplink('a', 'a')] })
    expect(bench(net).dark('a').findings()).toMatchObject([{ roots: ['a or its uplink'] }])
  })

  it('that do not show a declared link make it no evidence: it may be there on paper alone', () => {
    const net = network('nms-core1 core1-a core1-b a-b a-c', { services: [service('s', 'c', 'c')] })
    const difference = {
      kind: 'missingLink',
      a: { element: 'a', interface: 'to-b' },
      b: { element: 'b', interface: 'to-a' },
      text: 'The declared link from a to b is not shown by LLDP.',
    } as const
    const found = (one: ReturnType<typeof bench>, differences: readonly (typeof difference)[]) =>
      correlate({ ...one.input(), differences: () => differences }).findings
    expect(found(bench(net).dark('b'), [])[0]?.roots).toEqual([{ kind: 'element', element: 'b' }])
    const [doubted] = found(bench(net).dark('b'), [difference])
    expect(doubted?.roots).toMatchObject([
      { kind: 'elementOrUplink', element: 'b', uplinks: [{ id: 'b[to-core1]--core1[to-b]' }] },
    ])
    expect(doubted?.explanation).toEqual([
      'b has not answered since 2026-03-01T08:09:00Z; its neighbour core1 answers.',
      'Whether b itself or its connection to core1 failed cannot be told from here.',
      difference.text,
    ])
    // And yet it is a way: what is declared counts.
    const [both] = found(bench(net).dark('a b c'), [difference])
    expect(both?.roots).toMatchObject([{ element: 'a' }, { element: 'b' }])
  })
})
