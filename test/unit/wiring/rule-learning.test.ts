import pino from 'pino'
import { describe, expect, it } from 'vitest'
import { createBaselines } from '../../../src/detect/baseline.ts'
import { createPortMemory } from '../../../src/detect/port-memory.ts'
import type { NetworkAlarm } from '../../../src/model/alarm.ts'
import type { BaselineSettings, Rule, StateRule, ValueRule } from '../../../src/model/rule.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import { createZone } from '../../../src/model/zone.ts'
import { FaultlineError } from '../../../src/platform/errors.ts'
import { createBaselineHistory } from '../../../src/wiring/baseline-history.ts'
import { createHistory } from '../../../src/wiring/rollup-history.ts'
import { startRuleLearning } from '../../../src/wiring/rule-learning.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const weekMs = 7 * dayMs
const now = Date.parse('2026-03-18T12:10:00Z')
const hour = Date.parse('2026-03-18T12:00:00Z')
const history: BaselineSettings = { side: 'rise', floor: 1, weeks: 4, minHistoryMs: 2 * weekMs, minHours: 2 }
const utc = createZone('UTC')
const log = pino({ enabled: false })

const rtt = (element: string, at: number, p50: number, p95 = p50) =>
  sampleOf('icmp_hour', { element, vantage: 'nms' }, { rtt_avg_ms_p50: p50, rtt_avg_ms_p95: p95 }, at)
const latencyOf = (element: string) =>
  ({ measurement: 'icmp', field: 'rtt_avg_ms', element, vantage: 'nms' }) as const

/** @param whole whether one answer may be about all elements */
function baselineBench(elements: readonly string[], whole = true) {
  const store = createMemoryStore()
  const baselines = createBaselines()
  const asked: string[] = []
  const watched: Pick<typeof store, 'columns'> = {
    columns: (query) => {
      asked.push(`${query.fields.join('+')} of ${query.tags.element ?? 'all'}`)
      if (!whole && query.tags.element === undefined)
        return Promise.reject(new FaultlineError('REQUEST_INVALID', 'too many points'))
      return store.columns(query)
    },
  }
  const learn = createBaselineHistory({
    baselines,
    history: createHistory(watched, new AbortController().signal),
    zoneOf: () => utc,
  })
  const found = elements.map((element) => baselines.of(latencyOf(element), history))
  return { store, baselines, learn, asked, found }
}

describe('what is usual', () => {
  it('is read from the same hour of the weeks before, of each series its own', async () => {
    const { store, learn, found } = baselineBench(['a', 'b', 'new'])
    for (const [week, ms] of [10, 12, 14].entries()) {
      const at = hour - (week + 1) * weekMs
      store.offer([
        rtt('a', at, ms),
        rtt('b', at, 5, 13),
        rtt('a', at - hourMs, 500),
        rtt('a', at + hourMs, 500),
      ])
    }
    store.offer([rtt('new', hour - weekMs, 10)])
    await learn(now)
    expect(found.map((one) => one.usualAt(now))).toEqual([
      { median: 12, spread: expect.closeTo(2.965, 3) },
      { median: 5, spread: expect.closeTo(8 / 1.645, 3) },
      undefined,
    ])
    expect(found[0]?.usualAt(hour + hourMs)).toBe(undefined)
  })

  it('is read once an hour, and for the next hour before it begins', async () => {
    const { store, learn, asked, found } = baselineBench(['a'])
    for (const week of [1, 2])
      store.offer([rtt('a', hour - week * weekMs, 10), rtt('a', hour + hourMs - week * weekMs, 20)])
    await learn(now)
    const once = asked.length
    await learn(now + 60_000)
    expect(asked).toHaveLength(once)
    await learn(hour + 45 * 60_000)
    expect(asked).toHaveLength(2 * once)
    expect([now, hour + hourMs].map((at) => found[0]?.usualAt(at)?.median)).toEqual([10, 20])
  })

  it('is asked for many elements at once, and for each where that would be too long an answer', async () => {
    const elements = Array.from({ length: 30 }, (_, index) => `e${index}`)
    const { store, learn, asked, found } = baselineBench(elements)
    for (const week of [1, 2]) store.offer(elements.map((id) => rtt(id, hour - week * weekMs, 10)))
    await learn(now)
    expect(new Set(asked)).toEqual(new Set(['rtt_avg_ms_p50+rtt_avg_ms_p95 of all']))
    expect(found.every((one) => one.usualAt(now)?.median === 10)).toBe(true)
    const many = baselineBench(elements, false)
    for (const week of [1, 2]) many.store.offer(elements.map((id) => rtt(id, hour - week * weekMs, 10)))
    await many.learn(now)
    expect(many.found.every((one) => one.usualAt(now)?.median === 10)).toBe(true)
  })

  it('is not known while the store is away, and is asked for again', async () => {
    const { store, learn, found } = baselineBench(['a'])
    for (const week of [1, 2]) store.offer([rtt('a', hour - week * weekMs, 10)])
    store.away(true)
    await expect(learn(now)).rejects.toThrow()
    expect(found[0]?.usualAt(now)).toBe(undefined)
    store.away(false)
    await learn(now)
    expect(found[0]?.usualAt(now)?.median).toBe(10)
  })
})

const busy: ValueRule = {
  id: 'busy',
  type: 'busy-hour-over-limit',
  indicator: 'busy-hour-utilisation',
  raise: 0.8,
  clear: 0.7,
  bands: [{ at: 0.8, severity: 'warning' }],
  samples: { bad: 3, of: 3, good: 2 },
}
const ports: StateRule = {
  id: 'ports',
  type: 'interface-down',
  indicator: 'interface-status',
  severity: 'major',
  ignoreUnused: true,
  samples: { bad: 1, of: 1, good: 1 },
}
const dayOf = (date: string, direction: 'in' | 'out', bps: number, element = 'a') =>
  sampleOf(
    'interface_peak_day',
    { element, interface: 'x', direction },
    { peak_mean_bps: bps, peak_max_bps: bps, speed_bps: 1000 },
    Date.parse(`${date}T00:00:00Z`),
  )

function learningBench(rules: readonly Rule[], standing: readonly NetworkAlarm[] = []) {
  const store = createMemoryStore()
  const clock = new ManualClock(now)
  const accepted: Sample[] = []
  const memory = createPortMemory(() => false)
  const snmp = { version: '2c', community: 'x', port: 161, acceptFrom: [] } as const
  const target = (element: string) =>
    [element, { element, address: '192.0.2.1', icmp: true, snmp, speedOverrides: {} }] as const
  const start = () =>
    startRuleLearning({
      rules,
      surroundings: { baselines: createBaselines(), ports: memory, zoneOf: () => utc },
      store,
      inventory: { targets: new Map([target('a'), target('b')]) },
      standing: () => standing,
      accept: (rows) => accepted.push(...rows),
      clock,
      log,
    })
  const told = () =>
    accepted.map(({ tags, at, fields }) =>
      [tags.element, new Date(at).toISOString().slice(5, 10), tags.direction, fields.peak_mean_bps].join(' '),
    )
  return { store, clock, memory, start, told }
}

describe('after a restart, rules about days', () => {
  it('are handed the days before, the fuller direction of each, and then the new ones', async () => {
    const { store, clock, start, told } = learningBench([busy])
    store.offer([dayOf('2026-03-16', 'in', 900), dayOf('2026-03-16', 'out', 100)])
    store.offer([
      dayOf('2026-03-15', 'in', 300),
      dayOf('2026-03-15', 'out', 800),
      dayOf('2026-02-15', 'in', 1),
    ])
    const learning = start()
    learning.peaks([dayOf('2026-03-17', 'in', 850), dayOf('2026-03-17', 'out', 860)])
    expect(told()).toEqual([])
    await clock.advance(15_000)
    expect(told()).toEqual(['a 03-15 out 800', 'a 03-16 in 900', 'a 03-17 out 860'])
    learning.peaks([dayOf('2026-03-18', 'in', 1)])
    expect(told().at(-1)).toBe('a 03-18 in 1')
    // Worked out again since samples came late.
    learning.peaks([dayOf('2026-03-17', 'in', 2)])
    expect(told()).toHaveLength(4)
    await learning.close()
  })

  it('wait for a store that is away', async () => {
    const { store, clock, start, told } = learningBench([busy])
    store.offer([dayOf('2026-03-16', 'in', 900)])
    store.away(true)
    const learning = start()
    await clock.advance(20_000)
    expect(told()).toEqual([])
    store.away(false)
    await clock.advance(20_000)
    expect(told()).toEqual(['a 03-16 in 900'])
    await learning.close()
  })

  it('are not handed the days before the first bad one of an alarm that stands', async () => {
    const alarm: NetworkAlarm = {
      id: 'alm',
      resource: { kind: 'interface', element: 'a', interface: 'x' },
      type: 'busy-hour-over-limit',
      severity: 'warning',
      eventType: 'qualityOfServiceAlarm',
      probableCause: 'resourceAtOrNearingCapacity',
      state: 'active',
      onsetAt: Date.parse('2026-03-15T00:00:00Z'),
      raisedAt: now,
      indeterminate: false,
      rule: 'busy',
      text: '',
    }
    const { store, clock, start, told } = learningBench([busy], [alarm])
    for (const date of ['2026-03-14', '2026-03-15', '2026-03-16'])
      store.offer([dayOf(date, 'in', 900), dayOf(date, 'in', 900, 'b')])
    const learning = start()
    await clock.advance(15_000)
    expect(told().map((line) => line.slice(0, 7))).toEqual([
      'a 03-15',
      'a 03-16',
      'b 03-14',
      'b 03-15',
      'b 03-16',
    ])
    await learning.close()
  })
})

describe('after a restart, ports', () => {
  it('that were up lately or carried anything within a month count as used', async () => {
    const { store, clock, memory, start } = learningBench([ports])
    const port = (name: string) => ({ element: 'a', interface: name })
    store.offer([
      sampleOf('interface', port('up'), { oper_up: 1 }, now - hourMs),
      sampleOf('interface', port('down'), { oper_up: 0 }, now - hourMs),
      sampleOf('interface_hour', port('sent'), { in_bps_max: 0, out_bps_max: 5 }, now - dayMs),
      sampleOf('interface_hour', port('still'), { in_bps_max: 0, out_bps_max: 0 }, now - dayMs),
      dayOf('2026-03-01', 'in', 5),
      dayOf('2026-01-01', 'in', 5, 'b'),
    ])
    const learning = start()
    await clock.advance(15_000)
    const used = (element: string, names: readonly string[]) =>
      names.filter((name) => memory.isUsed(element, name))
    expect(used('a', ['up', 'down', 'sent', 'still', 'x'])).toEqual(['up', 'sent', 'x'])
    expect(used('b', ['x'])).toEqual([])
    await learning.close()
  })
})
