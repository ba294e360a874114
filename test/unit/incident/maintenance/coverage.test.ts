import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coverage, downstreamOf } from '../../../../src/incident/maintenance/coverage.ts'
import { coveredIntervals } from '../../../../src/incident/maintenance/covered-intervals.ts'
import { coveredIn, foldWindow } from '../../../../src/incident/maintenance/fold-window.ts'
import { createMaintenanceBook } from '../../../../src/incident/maintenance/maintenance-book.ts'
import { linkBetween } from '../../../../src/model/link.ts'
import type {
  MaintenanceWindow,
  WindowEvent,
  WindowEventBody,
} from '../../../../src/model/maintenance-window.ts'
import { buildTopology, type Topology } from '../../../../src/model/topology.ts'
import { every, windowOf } from '../../../support/window-of.ts'

const hour = 3_600_000
const day = 24 * hour

const graph = (gateways: readonly string[], ...pairs: readonly string[]): Topology => {
  const links = pairs.map((pair) => {
    const [a = '', b = ''] = pair.split('-')
    return linkBetween({ element: a }, { element: b }, 'declared')
  })
  const elements = new Set(links.flatMap(({ a, b }) => [a.element, b.element]))
  return buildTopology('nms', gateways, elements, links)
}

/** core ── agg1, agg2; acc1 hangs on agg1, acc2 on both, acc3 on acc2; lone has no known link to anything but cpe. */
const network = graph(
  ['core'],
  ...['nms-core', 'core-agg1', 'core-agg2', 'agg1-acc1', 'agg1-acc2', 'agg2-acc2', 'acc2-acc3', 'lone-cpe'],
)
const now = 11 * hour
const covered = (...windows: readonly MaintenanceWindow[]) =>
  Object.fromEntries([...coverage(windows, network, now)].map(([element, { window }]) => [element, window]))

describe('what a window covers', () => {
  it('is its elements, and those that have no other way to a gateway', () => {
    expect(covered(windowOf('w'))).toEqual({ agg1: 'w', acc1: 'w' })
    expect(covered(windowOf('w', { elements: ['agg1', 'agg2'] }))).toEqual({
      ...{ agg1: 'w', agg2: 'w', acc1: 'w', acc2: 'w', acc3: 'w' },
    })
    expect(Object.keys(covered(windowOf('w', { elements: ['core'] }))).sort()).toEqual(
      ['acc1', 'acc2', 'acc3', 'agg1', 'agg2', 'core', 'nms'].sort(),
    )
  })

  it('is its elements alone when it says so', () => {
    expect(covered(windowOf('w', { includeDownstream: false }))).toEqual({ agg1: 'w' })
  })

  it('is nothing before it begins, after it ends, or when it was cancelled', () => {
    for (const at of [10 * hour - 1, 14 * hour]) expect(coverage([windowOf('w')], network, at).size).toBe(0)
    expect(covered(windowOf('w', { cancelledAt: 10 * hour + 1 }))).toEqual({})
    expect(coverage([windowOf('w')], network, 10 * hour).get('agg1')).toEqual({
      ...{ window: 'w', downstream: true, start: 10 * hour, end: 14 * hour },
    })
  })

  it('leaves out what is not in the network, and what hangs on nothing that is known', () => {
    expect(covered(windowOf('w', { elements: ['gone', 'lone'] }))).toEqual({ lone: 'w' })
  })

  it('is told by the window that ends last, and where two take the last way together by the first to end', () => {
    const short = windowOf('short', { durationMs: 2 * hour })
    const long = windowOf('long', { durationMs: 3 * hour })
    expect(covered(short, long)).toEqual({ agg1: 'long', acc1: 'long' })
    const other = windowOf('other', { elements: ['agg2'] })
    expect(covered(short, other)).toEqual({
      ...{ agg1: 'short', acc1: 'short', agg2: 'other', acc2: 'short', acc3: 'short' },
    })
  })

  it('does not depend on the order of windows, and every way to what it covers leads through it', () => {
    const ids = ['core', 'a', 'b', 'c', 'd', 'e', 'f']
    const pair = fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)).map((ends) => ends.join('-'))
    fc.assert(
      fc.property(
        fc.uniqueArray(pair, { minLength: 3, maxLength: 14 }),
        fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1, maxLength: 3 }),
        (pairs, elements) => {
          const topology = graph(['core'], 'nms-core', ...pairs)
          const below = downstreamOf(new Set(elements), topology)
          for (const element of below) {
            expect(elements).not.toContain(element)
            expect(pathWithout(topology, element, new Set())).toBe(true)
          }
          for (const element of topology.elements) {
            const cutOff =
              pathWithout(topology, element, new Set()) && !pathWithout(topology, element, new Set(elements))
            expect(below.has(element) || elements.includes(element)).toBe(
              cutOff || elements.includes(element),
            )
          }
          const windows = elements.map((element, index) => windowOf(`w${index}`, { elements: [element] }))
          const one = coverage(windows, topology, now)
          const other = coverage(windows.toReversed(), topology, now)
          expect(new Map([...other].sort())).toEqual(new Map([...one].sort()))
        },
      ),
    )
  })
})

/** Whether the gateway can be reached, looked for from the other side. */
function pathWithout(
  topology: Topology,
  from: string,
  without: ReadonlySet<string>,
  seen = new Set<string>(),
): boolean {
  if (without.has(from) || seen.has(from)) return false
  seen.add(from)
  return (
    topology.gateways.includes(from) ||
    topology.adjacent(from).some(({ neighbour }) => pathWithout(topology, neighbour, without, seen))
  )
}

describe('what an occurrence was found to cover', () => {
  const event = (sequence: number, body: WindowEventBody): WindowEvent => ({
    ...body,
    window: 'w',
    sequence,
    at: sequence,
    actor: 'system',
  })
  const {
    id: _id,
    moved: _moved,
    createdBy: _by,
    createdAt: _at,
    version: _v,
    updatedAt: _u,
    ...plan
  } = windowOf('w')
  const log = [
    event(1, { type: 'planned', plan }),
    event(2, { type: 'covers', start: 10 * hour, elements: ['agg1', 'acc1'] }),
    event(3, { type: 'covers', start: 10 * hour, elements: ['acc9'] }),
  ]
  const seen = foldWindow(log)
  /** After a restart nobody knows yet what hangs where. */
  const bare = graph(['core'], 'nms-core', 'agg1-x', 'acc1-x', 'acc9-x')

  it('stays covered until it ends, whatever the topology says', () => {
    expect([...coverage([seen], bare, now).keys()].toSorted()).toEqual(['acc1', 'acc9', 'agg1'])
    expect([...coverage([seen], network, now).keys()].toSorted()).toEqual(['acc1', 'acc9', 'agg1'])
    expect(coverage([seen], bare, 14 * hour).size).toBe(0)
  })

  it('is not what the next occurrence covers', () => {
    const next = foldWindow([...log, event(4, { type: 'covers', start: 34 * hour, elements: ['agg1'] })])
    expect(next.covers).toEqual({ start: 34 * hour, elements: ['agg1'] })
    const recurring = { ...seen, ...every('FREQ=DAILY') }
    expect([...coverage([recurring], bare, now + day).keys()]).toEqual(['agg1'])
  })

  it('is told once, and again when it is more', () => {
    const book = createMaintenanceBook([windowOf('w')])
    expect(book.news(network, 9 * hour)).toEqual([])
    const [first] = book.news(network, now)
    expect(first).toEqual({ window: 'w', start: 10 * hour, elements: ['agg1', 'acc1'] })
    expect(book.news(network, now + 1)).toHaveLength(1)
    book.put({ ...windowOf('w'), covers: { start: 10 * hour, elements: ['agg1', 'acc1'] } })
    expect(book.news(network, now + 2)).toEqual([])
    expect(book.news(graph(['core'], 'core-agg1', 'agg1-acc1', 'agg1-new'), now + 3)).toEqual([
      { window: 'w', start: 10 * hour, elements: ['new'] },
    ])
    expect(book.news(network, 14 * hour)).toEqual([])
  })

  it('is what clocks leave out, also when the network has changed since', () => {
    const remembered = new Map([['w', coveredIn(log)]])
    const covered = (element: string) => coveredIntervals([seen], network, [element], 0, day, remembered)
    expect(covered('acc9')).toEqual([{ start: 10 * hour, end: 14 * hour }])
    expect(covered('acc1')).toEqual([{ start: 10 * hour, end: 14 * hour }])
    // It was moved behind agg1 afterwards.
    const now1 = graph(['core'], 'core-agg1', 'agg1-acc1', 'agg1-acc9', 'agg1-later')
    expect(coveredIntervals([seen], now1, ['later'], 0, day, remembered)).toEqual([])
    expect(coveredIntervals([windowOf('w')], now1, ['later'], 0, day)).toHaveLength(1)
  })
})

describe('the time that clocks leave out', () => {
  const nightly = windowOf('night', {
    start: 1 * hour,
    durationMs: 2 * hour,
    timeZone: 'UTC',
    ...every('FREQ=DAILY'),
  })

  it('is that of each occurrence, cut to the span', () => {
    expect(coveredIntervals([nightly], network, ['acc1'], 2 * hour, day + 2 * hour)).toEqual([
      { start: 2 * hour, end: 3 * hour },
      { start: day + hour, end: day + 2 * hour },
    ])
    expect(coveredIntervals([nightly], network, ['acc2'], 0, 5 * day)).toEqual([])
  })

  it('joins windows that touch, overlap, or only together cover it', () => {
    const next = windowOf('next', { start: 3 * hour, durationMs: hour, elements: ['acc1'] })
    const other = windowOf('other', { start: 2 * hour, durationMs: 4 * hour, elements: ['agg2'] })
    expect(coveredIntervals([nightly, next, other], network, ['acc1'], 0, day)).toEqual([
      { start: hour, end: 4 * hour },
    ])
    expect(coveredIntervals([nightly, next, other], network, ['acc2'], 0, day)).toEqual([
      { start: 2 * hour, end: 3 * hour },
    ])
    expect(coveredIntervals([nightly, other], network, ['acc2', 'agg2'], 0, day)).toEqual([
      { start: 2 * hour, end: 6 * hour },
    ])
  })

  it('is the same whatever the pieces that it is asked in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 72 }), fc.integer({ min: 0, max: 72 }), (one, other) => {
        const [from, to] = [Math.min(one, other) * hour, Math.max(one, other) * hour]
        const length = (list: readonly { start: number; end: number }[]) =>
          list.reduce((sum, { start, end }) => sum + end - start, 0)
        const whole = coveredIntervals([nightly], network, ['acc1'], 0, 72 * hour)
        const parts = [0, from, to, 72 * hour]
          .slice(0, -1)
          .map((start, index) => [start, [from, to, 72 * hour][index] ?? start] as const)
          .flatMap(([start, end]) => coveredIntervals([nightly], network, ['acc1'], start, end))
        expect(length(parts)).toBe(length(whole))
      }),
    )
  })
})

describe('the book of windows', () => {
  it('knows at each moment what the windows themselves say, whatever is put and whenever it is asked', () => {
    const recurring = windowOf('r', {
      start: 1 * hour,
      durationMs: hour,
      timeZone: 'UTC',
      elements: ['agg2'],
      ...every('FREQ=DAILY'),
    })
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 24 * 4 * 10 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 0, max: 30 }),
        (times, when) => {
          const all = new Map([windowOf('w'), recurring].map((window) => [window.id, window]))
          const book = createMaintenanceBook([...all.values()])
          for (const [index, quarter] of times.entries()) {
            const at = quarter * (hour / 4)
            if (index === when) {
              const shorter = { ...windowOf('w'), moved: [{ start: 10 * hour, end: 12 * hour }] }
              all.set('w', shorter)
              book.put(shorter)
            }
            const kept = new Set(book.windows().map(({ id }) => id))
            // What was over a day ago is forgotten; time does not go back by days.
            if (!kept.has('w')) continue
            expect(book.coverage(network, at)).toEqual(coverage([...all.values()], network, at))
          }
        },
      ),
    )
  })

  it('tells once what began and what ended', () => {
    const book = createMaintenanceBook([windowOf('w')])
    const told = (at: number) => book.turns(at).map(({ window, change }) => `${window} ${change}`)
    expect([9, 10, 11, 14, 15].map((at) => told(at * hour))).toEqual([[], ['w began'], [], ['w ended'], []])
    const late = createMaintenanceBook([windowOf('w')])
    expect(late.turns(11 * hour)).toEqual([])
  })

  it('forgets what is long over', () => {
    const book = createMaintenanceBook([windowOf('w'), windowOf('r', every('FREQ=DAILY'))])
    book.coverage(network, 14 * hour + day)
    expect(book.windows().map(({ id }) => id)).toEqual(['r'])
  })

  it('answers for a thousand windows at once, and soon after that in no time', () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      windowOf(`w${index}`, { start: (index % 24) * hour, ...every('FREQ=WEEKLY;BYDAY=TH') }),
    )
    const began = performance.now()
    const book = createMaintenanceBook(many)
    book.coverage(network, 400 * day)
    const first = performance.now() - began
    const again = performance.now()
    for (let second = 1; second <= 100; second++) book.coverage(network, 400 * day + second * 1_000)
    console.log(
      `1000 windows: ${first.toFixed(0)} ms, then ${((performance.now() - again) / 100).toFixed(2)} ms a step`,
    )
    expect(first).toBeLessThan(5_000)
    expect((performance.now() - again) / 100).toBeLessThan(20)
  })
})
