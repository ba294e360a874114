import { describe, expect, it } from 'vitest'
import { ago, bench, lab, network, service } from './network-bench.ts'

const behindAgg1 = 'acc1 acc2 cpe11 cpe12 cpe13 cpe21 cpe22'

describe('dark parts that touch', () => {
  it('are two incidents when one was dark long before the other', () => {
    const one = bench(lab).dark('acc1 cpe11 cpe12 cpe13', 3600).dark('agg1 acc2 cpe21 cpe22', 60)
    expect(one.findings()).toEqual([
      { kind: 'outage', roots: ['acc1 or its uplink'], shadowed: 'cpe11 cpe12 cpe13', down: 's11 s12 s13' },
      { kind: 'outage', roots: ['agg1'], shadowed: 'acc2 cpe21 cpe22', down: 's21 s22', atRisk: 's31' },
    ])
    expect(one.correlate().findings.map(({ onsetAt }) => onsetAt)).toEqual([ago(3600), ago(60)])
    expect(one.correlate().findings[0]?.explanation).toEqual([
      'acc1 has not answered since 2026-03-01T07:10:00Z; agg1 answered until 2026-03-01T08:09:00Z.',
      'Whether acc1 itself or its connection to agg1 failed cannot be told from here.',
      'cpe11, cpe12 and cpe13 are hidden behind acc1.',
    ])
  })

  it('are one when both fell within the time that one cause takes to spread', () => {
    expect(
      bench(lab).dark('acc1 cpe11 cpe12 cpe13', 100).dark('agg1 acc2 cpe21 cpe22', 60).findings(),
    ).toMatchObject([{ roots: ['agg1'], shadowed: behindAgg1 }])
  })

  it('are two when two elements failed for certain at once and nothing hangs on both', () => {
    const net = network('nms-core1 nms-core2 core1-core2 core1-a core2-a core1-b core2-b a-b a-x b-y')
    expect(bench(net).dark('a b x y').findings()).toEqual([
      { kind: 'outage', roots: ['a'], shadowed: 'x' },
      { kind: 'outage', roots: ['b'], shadowed: 'y' },
    ])
  })

  it('are one with two roots when something hangs on both', () => {
    const net = network('nms-core1 nms-core2 core1-core2 core1-a core2-a core1-b core2-b a-b a-x b-x')
    expect(bench(net).dark('a b x').findings()).toEqual([
      { kind: 'outage', roots: ['a', 'b'], shadowed: 'x' },
    ])
  })

  it('are one with two roots when it may have been two links that left both without a way', () => {
    const net = network('nms-core1 core1-a core1-b a-b')
    expect(bench(net).dark('a b').findings()).toEqual([
      { kind: 'outage', roots: ['a or its uplink', 'b or its uplink'], shadowed: '' },
    ])
  })
})

describe('an element with two parents', () => {
  const net = network('nms-core1 core1-p1 core1-p2 p1-x p2-x x-y', {
    services: [service('s', 'x', 'y')],
  })

  it('is down by the second that dies, and the first is another incident', () => {
    const one = bench(net).dark('p1', 3600).dark('p2 x y', 60)
    expect(one.findings()).toEqual([
      { kind: 'outage', roots: ['p1'], shadowed: '' },
      { kind: 'outage', roots: ['p2 or its uplink'], shadowed: 'x y', down: 's' },
    ])
    const [, second] = one.correlate().findings
    expect(second?.onsetAt).toBe(ago(60))
    expect(second?.explanation).toContain(
      'p1 was dark long before, by another fault, so there was no way through it.',
    )
  })

  it('is only at risk while one of them lives', () => {
    expect(bench(net).dark('p1').findings()).toEqual([
      { kind: 'outage', roots: ['p1'], shadowed: '', atRisk: 's' },
    ])
  })
})

describe('an element that filtered echo and went down later with those behind it', () => {
  const one = bench(lab).dark('acc1', 3600).dark('cpe11 cpe12 cpe13', 60)

  it('is the root, since it carried nothing any more', () => {
    expect(one.findings()).toMatchObject([
      { roots: ['acc1 or its uplink'], shadowed: 'cpe11 cpe12 cpe13', down: 's11 s12 s13' },
    ])
    const [finding] = one.correlate().findings
    expect(finding?.onsetAt).toBe(ago(60))
    expect(finding?.explanation[0]).toBe(
      'acc1 has not answered since 2026-03-01T07:10:00Z, but carried what lies behind it until 2026-03-01T08:08:55Z; its neighbour agg1 answers.',
    )
  })
})

describe('elements in a row that fall one after the other', () => {
  const net = network('nms-core1 core1-a a-b b-c c-d')

  it('each stay the incident that they were', () => {
    expect(bench(net).dark('d', 7200).dark('c', 3600).dark('b', 60).findings()).toMatchObject([
      { roots: ['b or its uplink'], shadowed: '' },
      { roots: ['c or its uplink'], shadowed: '' },
      { roots: ['d or its uplink'], shadowed: '' },
    ])
  })

  it('are each found again when the one before it answers', () => {
    expect(bench(net).dark('d', 7200).dark('c', 3600).findings()).toMatchObject([
      { roots: ['c or its uplink'] },
      { roots: ['d or its uplink'] },
    ])
  })

  it('are one when nothing is known of when they fell, as after a restart', () => {
    const one = bench(net).dark('b', 3600).missing('c d', 2)
    one.elements.set('c', { reach: 'missing', since: ago(2), agentSilent: false })
    one.elements.set('d', { reach: 'missing', since: ago(2), agentSilent: false })
    expect(one.correlate()).toMatchObject({
      findings: [{ roots: [{ element: 'b' }] }],
      undecided: ['c', 'd'],
    })
    const later = bench(net).dark('b', 3600).dark('c d', 30)
    expect(later.findings()).toMatchObject([{ roots: ['b or its uplink'], shadowed: 'c d' }])
  })

  it('belong to the latest before them when they have no other way, and why they fell is not known', () => {
    const both = network('nms-core1 core1-p core1-q p-x q-x')
    expect(bench(both).dark('p', 7200).dark('q', 3600).dark('x', 60).findings()).toMatchObject([
      { roots: ['p'], shadowed: '' },
      { roots: ['q or its uplink'], shadowed: 'x' },
    ])
  })
})
