import { describe, expect, it, test } from 'vitest'
import { createAlarmMarks } from '../../../src/incident/maintenance/alarm-marks.ts'
import type { Cover } from '../../../src/incident/maintenance/coverage.ts'
import { type PlannedWork, withPlannedWork } from '../../../src/incident/maintenance/planned-work.ts'
import type { Alarm } from '../../../src/model/alarm.ts'
import type { RootCause } from '../../../src/model/incident.ts'
import type { Finding } from '../../../src/model/incident-event.ts'
import { linkBetween } from '../../../src/model/link.ts'
import { findingOf, impactOf } from '../../support/finding-of.ts'
import { alarmOf, clearedAlarm, trackerBench } from '../../support/tracker-bench.ts'

const services = new Map([
  ['s-1', { element: 'acc1', endpoint: 'cpe1' }],
  ['s-2', { element: 'acc2', endpoint: 'cpe2' }],
])
const cover = (over: Partial<Cover> = {}): Cover => ({
  window: 'mw',
  downstream: true,
  start: 5_000,
  end: 100_000,
  ...over,
})
const work = (covers: Readonly<Record<string, Cover>>): PlannedWork => ({
  covers: new Map(Object.entries(covers)),
  services,
})
const onAgg1 = work({ agg1: cover(), acc1: cover(), cpe1: cover() })
const nothing = work({})
const uplink = linkBetween({ element: 'agg1' }, { element: 'core1' }, 'uplink')
const other = linkBetween({ element: 'acc9' }, { element: 'core1' }, 'uplink')

describe('what planned work explains of a finding', () => {
  const rooted = (...roots: readonly RootCause[]) => findingOf('x', { roots })
  test.for<[string, Finding, PlannedWork, string | undefined]>([
    ['an element that is covered', findingOf('agg1'), onAgg1, 'mw'],
    ['an element that is not', findingOf('agg2'), onAgg1, undefined],
    ['a link of a covered element', rooted({ kind: 'link', link: uplink }), onAgg1, 'mw'],
    ['another link', rooted({ kind: 'link', link: other }), onAgg1, undefined],
    [
      'a covered element, or its uplink',
      rooted({ kind: 'elementOrUplink', element: 'agg1', uplinks: [uplink] }),
      onAgg1,
      'mw',
    ],
    [
      'an element of which only the uplinks are covered, all of them',
      rooted({ kind: 'elementOrUplink', element: 'acc3', uplinks: [uplink] }),
      onAgg1,
      'mw',
    ],
    [
      'an element of which one uplink is not covered',
      rooted({ kind: 'elementOrUplink', element: 'acc3', uplinks: [uplink, other] }),
      onAgg1,
      undefined,
    ],
    [
      'an element without uplinks',
      rooted({ kind: 'elementOrUplink', element: 'acc3', uplinks: [] }),
      onAgg1,
      undefined,
    ],
    [
      'a site that is covered',
      rooted({ kind: 'site', site: 'north', elements: ['agg1', 'acc1'] }),
      onAgg1,
      'mw',
    ],
    ['half a site', rooted({ kind: 'site', site: 'north', elements: ['agg1', 'acc2'] }), onAgg1, undefined],
    [
      'two roots, one of them covered',
      rooted({ kind: 'element', element: 'agg1' }, { kind: 'element', element: 'agg2' }),
      onAgg1,
      undefined,
    ],
    ['no root at all', rooted(), onAgg1, undefined],
    ['anything, while nothing is planned', findingOf('agg1'), nothing, undefined],
  ])('%s', ([, finding, planned, window]) => {
    expect(withPlannedWork(finding, planned).planned).toBe(window)
  })

  it('is each service behind covered roots, else each that is covered itself', () => {
    const impact = impactOf('down', 's-1', 's-2', 's-9')
    const plans = (finding: Finding, planned: PlannedWork) =>
      withPlannedWork({ ...finding, impact }, planned).impact.map((entry) => entry.planned)
    expect(plans(findingOf('agg1'), onAgg1)).toEqual(['mw', 'mw', 'mw'])
    expect(plans(findingOf('core1'), onAgg1)).toEqual(['mw', undefined, undefined])
    // What hangs on it was said to go on working.
    const alone = work({ agg1: cover({ downstream: false }) })
    expect(plans(findingOf('agg1'), alone)).toEqual([undefined, undefined, undefined])
    expect(withPlannedWork({ ...findingOf('agg1'), impact }, alone).planned).toBeUndefined()
    expect(withPlannedWork(findingOf('agg1'), alone).planned).toBe('mw')
  })
})

describe('an incident and planned work', () => {
  const hit = findingOf('agg1', { impact: impactOf('down', 's-1'), onsetAt: 6_000 })

  it('is planned when it begins inside a window, and stays so until it is over', () => {
    const net = trackerBench()
    expect(net.step(10_000, [hit], [], [], onAgg1)).toEqual(['i-1 opened'])
    expect(net.get('i-1')).toMatchObject({ planned: 'mw', impact: [{ service: 's-1', planned: 'mw' }] })
    expect(net.step(20_000, [hit], [], [], onAgg1)).toEqual([])
    const good = [clearedAlarm('al-agg1', 30_000)]
    expect(net.step(50_000, [], good, [], onAgg1)).toEqual(['i-1 restored'])
    expect(net.step(110_000, [], good, [], nothing)).toEqual(['i-1 resolved'])
    expect(net.get('i-1')).toMatchObject({ planned: 'mw', state: 'resolved' })
  })

  it('is an ordinary incident from the end of its window on when it outlasts it', () => {
    const net = trackerBench()
    net.step(10_000, [hit], [], [], onAgg1)
    expect(net.step(100_000, [hit], [], [], nothing)).toEqual(['i-1 unplanned', 'i-1 changed'])
    expect(net.logs.get('i-1')?.[1]).toMatchObject({ type: 'unplanned', window: 'mw', reason: 'overrun' })
    expect(net.get('i-1')).not.toHaveProperty('planned')
    expect(net.get('i-1').impact).toEqual(impactOf('down', 's-1'))
    expect(net.step(101_000, [hit], [], [], nothing)).toEqual([])
    // Another window later does not make it planned again.
    expect(net.step(102_000, [hit], [], [], onAgg1)).toEqual(['i-1 changed'])
    expect(net.get('i-1')).not.toHaveProperty('planned')
  })

  it('is no planned one when it was there before the window', () => {
    const net = trackerBench()
    net.step(10_000, [hit], [], [], nothing)
    expect(net.step(20_000, [hit], [], [], onAgg1)).toEqual(['i-1 changed'])
    expect(net.get('i-1')).not.toHaveProperty('planned')
    // Found only now, and bad since before.
    const late = trackerBench()
    late.step(10_000, [{ ...hit, onsetAt: 4_999 }], [], [], onAgg1)
    expect(late.get('i-1')).not.toHaveProperty('planned')
    expect(late.get('i-1').impact[0]?.planned).toBe('mw')
  })

  it('is an ordinary one when it grows beyond what the window covers', () => {
    const net = trackerBench()
    net.step(10_000, [hit], [], [], onAgg1)
    const more = findingOf('core1', {
      shadowed: ['agg1'],
      impact: impactOf('down', 's-1', 's-2'),
      onsetAt: 6_000,
    })
    expect(net.step(20_000, [more], [], [], onAgg1)).toEqual(['i-1 unplanned', 'i-1 changed'])
    expect(net.logs.get('i-1')?.[1]).toMatchObject({ reason: 'beyond' })
    expect(net.get('i-1').impact).toEqual([
      { ...impactOf('down', 's-1')[0], planned: 'mw' },
      ...impactOf('down', 's-2'),
    ])
  })

  it('goes from one window to the next that follows at once', () => {
    const net = trackerBench()
    net.step(10_000, [hit], [], [], onAgg1)
    const next = cover({ window: 'mw2', start: 100_000, end: 200_000 })
    expect(net.step(100_000, [hit], [], [], work({ agg1: next, acc1: next, cpe1: next }))).toEqual([
      'i-1 changed',
    ])
    expect(net.get('i-1').planned).toBe('mw2')
    expect(net.step(200_000, [hit], [], [], nothing)).toEqual(['i-1 unplanned', 'i-1 changed'])
  })

  it('begins anew when it is opened again: planned if that is inside a window, and not if it is not', () => {
    const over = () => {
      const net = trackerBench()
      net.step(10_000, [hit], [], [], onAgg1)
      net.step(95_000, [], [clearedAlarm('al-agg1', 30_000)], [], onAgg1)
      expect(net.get('i-1').state).toBe('resolved')
      return net
    }
    const again = { ...hit, alarms: ['al-2'], onsetAt: 98_000 }
    const inside = over()
    expect(inside.step(99_000, [again], [], [], onAgg1)).toEqual(['i-1 relapsed'])
    expect(inside.get('i-1').planned).toBe('mw')
    const outside = over()
    expect(outside.step(101_000, [{ ...again, onsetAt: 100_500 }], [], [], nothing)).toEqual([
      'i-1 unplanned',
      'i-1 relapsed',
    ])
    expect(outside.get('i-1')).not.toHaveProperty('planned')
    expect(outside.get('i-1').impact).toEqual(impactOf('down', 's-1'))
  })

  it('keeps no mark of what was planned in its history once it was not', () => {
    const net = trackerBench()
    net.step(10_000, [hit], [], [], onAgg1)
    expect(net.get('i-1').impactHistory[0]?.planned).toBe('mw')
    net.step(100_000, [hit], [], [], nothing)
    expect(net.get('i-1').impactHistory).toEqual(impactOf('down', 's-1'))
  })
})

describe('marks of alarms', () => {
  const own = alarmOf('al-agg1')
  const others: readonly Alarm[] = [
    alarmOf('al-core1'),
    { ...alarmOf('al-sys'), resource: { kind: 'system', part: 'spool' }, type: 'spool-nearly-full' },
  ]
  const marksOf = (changes: readonly { readonly kind: string; readonly alarm: Alarm }[]) =>
    changes.map(({ kind, alarm }) => `${kind} ${alarm.id} ${alarm.maintenance ?? '-'}`)

  it('come with the window, and go with it, also on alarms that do not change', () => {
    const marks = createAlarmMarks([])
    const active = [own, ...others]
    const step = (kind: 'raised' | 'cleared' | undefined, covers: PlannedWork['covers']) => {
      const changes = marks.marked(kind ? [{ kind, alarm: own }] : [], active, covers)
      marks.saved(changes)
      return marksOf(changes)
    }
    expect(step('raised', nothing.covers)).toEqual(['raised al-agg1 -'])
    expect(step(undefined, onAgg1.covers)).toEqual(['kept al-agg1 mw'])
    expect(step(undefined, onAgg1.covers)).toEqual([])
    expect(step('raised', onAgg1.covers)).toEqual(['raised al-agg1 mw'])
    expect(step(undefined, nothing.covers)).toEqual(['kept al-agg1 -'])
    expect(step(undefined, nothing.covers)).toEqual([])
  })

  it('are offered again until they are on disk, and are known after a restart', () => {
    const marks = createAlarmMarks([{ ...own, maintenance: 'mw' }])
    expect(marksOf(marks.marked([], [own], nothing.covers))).toEqual(['kept al-agg1 -'])
    expect(marksOf(marks.marked([], [own], nothing.covers))).toEqual(['kept al-agg1 -'])
    expect(marks.marked([], [own], onAgg1.covers)).toEqual([])
  })

  it('stay on an alarm that is cleared inside its window', () => {
    const marks = createAlarmMarks([{ ...own, maintenance: 'mw' }])
    const changes = marks.marked([{ kind: 'cleared', alarm: clearedAlarm('al-agg1', 9) }], [], onAgg1.covers)
    marks.saved(changes)
    expect(marksOf(changes)).toEqual(['cleared al-agg1 mw'])
    expect(marks.marked([], [], nothing.covers)).toEqual([])
  })
})
