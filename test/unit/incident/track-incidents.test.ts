import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldIncident } from '../../../src/incident/fold-incident.ts'
import { impactHistory } from '../../../src/incident/impact-history.ts'
import type { IncidentChange } from '../../../src/incident/incident-change.ts'
import { trackIncidents } from '../../../src/incident/track-incidents.ts'
import type { Incident } from '../../../src/model/incident.ts'
import type { Finding } from '../../../src/model/incident-event.ts'
import { linkBetween } from '../../../src/model/link.ts'
import { findingOf, impactOf, incidentOf } from '../../support/finding-of.ts'
import { alarmOf, clearedAlarm, trackerBench, trackSettings } from '../../support/tracker-bench.ts'

/** What was one goes on as two. */
const apart = ['i-1 changed', 'i-1 split', 'i-2 opened', 'i-2 splitFrom']

describe('the identity of an incident', () => {
  it('opens with the first finding and stays silent while nothing is new', () => {
    const net = trackerBench()
    expect(net.step(10_000, [findingOf('agg1', { alarms: ['a', 'b'], shadowed: ['x', 'y'] })])).toEqual([
      'i-1 opened',
    ])
    expect(net.step(11_000, [findingOf('agg1', { alarms: ['b', 'a'], shadowed: ['y', 'x'] })])).toEqual([])
  })

  it('changes with kind, severity, roots, shadow, alarms and impact', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('agg1')])
    const next: Partial<Finding>[] = [
      { kind: 'degradation' },
      { severity: 'major' },
      { shadowed: ['acc1'] },
      { alarms: ['al-agg1', 'al-2'] },
      { impact: impactOf('down', 's-1') },
      { explanation: ['something else'] },
    ]
    for (const [index, over] of next.entries())
      expect(net.step(11_000 + index, [findingOf('agg1', over)])).toEqual(['i-1 changed'])
  })

  it('follows the root upwards when the parent goes dark after the child', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('acc1')])
    expect(net.step(12_000, [findingOf('agg1', { shadowed: ['acc1', 'acc2'] })])).toEqual(['i-1 changed'])
    expect(net.get('i-1').roots).toEqual([{ kind: 'element', element: 'agg1' }])
  })

  it('stays the same when "the element or its uplink" turns out to be the link', () => {
    const net = trackerBench()
    const uplink = linkBetween({ element: 'agg1' }, { element: 'core1' }, 'uplink')
    net.step(10_000, [
      findingOf('agg1', {
        roots: [{ kind: 'elementOrUplink', element: 'agg1', uplinks: [uplink] }],
        alarms: [],
      }),
    ])
    expect(
      net.step(11_000, [findingOf('agg1', { roots: [{ kind: 'link', link: uplink }], alarms: ['al-port'] })]),
    ).toEqual(['i-1 changed'])
  })

  it('keeps two links of one element apart', () => {
    const net = trackerBench()
    const link = (to: string, alarm: string) =>
      findingOf('core1', {
        kind: 'redundancy',
        roots: [{ kind: 'link', link: linkBetween({ element: 'core1' }, { element: to }, 'declared') }],
        alarms: [alarm],
      })
    net.step(10_000, [link('agg1', 'p1')])
    expect(net.step(11_000, [link('agg1', 'p1'), link('agg2', 'p2')])).toEqual(['i-2 opened'])
  })

  it('keeps a silent agent apart from the outage that hides it, and open meanwhile', () => {
    const net = trackerBench()
    const agent = findingOf('acc1', { kind: 'agent', severity: 'warning', alarms: ['al-agent'] })
    net.step(10_000, [agent])
    const outage = findingOf('agg1', { shadowed: ['acc1'], onsetAt: 90_000, alarms: ['al-agg1', 'al-agent'] })
    const alarms = [alarmOf('al-agent', { type: 'agent-silent' })]
    expect(net.step(100_000, [outage], alarms)).toEqual(['i-2 opened'])
    expect(net.get('i-2').onsetAt).toBe(90_000)
    expect(net.step(200_000, [agent], [...alarms, clearedAlarm('al-agg1', 199_000)])).toEqual([
      'i-2 changed',
      'i-2 restored',
    ])
    // An alarm is in one incident: it is the other's.
    expect(net.get('i-2').alarms).toEqual(['al-agg1'])
    expect(net.get('i-2').restoredAt).toBe(199_000)
  })

  it('joins two that turn out to be one: the older goes on and inherits what was told', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('acc1')])
    net.step(11_000, [findingOf('acc1'), findingOf('acc2', { onsetAt: 900 })])
    const younger = net.get('i-2')
    net.incidents.set('i-2', { ...younger, firstMessageAt: 10_500, etaAt: 99_000 })
    expect(net.step(12_000, [findingOf('agg1', { shadowed: ['acc1', 'acc2'] })])).toEqual([
      'i-1 changed',
      'i-1 absorbed',
      'i-1 customersTold',
      'i-1 etaSet',
      'i-2 merged',
    ])
    expect(net.logs.get('i-1')?.[2]).toMatchObject({ type: 'absorbed', from: 'i-2' })
    expect(net.logs.get('i-2')?.at(-1)).toMatchObject({ type: 'merged', into: 'i-1' })
    expect(net.get('i-2')).toMatchObject({ state: 'closed', mergedInto: 'i-1' })
    expect(net.get('i-1')).toMatchObject({ firstMessageAt: 10_500, etaAt: 99_000 })
  })

  it('keeps who has it: seen first by, given to, and worked on, as long as the older has nobody', () => {
    const two = () => {
      const net = trackerBench()
      net.step(10_000, [findingOf('acc1')])
      net.step(11_000, [findingOf('acc1'), findingOf('acc2')])
      return net
    }
    const join = (net: ReturnType<typeof two>) =>
      net.step(20_000, [findingOf('agg1', { shadowed: ['acc1', 'acc2'] })])
    const seen = two()
    seen.act('i-2', { type: 'acknowledge' }, 'kari', 12_000)
    expect(join(seen)).toEqual(['i-1 changed', 'i-1 absorbed', 'i-1 acknowledged', 'i-2 merged'])
    expect(seen.get('i-1')).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'kari', at: 12_000 } })
    expect(seen.get('i-1').acknowledged).not.toHaveProperty('from')
    expect(seen.logs.get('i-1')?.at(-1)).toMatchObject({
      actor: 'system',
      absorbed: { from: 'i-2', by: 'kari', at: 12_000 },
    })

    const worked = two()
    worked.act('i-2', { type: 'acknowledge' }, 'kari', 12_000)
    worked.act('i-2', { type: 'start', assignee: 'wu' }, 'kari', 13_000)
    worked.act('i-2', { type: 'hold', reason: 'no access' }, 'wu', 14_000)
    expect(join(worked).slice(1)).toEqual([
      'i-1 absorbed',
      'i-1 acknowledged',
      'i-1 assigned',
      'i-1 started',
      'i-2 merged',
    ])
    expect(worked.get('i-1')).toMatchObject({ state: 'inProgress', assignee: 'wu' })
    expect(worked.get('i-1')).not.toHaveProperty('hold')

    const taken = two()
    taken.act('i-1', { type: 'acknowledge' }, 'li', 12_000)
    taken.act('i-1', { type: 'assign', assignee: 'li' }, 'li', 12_500)
    taken.act('i-2', { type: 'acknowledge' }, 'kari', 11_500)
    taken.act('i-2', { type: 'assign', assignee: 'kari' }, 'kari', 11_600)
    expect(join(taken)).toEqual(['i-1 changed', 'i-1 absorbed', 'i-2 merged'])
    expect(taken.get('i-1')).toMatchObject({ acknowledged: { by: 'li' }, assignee: 'li' })
  })

  it('splits: one part goes on, the other is new', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('agg1', { shadowed: ['acc1', 'acc2', 'acc3'], alarms: ['a1', 'a2', 'a3'] })])
    expect(
      net.step(20_000, [
        findingOf('acc1', { alarms: ['a1'], onsetAt: 1_001 }),
        findingOf('acc2', { alarms: ['a2', 'a3'], shadowed: ['acc3'] }),
      ]),
    ).toEqual(['i-1 changed', 'i-1 split', 'i-2 opened', 'i-2 splitFrom'])
    expect(net.get('i-1').roots).toEqual([{ kind: 'element', element: 'acc2' }])
    expect(net.logs.get('i-1')?.at(-1)).toMatchObject({ type: 'split', into: 'i-2' })
    expect(net.get('i-2')).toMatchObject({ splitFrom: 'i-1', version: 2 })
  })
})

describe('the end of an incident', () => {
  it('is restored at the latest first good sample, then verified, resolved, and closed', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('agg1', { alarms: ['a', 'b'] })])
    const alarms = [clearedAlarm('a', 50_000), clearedAlarm('b', 52_000)]
    expect(net.step(60_000, [], alarms)).toEqual(['i-1 restored'])
    expect(net.get('i-1')).toMatchObject({ restoredAt: 52_000, state: 'open' })
    expect(net.step(111_999, [], alarms)).toEqual([])
    expect(net.step(112_000, [], alarms)).toEqual(['i-1 resolved'])
    expect(net.step(112_000 + 3_599_999, [])).toEqual([])
    expect(net.step(112_000 + 3_600_000, [])).toEqual(['i-1 closed'])
  })

  it('does not come while one of its elements is undecided, or one of its alarms stands', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('agg1', { shadowed: ['acc1'] })])
    expect(net.step(60_000, [], [clearedAlarm('al-agg1', 50_000)], ['acc1'])).toEqual([])
    expect(net.step(61_000, [], [alarmOf('al-agg1')])).toEqual([])
    expect(net.step(62_000, [], [clearedAlarm('al-agg1', 50_000)], ['other'])).toEqual(['i-1 restored'])
  })

  it('does not come from a shelf: it ends, and nothing is restored', () => {
    const net = trackerBench()
    const impact = impactOf('degraded', 's-1')
    net.step(10_000, [findingOf('agg1', { alarms: ['a', 'b'], impact })])
    const shelved = (id: string, at: number) =>
      alarmOf(id, { shelved: { by: 'kari', at, until: 900_000, reason: 'known' } })
    const aside = [clearedAlarm('a', 30_000), shelved('b', 60_000)]
    expect(net.step(60_000, [], aside)).toEqual(['i-1 resolved'])
    expect(net.logs.get('i-1')?.at(-1)).toMatchObject({ because: 'shelved' })
    expect(net.get('i-1')).toMatchObject({
      state: 'resolved',
      resolvedAt: 60_000,
      resolvedBecause: 'shelved',
      impact: [],
    })
    expect(net.get('i-1')).not.toHaveProperty('restoredAt')
    expect(impactHistory(net.logs.get('i-1') ?? []).at(-1)).toMatchObject({ type: 'resolved', impact: [] })
    // When the time of the shelf is over it is the same incident, and can end like any other.
    const finding = findingOf('agg1', { alarms: ['b'], impact })
    expect(net.step(200_000, [finding], [alarmOf('b')])).toEqual(['i-1 relapsed'])
    expect(net.get('i-1')).not.toHaveProperty('resolvedBecause')
    expect(net.step(300_000, [], [clearedAlarm('b', 250_000)])).toEqual(['i-1 restored'])
  })

  it('comes when the last alarm was cleared after another was shelved', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('agg1', { alarms: ['a', 'b'] })])
    const shelved = alarmOf('b', { shelved: { by: 'kari', at: 20_000, until: 900_000, reason: 'known' } })
    expect(net.step(50_000, [], [clearedAlarm('a', 30_000), shelved])).toEqual(['i-1 restored'])
    expect(net.get('i-1').restoredAt).toBe(30_000)
  })

  it('can be said by a person who opened again what had ended by a shelf, and a relapse ends that too', () => {
    const shelf = { by: 'kari', at: 60_000, until: 900_000, reason: 'known' }
    const again = () => {
      const net = trackerBench()
      net.step(10_000, [findingOf('agg1')])
      net.step(60_000, [], [alarmOf('al-agg1', { shelved: shelf })])
      net.act('i-1', { type: 'reopen', reason: 'look at it' }, 'li', 80_000)
      expect(net.step(90_000, [], [alarmOf('al-agg1', { shelved: shelf })])).toEqual([])
      return net
    }
    expect(again().act('i-1', { type: 'resolve' }, 'li', 100_000)).toBe('resolved')
    const net = again()
    expect(net.step(100_000, [findingOf('agg1')], [alarmOf('al-agg1')])).toEqual(['i-1 relapsed'])
    expect(net.get('i-1')).not.toHaveProperty('reopened')
    expect(net.act('i-1', { type: 'resolve' }, 'li', 110_000)).toBe('CONFLICT')
  })

  it('leaves of what kind it is while nothing that it rests on is measured', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('agg1', { impact: impactOf('down', 's-1') })])
    const found = findingOf('agg1', { kind: 'degradation' })
    expect(net.step(20_000, [found], [alarmOf('al-agg1', { indeterminate: true })])).toEqual(['i-1 changed'])
    expect(net.get('i-1')).toMatchObject({ kind: 'outage', impact: [] })
    expect(net.step(21_000, [found], [alarmOf('al-agg1')])).toEqual(['i-1 changed'])
    expect(net.get('i-1').kind).toBe('degradation')
  })

  it('is called off when it falls again during verification', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('agg1')])
    net.step(60_000, [], [clearedAlarm('al-agg1', 59_000)])
    expect(net.step(70_000, [findingOf('agg1', { alarms: ['al-2'] })])).toEqual(['i-1 relapsed'])
    expect(net.step(80_000, [findingOf('agg1', { alarms: ['al-2'] })])).toEqual([])
    expect(net.step(200_000, [], [clearedAlarm('al-2', 190_000)])).toEqual(['i-1 restored'])
    expect(net.get('i-1').restoredAt).toBe(190_000)
  })

  it('is reopened by the same root within the window, and by nothing else', () => {
    const over = () => {
      const net = trackerBench()
      net.step(10_000, [findingOf('agg1', { shadowed: ['acc1'] })])
      net.step(60_000, [], [clearedAlarm('al-agg1', 0)])
      expect(net.get('i-1').state).toBe('resolved')
      return net
    }
    const again = findingOf('agg1', { alarms: ['al-2'], onsetAt: 600_000 })
    expect(over().step(660_000, [again])).toEqual(['i-1 relapsed'])
    expect(over().step(660_001, [again])).toEqual(['i-2 opened'])
    expect(over().step(70_000, [findingOf('acc1', { alarms: ['al-2'] })])).toEqual(['i-2 opened'])
  })

  it('is not resolved by itself after a person opened it again', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('agg1')])
    const good = [clearedAlarm('al-agg1', 0)]
    net.step(70_000, [], good)
    expect(net.act('i-1', { type: 'reopen', reason: 'still slow' }, 'li', 80_000)).toBe('reopened')
    expect(net.step(400_000, [], good)).toEqual([])
    expect(net.act('i-1', { type: 'resolve' }, 'li', 410_000)).toBe('resolved')
    expect(net.step(410_000 + 3_600_000, [], good)).toEqual(['i-1 closed'])
  })

  it('is no part of another that reopens with it, unless it was one with it', () => {
    const net = trackerBench()
    net.step(10_000, [findingOf('acc1')])
    net.step(70_000, [], [clearedAlarm('al-acc1', 0)])
    // acc1 falls again, hidden behind agg1, and stays dark when agg1 is back: its own incident is opened again.
    net.step(80_000, [findingOf('agg1', { shadowed: ['acc1'], alarms: ['al-agg1', 'al-2'] })])
    expect(
      net.step(90_000, [findingOf('agg1'), findingOf('acc1', { alarms: ['al-2'], onsetAt: 80_000 })]),
    ).toEqual(['i-2 changed', 'i-2 split', 'i-1 relapsed', 'i-1 splitFrom'])
    expect(net.get('i-1')).toMatchObject({ state: 'open', splitFrom: 'i-2' })
  })

  it('waits for everyone while the vantage is blind', () => {
    const net = trackerBench()
    const blind = findingOf('nms', { kind: 'blind', alarms: [] })
    net.step(10_000, [findingOf('agg1')])
    const good = [clearedAlarm('al-agg1', 20_000)]
    expect(net.step(60_000, [blind, findingOf('agg9')], good)).toEqual(['i-2 opened'])
    expect(net.step(61_000, [blind], good)).toEqual([])
    expect(net.step(90_000, [], good)).toEqual(['i-1 restored', 'i-1 resolved', 'i-2 restored'])
  })
})

describe('an outage that mends piece by piece', () => {
  const whole = findingOf('agg1', {
    shadowed: ['acc1', 'acc2', 'cpe1'],
    alarms: ['al-agg1', 'al-acc1', 'al-acc2', 'al-cpe1', 'al-port'],
    impact: impactOf('down', 's-1', 's-2', 's-3'),
  })
  const uplink = linkBetween({ element: 'core1' }, { element: 'agg1' }, 'uplink')
  const agent = findingOf('agg1', { kind: 'agent', severity: 'minor' })
  const port = findingOf('core1', {
    kind: 'redundancy',
    roots: [{ kind: 'link', link: uplink }],
    alarms: ['al-port'],
    impact: impactOf('atRisk', 's-1', 's-2', 's-3', 's-9'),
  })
  const mending = () => {
    const net = trackerBench()
    net.step(10_000, [whole])
    return net
  }
  const back = clearedAlarm('al-acc1', 100_000)

  it('stays one incident with its own root, which suffers less and less', () => {
    const net = mending()
    const acc2 = findingOf('acc2', { impact: impactOf('down', 's-2') })
    const cpe1 = findingOf('cpe1', { impact: impactOf('down', 's-3') })
    expect(net.step(101_000, [agent, port, acc2, cpe1], [back])).toEqual(['i-1 changed'])
    expect(net.get('i-1')).toMatchObject({
      kind: 'outage',
      roots: whole.roots,
      shadowed: whole.shadowed,
      alarms: whole.alarms,
      explanation: whole.explanation,
      impact: [...impactOf('atRisk', 's-1'), ...impactOf('down', 's-2', 's-3')],
    })
    expect(net.step(102_000, [agent, port, cpe1], [back])).toEqual(['i-1 changed'])
    expect(net.get('i-1').impact).toEqual([...impactOf('atRisk', 's-1', 's-2'), ...impactOf('down', 's-3')])
    expect(net.step(103_000, [agent, port, cpe1], [back])).toEqual([])
    const all = whole.alarms.map((id) => clearedAlarm(id, 104_000))
    expect(net.step(105_000, [], all)).toEqual(['i-1 restored'])
    expect([...net.incidents.keys()]).toEqual(['i-1'])
    expect(net.get('i-1').impactHistory.map(({ state }) => state)).toEqual(['down', 'down', 'down'])
  })

  it('takes in what lies within it and was noticed only now, but not what began after the repair', () => {
    const late = findingOf('cpe1', { kind: 'agent', alarms: ['al-late'], onsetAt: 90_000 })
    const net = mending()
    expect(net.step(101_000, [late], [back])).toEqual(['i-1 changed'])
    expect(net.get('i-1')).toMatchObject({ roots: whole.roots, alarms: [...whole.alarms, 'al-late'] })
    expect(mending().step(105_000, [{ ...late, onsetAt: 101_500 }], [back])).toContain('i-2 opened')
  })

  it('lets what outlasts the time of mending speak for itself', () => {
    const net = mending()
    const left = [port, findingOf('cpe1')]
    expect(net.step(120_999, left, [back])).toEqual(['i-1 changed'])
    expect(net.step(121_000, left, [back])).toEqual(apart)
    expect(net.get('i-1').roots).toEqual([{ kind: 'element', element: 'cpe1' }])
  })

  it('lets an element that stays dark speak sooner, while ports may still be told as they were', () => {
    const net = mending()
    const dark = [back, alarmOf('al-cpe1')]
    const cpe1 = findingOf('cpe1', { impact: impactOf('down', 's-3') })
    expect(net.step(110_999, [port, cpe1], dark)).toEqual(['i-1 changed'])
    expect(net.step(111_000, [port, cpe1], dark)).toContain('i-2 opened')
    expect(net.get('i-1')).toMatchObject({
      roots: whole.roots,
      impact: impactOf('atRisk', 's-1', 's-2', 's-3'),
    })
    expect(net.get('i-2').impact).toEqual(cpe1.impact)
    const alone = mending()
    expect(alone.step(111_000, [cpe1], dark)).toEqual(['i-1 changed'])
    expect(alone.get('i-1').roots).toEqual(cpe1.roots)
  })

  it('does not take in what it never had, nor what has an incident of its own', () => {
    const net = mending()
    net.step(50_000, [whole, agent])
    const other = findingOf('acc2', { alarms: ['al-acc2', 'al-new'], onsetAt: 101_500 })
    expect(net.step(102_000, [agent, findingOf('agg7'), other], [back]).toSorted()).toEqual([
      'i-1 changed',
      'i-3 opened',
    ])
    expect(net.get('i-1').roots).toEqual([{ kind: 'element', element: 'acc2' }])
  })

  it('takes in the pieces also while its own root is still found', () => {
    const net = mending()
    const smaller = { ...whole, shadowed: ['acc2'], alarms: ['al-agg1', 'al-acc2'] }
    const left = [smaller, findingOf('cpe1')]
    expect(net.step(101_000, left, [back])).toEqual([])
    expect(net.get('i-1').alarms).toEqual(whole.alarms)
    expect(net.step(121_000, left, [back])).toEqual(apart)
    expect(net.get('i-1')).toMatchObject({ roots: whole.roots, alarms: smaller.alarms })
  })

  it('has not begun while none of its alarms was cleared', () => {
    expect(mending().step(101_000, [findingOf('acc1'), findingOf('acc2')])).toEqual(apart)
  })
})

describe('an outage that was there before this process', () => {
  const whole = findingOf('agg1', {
    shadowed: ['acc1', 'cpe1'],
    alarms: ['al-agg1', 'al-port', 'al-cpe1'],
    impact: impactOf('down', 's-1', 's-2'),
  })
  const again = () => {
    const net = trackerBench(100_000)
    net.step(10_000, [whole])
    return net
  }
  // Not measured yet: how the port and cpe1 hang together with agg1.
  const pieces = [
    findingOf('agg1', { impact: impactOf('down', 's-1') }),
    findingOf('core1', { kind: 'degradation', alarms: ['al-port'] }),
    findingOf('cpe1', { alarms: ['al-cpe1'] }),
  ]

  it('stays as it was while it is seen in pieces, and grows', () => {
    const net = again()
    expect(net.step(101_000, pieces)).toEqual([])
    const more = findingOf('acc1', { alarms: ['al-acc1'], onsetAt: 100_500 })
    expect(net.step(102_000, [...pieces, more])).toEqual(['i-1 changed'])
    expect(net.get('i-1')).toMatchObject({
      shadowed: whole.shadowed,
      alarms: [...whole.alarms, 'al-acc1'],
      impact: whole.impact,
    })
  })

  it('is judged anew when everything was measured', () => {
    expect(again().step(120_000, pieces)).toEqual([
      'i-1 changed',
      'i-1 split',
      'i-1 split',
      'i-2 opened',
      'i-2 splitFrom',
      'i-3 opened',
      'i-3 splitFrom',
    ])
  })

  it('may be over, and another may have begun', () => {
    const net = again()
    const cleared = whole.alarms.map((id) => clearedAlarm(id, 101_000))
    expect(net.step(101_500, [findingOf('agg7')], cleared)).toEqual(['i-2 opened', 'i-1 restored'])
  })
})

describe('tracking', () => {
  const element = fc.constantFrom('a', 'b', 'c', 'd')
  const finding = fc
    .record({ root: element, shadowed: fc.uniqueArray(element), onset: fc.integer({ min: 0, max: 3 }) })
    .map(({ root, shadowed, onset }) =>
      findingOf(root, { shadowed: shadowed.filter((id) => id !== root), onsetAt: onset }),
    )
  const steps = fc.array(
    fc.uniqueArray(finding, { selector: ({ roots }) => JSON.stringify(roots), maxLength: 3 }),
    {
      maxLength: 12,
    },
  )

  it('is told by its own log, whatever happens', () => {
    fc.assert(
      fc.property(steps, (findings) => {
        const net = trackerBench()
        for (const [index, now] of findings.entries()) net.step(10_000 + index * 30_000, now)
        for (const [id, log] of net.logs) expect(foldIncident(log)).toEqual(net.get(id))
      }),
    )
  })

  it('gives each finding one incident, and the same for any order of what comes in', () => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat()), (findings, noise) => {
        const incidents = new Map<string, Incident>()
        let made = 0
        findings.forEach((now, index) => {
          const run = (shuffled: boolean): readonly IncidentChange[] => {
            let own = made
            const mix = <T>(all: readonly T[]): T[] =>
              shuffled
                ? all
                    .map((one) => ({ one, key: noise.next().value ?? 0 }))
                    .sort((a, b) => a.key - b.key)
                    .map(({ one }) => one)
                : [...all]
            return trackIncidents({
              incidents: mix([...incidents.values()]),
              findings: mix(now),
              undecided: [],
              alarms: new Map(),
              now: 10_000 + index * 30_000,
              settings: trackSettings,
              newIncidentId: () => `i-${++own}`,
            })
          }
          const changes = run(false)
          expect(run(true)).toEqual(changes)
          for (const { incident, before } of changes) {
            incidents.set(incident.id, incident)
            if (!before) made++
          }
          const bad = [...incidents.values()].filter(
            ({ state, restoredAt }) => state === 'open' && restoredAt === undefined,
          )
          expect(bad).toHaveLength(now.length)
        })
      }),
    )
  })
})

describe('an incident of one finding', () => {
  it('begins as the finding says', () => {
    expect(incidentOf('i-1', findingOf('agg1'), 4_000)).toMatchObject({
      state: 'open',
      version: 1,
      onsetAt: 1_000,
      detectedAt: 4_000,
    })
  })
})
