import { describe, expect, it } from 'vitest'
import { bench, network, service } from './network-bench.ts'

/** Lines a, b and c on a splitter, d on another one of the same terminal; nobody polls the splitters. */
const pon = network('nms-core1 core1-olt olt-s1 olt-s2 s1-a s1-b s1-c s2-d core1-other', {
  unpolled: ['s1', 's2'],
  services: ['a', 'b', 'c', 'd'].map((id) => service(`s-${id}`, 'olt', id)),
})

/** Two splitters on a cabinet; nobody polls any of the three. */
const cabinets = network('nms-core1 core1-olt olt-box box-s1 box-s2 s1-a s1-b s2-c s2-d', {
  unpolled: ['box', 's1', 's2'],
})

const explained = (one: ReturnType<typeof bench>) => one.correlate().findings[0]?.explanation.join(' ')

describe('an element that nobody polls', () => {
  it('hides what hangs on it behind the element before it that died', () => {
    expect(bench(pon).dark('olt a b c d').findings()).toEqual([
      { kind: 'outage', roots: ['olt or its uplink'], shadowed: 'a b c d', down: 's-a s-b s-c s-d' },
    ])
  })

  it('is the cause for one box, when a neighbour lost the port towards it at that time', () => {
    const one = network('nms-core1 core1-olt olt-converter converter-a', { unpolled: ['converter'] })
    expect(bench(one).dark('a').findings()).toMatchObject([{ roots: ['a or its uplink'] }])
    const lost = bench(one).dark('a').down('olt[to-converter]')
    expect(lost.findings()).toMatchObject([{ roots: ['converter or its uplink'], shadowed: 'a' }])
    expect(lost.correlate().findings[0]?.alarms).toHaveLength(2)
    expect(explained(lost)).toContain(
      'converter is not polled, and nothing that is reached through it alone has answered since 2026-03-01T08:09:00Z; its neighbour olt answers and reports its port towards it down.',
    )
  })

  it('is what several have in common that fell at once, the nearest', () => {
    expect(bench(cabinets).dark('a b').findings()).toMatchObject([
      { roots: ['s1 or its uplink'], shadowed: 'a b' },
    ])
    expect(bench(cabinets).dark('a b c d').findings()).toMatchObject([
      { roots: ['box or its uplink'], shadowed: 'a b c d' },
    ])
  })

  it('is the one whose port is lost, where that is further away', () => {
    const one = bench(cabinets).dark('a b c d').down('olt[to-box]')
    expect(one.findings()).toMatchObject([{ roots: ['box or its uplink'], shadowed: 'a b c d' }])
    const narrow = network('nms-core1 core1-olt olt-box box-s1 s1-a s1-b', { unpolled: ['box', 's1'] })
    expect(bench(narrow).dark('a b').findings()).toMatchObject([{ roots: ['s1 or its uplink'] }])
    expect(bench(narrow).dark('a b').down('olt[to-box]').findings()).toMatchObject([
      { roots: ['box or its uplink'], shadowed: 'a b' },
    ])
  })

  it('is the element when two neighbours lost it', () => {
    const ring = network('nms-core1 core1-x core1-y x-box y-box box-a', { unpolled: ['box'] })
    expect(bench(ring).dark('a').down('x[to-box] y[to-box]').findings()).toMatchObject([
      { kind: 'outage', roots: ['box'], shadowed: 'a' },
    ])
  })

  it('is not the cause where one of its boxes fell long before the others', () => {
    const one = bench(pon).dark('a', 7200).dark('b c')
    expect(one.findings()).toMatchObject([
      { roots: ['a or its uplink'] },
      { roots: ['s1 or its uplink'], shadowed: 'b c' },
    ])
    const apart = bench(pon).dark('a', 7200).dark('b', 3600).dark('c')
    expect(apart.findings().map(({ roots }) => roots)).toEqual([
      ['a or its uplink'],
      ['b or its uplink'],
      ['c or its uplink'],
    ])
  })

  it('is named only when two of its boxes are dark, however many have missed a poll', () => {
    expect(bench(pon).dark('a', 15).missing('b c').findings()).toEqual([])
    expect(bench(pon).dark('a b', 15).missing('c').findings()).toMatchObject([
      { roots: ['s1 or its uplink'], shadowed: 'a b c' },
    ])
  })

  it('keeps the port that leads to it back until what hangs on it was asked', () => {
    const early = bench(pon).answered('a b c', 4).down('olt[to-s1]', 2)
    expect(early.findings()).toEqual([])
    expect(bench(pon).missing('a', 1).answered('b c', 4).down('olt[to-s1]', 2).findings()).toEqual([])
    const alive = bench(pon).answered('a b c', 1).down('olt[to-s1]', 20)
    expect(alive.findings()).toMatchObject([{ roots: ['olt[to-s1]--s1[to-olt]'] }])
  })

  it('is shown to carry by what answers around it', () => {
    expect(explained(bench(pon).dark('a'))).toContain(
      'a has not answered since 2026-03-01T08:09:00Z; around s1, which is not polled, b, c and olt answer.',
    )
  })
})
