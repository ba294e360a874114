import { describe, expect, it } from 'vitest'
import { ago, bench, lab, network, service } from './network-bench.ts'

const behindAgg1 = 'acc1 acc2 cpe11 cpe12 cpe13 cpe21 cpe22'
const text = (findings: readonly { readonly explanation: readonly string[] }[]) =>
  findings.flatMap(({ explanation }) => explanation)

describe('root cause', () => {
  it('is the element when all its answering neighbours report their ports down', () => {
    const one = bench(lab).dark(`agg2 acc3 cpe31`).down('core1[to-agg2] agg1[to-agg2]')
    expect(one.findings()).toEqual([
      {
        kind: 'outage',
        roots: ['agg2'],
        shadowed: 'acc3 cpe31',
        down: 's31',
        atRisk: 's11 s12 s13 s21 s22',
      },
    ])
    const [finding] = one.correlate().findings
    expect(finding?.alarms).toEqual([
      'interface-down:agg1[to-agg2]',
      'interface-down:core1[to-agg2]',
      'unreachable:acc3',
      'unreachable:agg2',
      'unreachable:cpe31',
    ])
    expect(finding).toMatchObject({ severity: 'critical', onsetAt: Date.parse('2026-03-01T08:09:00Z') })
    expect(finding?.explanation).toEqual([
      'agg2 has not answered since 2026-03-01T08:09:00Z; its neighbours agg1 and core1 answer and both report their port towards it down.',
      'acc3 and cpe31 are hidden behind agg2.',
    ])
  })

  it('is the element when two answering neighbours lost it, whatever their ports say', () => {
    const one = bench(lab).dark('agg2 acc3 cpe31')
    expect(one.findings()).toMatchObject([{ roots: ['agg2'] }])
    expect(text(one.correlate().findings)[0]).toBe(
      'agg2 has not answered since 2026-03-01T08:09:00Z; its neighbours agg1 and core1 answer.',
    )
  })

  it.for([
    ['the port is up', ''],
    ['the port is down', 'agg1[to-acc1]'],
  ] as const)('is the element or its uplink for a leaf with one way in: %s', ([, port]) => {
    const one = bench(lab).dark('acc1 cpe11 cpe12 cpe13')
    if (port) one.down(port)
    expect(one.findings()).toEqual([
      {
        kind: 'outage',
        roots: ['acc1 or its uplink'],
        shadowed: 'cpe11 cpe12 cpe13',
        down: 's11 s12 s13',
      },
    ])
    expect(text(one.correlate().findings)).toContain(
      'Whether acc1 itself or its connection to agg1 failed cannot be told from here.',
    )
  })

  it('is each parent when both parents of a dual-homed element are dead', () => {
    const net = network('nms-core1 core1-p1 core1-p2 p1-x p2-x', { services: [service('s', 'x', 'x')] })
    expect(bench(net).dark('p1 p2 x').findings()).toEqual([
      { kind: 'outage', roots: ['p1 or its uplink', 'p2 or its uplink'], shadowed: 'x', down: 's' },
    ])
  })

  it('is at both ends of a ring segment between two cuts', () => {
    const net = network('nms-core1 core1-a a-b b-c c-d d-core1')
    expect(bench(net).dark('b c').down('a[to-b] d[to-c]').findings()).toEqual([
      { kind: 'outage', roots: ['b or its uplink', 'c or its uplink'], shadowed: '' },
    ])
  })

  it('names the link that was down before beside the element that fell now', () => {
    const one = bench(lab).dark(`agg1 agg2 acc3 cpe31 ${behindAgg1}`).down('core1[to-agg2]', 3600)
    expect(one.findings()).toEqual([
      {
        kind: 'outage',
        roots: ['agg1 or its uplink', 'agg2[to-core1]--core1[to-agg2]'],
        shadowed: 'acc1 acc2 acc3 agg2 cpe11 cpe12 cpe13 cpe21 cpe22 cpe31',
        down: 's11 s12 s13 s21 s22 s31',
      },
    ])
    expect(one.correlate().findings[0]?.onsetAt).toBe(Date.parse('2026-03-01T08:09:00Z'))
  })

  it('is not a link whose port went down with the element', () => {
    expect(
      bench(lab).dark(`agg1 agg2 acc3 cpe31 ${behindAgg1}`).down('core1[to-agg1]').findings(),
    ).toMatchObject([{ roots: ['agg1 or its uplink', 'agg2 or its uplink'] }])
  })

  it('is not a link over which it answered after that was down, when no other way is known', () => {
    expect(bench(lab).dark('acc3 cpe31').down('agg2[to-acc3]', 3600).findings()).toMatchObject([
      { roots: ['acc3 or its uplink'], shadowed: 'cpe31', down: 's31' },
    ])
  })

  it('names all parallel links to the only neighbour', () => {
    const net = network('nms-core1 core1-a core1-a#2')
    const [finding] = bench(net).dark('a').correlate().findings
    expect(finding?.roots).toMatchObject([
      {
        kind: 'elementOrUplink',
        uplinks: [{ id: 'a[to-core1#2]--core1[to-a#2]' }, { id: 'a[to-core1]--core1[to-a]' }],
      },
    ])
  })

  it('is the unpolled box that several dark elements share, or its uplink', () => {
    const net = network('nms-core1 core1-olt olt-splitter splitter-a splitter-b splitter-c', {
      unpolled: ['splitter'],
      services: ['a', 'b', 'c'].map((id) => service(`s${id}`, 'olt', id)),
    })
    expect(bench(net).dark('a b c').findings()).toEqual([
      { kind: 'outage', roots: ['splitter or its uplink'], shadowed: 'a b c', down: 'sa sb sc' },
    ])
    expect(bench(net).dark('a').findings()).toMatchObject([{ roots: ['a or its uplink'], down: 'sa' }])
    expect(bench(net).dark('a b').findings()).toMatchObject([
      { roots: ['a or its uplink'] },
      { roots: ['b or its uplink'] },
    ])
  })

  it('is each element by itself where its place in the network is not known', () => {
    const net = network('nms-core1 core1-a x-y', { alone: ['z'], services: [service('sz', 'z', 'z')] })
    const one = bench(net).dark('x y z')
    expect(one.findings()).toMatchObject([
      { roots: ['x or its uplink'], shadowed: '' },
      { roots: ['y or its uplink'], shadowed: '' },
      { roots: ['z or its uplink'], shadowed: '', down: 'sz' },
    ])
    expect(text(one.correlate().findings)[0]).toMatch(/how it is connected to the rest is not known/)
  })

  it('is found through a loop of dark elements', () => {
    const net = network('nms-core1 core1-a a-b b-c c-d d-b')
    expect(bench(net).dark('b c d').findings()).toEqual([
      { kind: 'outage', roots: ['b or its uplink'], shadowed: 'c d' },
    ])
  })

  it('of two faults that do not touch is two findings', () => {
    expect(bench(lab).dark('acc1 cpe11 cpe12 cpe13 acc3 cpe31').findings()).toMatchObject([
      { roots: ['acc1 or its uplink'] },
      { roots: ['acc3 or its uplink'] },
    ])
  })

  it('takes in a parent that is only missing yet', () => {
    expect(bench(lab).dark('cpe11 cpe12 cpe13', 12).missing('acc1', 5).findings()).toMatchObject([
      { roots: ['acc1 or its uplink'], shadowed: 'cpe11 cpe12 cpe13' },
    ])
  })

  it('of what stays dark when its parent answers again is itself, at once', () => {
    expect(bench(lab).dark('acc1 cpe11 cpe12 cpe13', 12).answered('agg1', 0).findings()).toMatchObject([
      { roots: ['acc1 or its uplink'] },
    ])
  })

  it('stays while no poll says anything newer', () => {
    const one = bench(lab).dark('acc1 cpe11 cpe12 cpe13').unknown('acc1 cpe11 cpe12 cpe13')
    expect(one.findings()).toMatchObject([{ roots: ['acc1 or its uplink'], shadowed: 'cpe11 cpe12 cpe13' }])
  })
})

describe('a measured answer outranks the graph', () => {
  it('an element on the only path to an answering one is no outage', () => {
    const one = bench(lab).dark('acc1')
    expect(one.findings()).toEqual([{ kind: 'agent', roots: ['acc1'], shadowed: '' }])
    expect(text(one.correlate().findings)).toEqual([
      'acc1 has not answered since 2026-03-01T08:09:00Z, but elements that are reached through it alone do: it forwards.',
    ])
  })

  it('is no graver than a silent agent, whatever its alarm says', () => {
    expect(bench(lab).dark('acc1').correlate().findings).toMatchObject([{ kind: 'agent', severity: 'minor' }])
  })

  it('nor are those before it, while those beside it are', () => {
    expect(bench(lab).dark(`agg1 ${behindAgg1}`).answered('cpe21', 1).findings()).toMatchObject([
      { kind: 'outage', roots: ['acc1 or its uplink'] },
      { kind: 'agent', roots: ['acc2'] },
      { kind: 'agent', roots: ['agg1'] },
      { kind: 'outage', roots: ['cpe22 or its uplink'] },
    ])
  })

  it('but an answer from before the first miss says nothing', () => {
    expect(bench(lab).dark('acc1').answered('cpe11 cpe12 cpe13', 61).findings()).toMatchObject([
      { kind: 'outage', roots: ['acc1 or its uplink'] },
    ])
  })

  it('a ring has no only path: its dark element is down', () => {
    const net = network('nms-core1 core1-a a-b b-c c-core1')
    expect(bench(net).dark('a').findings()).toEqual([{ kind: 'outage', roots: ['a'], shadowed: '' }])
  })

  it('with a link of the ring known down, the way round forwards', () => {
    const net = network('nms-core1 core1-a a-b b-core1')
    expect(bench(net).dark('a').down('core1[to-b] b[to-core1]').findings()).toMatchObject([
      { kind: 'agent', roots: ['a'] },
      { kind: 'redundancy', roots: ['b[to-core1]--core1[to-b]'] },
    ])
  })
})

describe('the decision', () => {
  it('waits while a parent may not have been asked yet', () => {
    const one = bench(lab).dark('cpe11 cpe12 cpe13', 8).missing('acc1', 3).answered('agg1', 9)
    expect(one.correlate()).toEqual({ findings: [], undecided: ['acc1', 'cpe11', 'cpe12', 'cpe13'] })
  })

  it('has patience with a parent that has said nothing since, but not for ever', () => {
    const since = (seconds: number) =>
      bench(lab)
        .dark('acc1 cpe11 cpe12 cpe13', seconds)
        .answered('agg1', seconds + 1)
        .findings()
    expect(since(11)).toEqual([])
    expect(since(29)).toEqual([])
    expect(since(30)).toMatchObject([{ roots: ['acc1 or its uplink'] }])
  })

  it('is made at once when every neighbour answered since', () => {
    expect(bench(lab).dark('cpe11', 8).answered('acc1', 2).findings()).toMatchObject([
      { roots: ['cpe11 or its uplink'] },
    ])
  })

  it('is not made on missed polls alone', () => {
    expect(bench(lab).missing('cpe11', 30).correlate()).toEqual({ findings: [], undecided: ['cpe11'] })
  })

  it('about an old fault is not torn open by the first miss of a neighbour', () => {
    const one = bench(lab).dark('cpe13', 3600).missing('acc1', 3).answered('cpe11 cpe12', 9)
    expect(one.correlate()).toMatchObject({
      findings: [{ roots: [{ element: 'cpe13' }], shadowed: [] }],
      undecided: ['acc1'],
    })
  })
})

describe('a blind vantage', () => {
  const everything = `core1 agg1 agg2 acc3 cpe31 ${behindAgg1}`

  it('is one finding without impact', () => {
    const one = bench(lab).dark(everything)
    expect(one.findings()).toEqual([
      {
        kind: 'blind',
        roots: ['nms or its uplink'],
        shadowed: 'acc1 acc2 acc3 agg1 agg2 core1 cpe11 cpe12 cpe13 cpe21 cpe22 cpe31',
      },
    ])
    expect(one.correlate().findings[0]?.alarms).toHaveLength(12)
  })

  it('began when its neighbours fell, whatever was dark long before', () => {
    const one = bench(lab).dark(everything).dark('cpe11', 7200)
    const [finding] = one.correlate().findings
    expect(finding?.onsetAt).toBe(ago(60))
    expect(finding?.explanation).toEqual([
      'Nothing that is reached from nms answers, the first since 2026-03-01T08:09:00Z.',
      'So nms or its own connection is the likely cause, and nothing can be said about 12 elements (acc1, acc2, acc3, agg1, agg2 and 7 more).',
    ])
  })

  it('is suspected while its neighbours are only missing: nothing new is said', () => {
    const one = bench(lab).missing(everything, 6).dark('cpe11', 12)
    expect(one.correlate().findings).toEqual([])
    expect(one.correlate().undecided).toHaveLength(12)
  })

  it('is suspected, and what was dark before stays found', () => {
    expect(bench(lab).missing(everything, 6).dark('cpe11', 3600).findings()).toMatchObject([
      { roots: ['cpe11 or its uplink'] },
    ])
  })

  it('is not assumed while anything behind it answers', () => {
    const one = bench(lab).dark(everything).answered('cpe31', 1)
    expect(one.findings().map(({ kind }) => kind)).not.toContain('blind')
  })

  it('is one also when boxes beside it answer', () => {
    const net = network('nms-core1 core1-a a-b', { alone: ['ups'] })
    expect(bench(net).dark('core1 a b').findings()).toMatchObject([{ kind: 'blind' }])
    expect(
      bench(network('nms-core1', { alone: ['x', 'y'] }))
        .dark('core1')
        .findings(),
    ).toMatchObject([{ kind: 'outage', roots: ['core1 or its uplink'] }])
  })
})

describe('a silent agent', () => {
  it('is known to the NOC and hurts nobody', () => {
    expect(bench(lab).silentAgent('acc1').findings()).toEqual([
      { kind: 'agent', roots: ['acc1'], shadowed: '' },
    ])
  })

  it('is not said to be silent when it answers and cannot be read', () => {
    const refusal = 'the agent answered with the error TooBig about 1.3.6.1.2.1.2.2.1.2'
    const { findings } = bench(lab).silentAgent('acc1', 600).mark({ refusal }).correlate()
    expect(findings.map(({ kind, explanation }) => [kind, ...explanation])).toEqual([
      [
        'agent',
        `The SNMP agent of acc1 answers, but cannot be read: ${refusal}.`,
        'It has not been read since 2026-03-01T08:00:00Z; the path to acc1 is alive.',
      ],
    ])
  })

  it('of an element that went dark belongs to the outage', () => {
    const [finding, ...others] = bench(lab).silentAgent('cpe11').dark('cpe11').correlate().findings
    expect(others).toEqual([])
    expect(finding?.alarms).toEqual(['agent-silent:cpe11', 'unreachable:cpe11'])
  })
})

describe('a good network', () => {
  it('has no findings', () => {
    expect(bench(lab).correlate()).toEqual({ findings: [], undecided: [] })
  })
})
