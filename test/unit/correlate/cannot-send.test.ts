import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { correlate } from '../../../src/correlate/correlate.ts'
import { ago, bench, lab, network } from './network-bench.ts'
import { inputOf, reached, trial } from './random-network.ts'

const everything = 'core1 agg1 agg2 acc1 acc2 acc3 cpe11 cpe12 cpe13 cpe21 cpe22 cpe31'
const allButOne = everything.replace(' cpe31', '')

describe('a host that cannot send', () => {
  it('to anything is blind, and says so, whatever the last answers were', () => {
    const one = bench(lab).unsent(everything)
    expect(one.findings()).toEqual([
      {
        kind: 'blind',
        roots: ['nms or its uplink'],
        shadowed: 'acc1 acc2 acc3 agg1 agg2 core1 cpe11 cpe12 cpe13 cpe21 cpe22 cpe31',
      },
    ])
    expect(one.correlate().findings[0]).toMatchObject({
      onsetAt: ago(60),
      explanation: [
        'nms cannot send a single packet to what it polls, the first since 2026-03-01T08:09:00Z (network is unreachable).',
        'So nms or its own connection (its port is down, it has no route) is the likely cause, and nothing can be said about 12 elements (acc1, acc2, acc3, agg1, agg2 and 7 more).',
      ],
    })
  })

  it('is not blind while one of them answers: then nothing is found', () => {
    expect(bench(lab).unsent(allButOne).findings()).toEqual([])
    expect(bench(lab).unsent('core1').findings()).toEqual([])
  })

  it('is blind when the rest is dark', () => {
    const one = bench(lab).unsent(allButOne).dark('cpe31', 300)
    const [finding] = one.correlate().findings
    expect(finding?.kind).toBe('blind')
    expect(finding?.shadowed).toHaveLength(12)
    expect(finding?.onsetAt).toBe(ago(60))
    expect(finding?.explanation[0]).toMatch(/^nms cannot send .* 11 elements .*; cpe31 does not answer\.$/)
  })

  it('is blind when its neighbours were dark before and the rest cannot be sent to', () => {
    const others = everything.replace('core1 ', '')
    expect(bench(lab).dark('core1', 3600).unsent(others, 2).findings()).not.toMatchObject([{ kind: 'blind' }])
    expect(bench(lab).dark('core1', 3600).unsent(others).findings()).toMatchObject([{ kind: 'blind' }])
  })

  it.for<readonly [string, number, boolean]>([
    ['for less than the decision wait', 2, true],
    ['once, which may have been a full queue', 60, false],
  ])('%s is not blind yet, and blames nobody', ([, seconds, isConfirmed]) => {
    const one = bench(lab).unsent(allButOne, seconds, isConfirmed).missing('cpe31', 1)
    expect(one.findings()).toEqual([])
    expect(one.correlate().undecided).toEqual(['cpe31'])
  })

  it('to elements of which it is not known how they are connected is blind', () => {
    const net = network('', { alone: ['x', 'y'] })
    expect(bench(net).unsent('x y').findings()).toMatchObject([{ kind: 'blind' }])
    expect(bench(net).unsent('x').findings()).toEqual([])
  })

  it('beside another that can does not hide what that one sees', () => {
    const one = bench(lab).unsent(everything).and(bench(lab, 'agg2').dark('cpe31'))
    expect(one.findings()).toMatchObject([
      { kind: 'outage', roots: ['cpe31 or its uplink'] },
      { kind: 'blind' },
    ])
  })

  it('is blind exactly when nothing answers that it can send to, and finds no outage of what it cannot', () => {
    fc.assert(
      fc.property(
        trial({ unpolled: true }),
        fc.infiniteStream(fc.boolean()),
        fc.boolean(),
        (one, coins, all) => {
          const input = inputOf(one)
          const elements = new Map(input.state.elements)
          const unsent = new Set<string>()
          for (const [id, state] of elements) {
            if (!all && coins.next().value === true) continue
            unsent.add(id)
            const since = input.now - 60_000
            elements.set(id, { ...state, unsent: { since, isConfirmed: true, problem: 'no route' } })
          }
          fc.pre(unsent.size > 0)
          const { findings } = correlate({ ...input, state: { ...input.state, elements } })
          const answering = [...elements.keys()].filter(
            (id) => elements.get(id)?.reach === 'answering' && !unsent.has(id),
          )
          const linked = reached(one, new Set())
          const isBlind = findings.some(({ kind }) => kind === 'blind')
          if (answering.length === 0) expect(isBlind).toBe(true)
          if (answering.some((id) => linked.has(id))) expect(isBlind).toBe(false)
          if (isBlind) expect(findings).toMatchObject([{ kind: 'blind', impact: [] }])
          const rooted = findings.filter(({ kind }) => kind === 'outage').flatMap(({ roots }) => roots)
          for (const root of rooted)
            if (root.kind === 'element') expect(elements.get(root.element)?.reach).not.toBe('answering')
        },
      ),
      { numRuns: 600 },
    )
  })
})
