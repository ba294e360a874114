import { describe, expect, it } from 'vitest'
import { ago, bench, lab, network, service } from './network-bench.ts'

/** Two sites, each on two ways: north hangs on core1 and core2, south behind it and on core2. */
const town = network(
  `nms-core1 core1-core2 core1-n1 core2-n2 n1-n2 n1-n3 n2-n4
   n4-s1 core2-s2 s1-s2 s2-s3 n3-line1`,
  {
    sites: { hub: 'core1 core2', north: 'n1 n2 n3 n4', south: 's1 s2 s3' },
    services: [service('sn', 'n3', 'line1'), service('ss', 's3', 's3')],
  },
)

describe('a site that loses its power', () => {
  it('is one incident of the site, with what hangs on it', () => {
    const one = bench(town).dark('n1 n2', 60).dark('n3 n4 line1', 52)
    expect(one.findings()).toEqual([
      { kind: 'outage', roots: ['site north'], shadowed: 'line1', down: 'sn', atRisk: 'ss' },
    ])
    const [finding] = one.correlate().findings
    expect(finding).toMatchObject({
      severity: 'critical',
      onsetAt: ago(60),
      roots: [{ kind: 'site', site: 'north', elements: ['n1', 'n2', 'n3', 'n4'] }],
    })
    expect(finding?.explanation).toEqual([
      'All 4 polled elements of site north fell silent within 8 s, the first at 2026-03-01T08:09:00Z: n1, n2, n3 and n4.',
      'They are reached by 3 separate ways in, and core1, core2 and s1 at the other end answer: what they share at the site, such as its power, is the likely cause.',
      'line1 is hidden behind site north.',
    ])
  })

  it('is one incident also where its elements do not touch', () => {
    const net = network('nms-core1 core1-a core1-b core1-c core1-d', { sites: { mill: 'a b c' } })
    expect(bench(net).dark('a b c').findings()).toEqual([
      { kind: 'outage', roots: ['site mill'], shadowed: '' },
    ])
  })

  it('is not blamed for what was dark there before', () => {
    const net = network('nms-core1 core1-a core1-b core1-c core1-d', { sites: { mill: 'a b c d' } })
    expect(bench(net).dark('a', 7200).dark('b c d', 60).findings()).toEqual([
      { kind: 'outage', roots: ['a or its uplink'], shadowed: '' },
      { kind: 'outage', roots: ['site mill'], shadowed: '' },
    ])
  })

  it('with another site at the same time is one incident with two roots where the sites are joined', () => {
    const net = network('nms-core1 core1-a core1-b a-c core1-p core1-q p-r c-x r-x', {
      sites: { mill: 'a b c', yard: 'p q r' },
    })
    expect(bench(net).dark('a b c p q r x').findings()).toEqual([
      { kind: 'outage', roots: ['site mill', 'site yard'], shadowed: 'x' },
    ])
    const apart = network('nms-core1 core1-a core1-b a-c core1-p core1-q p-r', {
      sites: { mill: 'a b c', yard: 'p q r' },
    })
    expect(bench(apart).dark('a b c p q r').findings()).toEqual([
      { kind: 'outage', roots: ['site mill'], shadowed: '' },
      { kind: 'outage', roots: ['site yard'], shadowed: '' },
    ])
  })

  it('beside an element of another place that fell too is two roots where something hangs on both', () => {
    const net = network('nms-core1 core1-a core1-b core1-c core1-q c-x q-x', {
      sites: { mill: 'a b c' },
    })
    expect(bench(net).dark('a b c q x').findings()).toEqual([
      { kind: 'outage', roots: ['site mill', 'q or its uplink'], shadowed: 'x' },
    ])
  })
})

describe('a site is not the cause', () => {
  it.for([
    [
      'where a single way in explains it as well',
      bench(network('nms-core1 core1-a a-b a-c', { sites: { mill: 'a b c' } })).dark('a b c'),
      [{ roots: ['a or its uplink'], shadowed: 'b c' }],
    ],
    [
      'while one of its elements answers',
      bench(network('nms-core1 core1-a core1-b core1-c core1-d', { sites: { mill: 'a b c d' } })).dark(
        'a b c',
      ),
      [{ roots: ['a or its uplink'] }, { roots: ['b or its uplink'] }, { roots: ['c or its uplink'] }],
    ],
    [
      'while of one of its elements nothing is known',
      bench(network('nms-core1 core1-a core1-b core1-c core1-d', { sites: { mill: 'a b c d' } }))
        .dark('a b c')
        .unknown('d'),
      [{ roots: ['a or its uplink'] }, { roots: ['b or its uplink'] }, { roots: ['c or its uplink'] }],
    ],
    [
      'when it has fewer than three elements',
      bench(network('nms-core1 core1-a core1-b', { sites: { mill: 'a b' } })).dark('a b'),
      [{ roots: ['a or its uplink'] }, { roots: ['b or its uplink'] }],
    ],
    [
      'when they fell one after the other over a long time',
      bench(network('nms-core1 core1-a core1-b core1-c core1-d', { sites: { mill: 'a b c' } }))
        .dark('a', 600)
        .dark('b', 300)
        .dark('c', 60),
      [{ roots: ['a or its uplink'] }, { roots: ['b or its uplink'] }, { roots: ['c or its uplink'] }],
    ],
    [
      'when the unpolled element that leads there explains it',
      bench(
        network('nms-core1 core1-splitter splitter-a splitter-b splitter-c', {
          unpolled: ['splitter'],
          sites: { street: 'a b c' },
        }),
      ).dark('a b c'),
      [{ roots: ['splitter or its uplink'], shadowed: 'a b c' }],
    ],
    [
      'when what lies before it explains it',
      bench(network('nms-core1 core1-q q-a q-b q-c core1-d', { sites: { mill: 'a b c' } })).dark('q a b c'),
      [{ roots: ['q or its uplink'], shadowed: 'a b c' }],
    ],
    [
      'where we are ourselves: it has power',
      bench(network('nms-core1 nms-a nms-b nms-c', { sites: { mill: 'nms a b c' } })).dark('a b c'),
      [{ roots: ['a or its uplink'] }, { roots: ['b or its uplink'] }, { roots: ['c or its uplink'] }],
    ],
    [
      'when we are blind',
      bench(network('nms-a nms-b nms-c', { sites: { mill: 'a b c' } })).dark('a b c'),
      [{ kind: 'blind', roots: ['nms or its uplink'] }],
    ],
    [
      'when one of its elements forwards',
      bench(network('nms-core1 core1-a core1-b core1-c c-x', { sites: { mill: 'a b c' } }))
        .dark('a b c')
        .answered('x', 1),
      [{ roots: ['a or its uplink'] }, { roots: ['b or its uplink'] }, { kind: 'agent', roots: ['c'] }],
    ],
  ] as const)('%s', ([, one, expected]) => {
    expect(one.findings()).toMatchObject(expected)
    expect(one.findings()).toHaveLength(expected.length)
  })

  it('for an element without a site, nor in a network that tells none', () => {
    expect(bench(lab).dark('acc1 cpe11 cpe12 cpe13').findings()).toMatchObject([
      { roots: ['acc1 or its uplink'] },
    ])
  })
})
