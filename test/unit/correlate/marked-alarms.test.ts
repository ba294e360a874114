import { describe, expect, it } from 'vitest'
import { ago, bench, lab } from './network-bench.ts'

const shelved = { by: 'noc', at: ago(30), until: ago(-3600), reason: 'being installed' }

describe('an alarm that is put aside', () => {
  it('makes no finding by itself', () => {
    expect(bench(lab).dark('cpe11').mark({ shelved }).correlate()).toEqual({ findings: [], undecided: [] })
    expect(bench(lab).quality('packet-loss', 'cpe11').mark({ shelved }).findings()).toEqual([])
  })

  it('is evidence all the same: what hides behind its element is found there', () => {
    const one = bench(lab).dark('acc1').mark({ shelved }).dark('cpe11 cpe12 cpe13')
    expect(one.findings()).toMatchObject([
      { roots: ['acc1 or its uplink'], shadowed: 'cpe11 cpe12 cpe13', down: 's11 s12 s13' },
    ])
  })

  it('does not make a spare of a link that is lost', () => {
    const one = bench(lab).down('core1[to-agg1]', 3600).mark({ shelved })
    expect(one.findings()).toEqual([])
    expect(one.dark('agg2 acc3 cpe31 agg1 acc1 acc2 cpe11 cpe12 cpe13 cpe21 cpe22').findings()).toMatchObject(
      [{ kind: 'outage', roots: ['agg2 or its uplink', 'agg1[to-core1]--core1[to-agg1]'] }],
    )
  })
})

describe('an alarm', () => {
  it.for([
    ['that is being cleared', { phase: 'clearing' }],
    ['that a maintenance window covers', { maintenance: 'window-1' }],
    ['that someone has seen', { acknowledged: { by: 'noc', at: ago(5) } }],
    ['without fresh data', { indeterminate: true }],
  ] as const)('%s counts as any other', ([, more]) => {
    const plain = bench(lab).dark('acc1 cpe11').quality('packet-loss', 'acc3')
    const marked = bench(lab).dark('acc1 cpe11').quality('packet-loss', 'acc3').mark(more)
    expect(marked.correlate()).toEqual(plain.correlate())
  })

  it('says of one that flaps that it comes and goes', () => {
    const plain = bench(lab).down('core1[to-agg2]').correlate().findings[0]
    const flapping = bench(lab).down('core1[to-agg2]').mark({ phase: 'flapping' }).correlate().findings[0]
    expect(flapping).toEqual({
      ...plain,
      explanation: [...(plain?.explanation ?? []), 'It comes and goes at core1[to-agg2].'],
    })
  })

  it('that is cleared does not', () => {
    expect(bench(lab).quality('packet-loss', 'acc1').mark({ state: 'cleared' }).findings()).toEqual([])
  })
})
