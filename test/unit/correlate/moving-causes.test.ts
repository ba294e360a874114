import { describe, expect, it } from 'vitest'
import { bench, inShort, lab } from './network-bench.ts'

/** What is found of the lab, from the first word on. */
const rootsOf = (one: ReturnType<typeof bench>) => one.findings().map(({ kind, roots }) => [kind, ...roots])

describe('a cause that moves', () => {
  it('goes from the line to the element before it, while it spreads', () => {
    expect(rootsOf(bench(lab).dark('cpe11', 25))).toEqual([['outage', 'cpe11 or its uplink']])
    expect(rootsOf(bench(lab).dark('cpe11', 30).dark('acc1 cpe12 cpe13', 15))).toEqual([
      ['outage', 'acc1 or its uplink'],
    ])
    expect(
      rootsOf(bench(lab).dark('cpe11', 40).dark('acc1 cpe12 cpe13', 25).dark('agg1 acc2 cpe21 cpe22', 12)),
    ).toEqual([['outage', 'agg1']])
  })

  it('goes from the lost spare to the outage, when the other way fails too', () => {
    expect(rootsOf(bench(lab).down('core1[to-agg1]', 300))).toEqual([
      ['redundancy', 'agg1[to-core1]--core1[to-agg1]'],
    ])
    expect(
      rootsOf(
        bench(lab)
          .down('core1[to-agg1]', 300)
          .down('agg2[to-agg1]', 50)
          .dark('agg1 acc1 acc2 cpe11 cpe12 cpe13 cpe21 cpe22', 55),
      ),
    ).toEqual([['outage', 'agg1 or its uplink', 'agg1[to-core1]--core1[to-agg1]']])
  })

  it('goes from a slow link to a dead one', () => {
    expect(rootsOf(bench(lab).quality('packet-loss', 'acc3 cpe31', 'major', 120))).toEqual([
      ['degradation', 'acc3 or its uplink'],
    ])
    const [finding, ...others] = bench(lab)
      .quality('packet-loss', 'acc3 cpe31', 'major', 120)
      .dark('acc3 cpe31', 30)
      .correlate().findings
    expect(others).toEqual([])
    expect(finding && inShort(finding)).toMatchObject({ kind: 'outage', roots: ['acc3 or its uplink'] })
    expect(finding?.alarms).toContain('packet-loss:acc3')
  })
})

describe('a parent that answers again', () => {
  it('leaves behind the child that does not, as a cause of its own and at once', () => {
    const one = bench(lab).dark('acc1 cpe11 cpe12 cpe13', 300)
    expect(rootsOf(one)).toEqual([['outage', 'acc1 or its uplink']])
    expect(rootsOf(one.answered('acc1 cpe12 cpe13', 0))).toEqual([['outage', 'cpe11 or its uplink']])
  })

  it('whose alarm is gone leaves the child alone', () => {
    expect(rootsOf(bench(lab).dark('cpe11', 300).answered('acc1', 0))).toEqual([
      ['outage', 'cpe11 or its uplink'],
    ])
  })

  it('is not blamed, nor is its place unknown, while only what lies behind it was asked again', () => {
    const one = bench(lab)
      .dark('acc1 cpe11 cpe12 cpe13', 3600)
      .dark('agg1 acc2 cpe21 cpe22', 200)
      .down('core1[to-agg1] agg2[to-agg1]', 195)
      .answered('acc2', 0)
    expect(rootsOf(one)).toContainEqual(['outage', 'acc1 or its uplink'])
    expect(rootsOf(one).flat()).not.toContain('cpe11 or its uplink')
    expect(one.findings()).toContainEqual(
      expect.objectContaining({ roots: ['acc1 or its uplink'], shadowed: 'cpe11 cpe12 cpe13' }),
    )
  })

  it('leaves behind a part that hangs together, with a root of its own', () => {
    expect(rootsOf(bench(lab).dark('acc2 cpe21 cpe22', 300).answered('agg1 acc1', 0))).toEqual([
      ['outage', 'acc2 or its uplink'],
    ])
  })
})

describe('two faults at once', () => {
  it('in different places are two, be they of the same kind or not', () => {
    expect(
      rootsOf(
        bench(lab)
          .dark('acc3 cpe31')
          .quality('high-latency', 'acc1 cpe11')
          .silentAgent('agg1')
          .down('core1[to-agg2] agg2[to-core1]'),
      ),
    ).toEqual([
      ['degradation', 'acc1 or its uplink'],
      ['outage', 'acc3 or its uplink'],
      ['agent', 'agg1'],
      ['redundancy', 'agg2[to-core1]--core1[to-agg2]'],
    ])
  })
})
