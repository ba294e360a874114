import fc from 'fast-check'
import { pino } from 'pino'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { phaseOf, pollGrid } from '../../../src/collect/poll-grid.ts'
import type { Probe } from '../../../src/collect/probe.ts'
import { createScheduler, type ScheduledProbe } from '../../../src/collect/scheduler.ts'
import type { ProbeName, Reading } from '../../../src/model/reading.ts'
import type { Target } from '../../../src/model/target.ts'
import { createMetrics, type Metrics } from '../../../src/platform/metrics.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const start = Date.parse('2026-03-01T08:00:00Z')
let clock: ManualClock
let metrics: Metrics

beforeEach(() => {
  clock = new ManualClock(start)
  metrics = createMetrics()
})

const targetOf = (element: string): Target => ({
  element,
  address: '192.0.2.1',
  icmp: true,
  stamp: { port: 862, stateful: true },
  snmp: { version: '2c', community: 'lab', port: 161, acceptFrom: [] },
  speedOverrides: {},
})
const targetsOf = (...elements: string[]) =>
  new Map(elements.map((element) => [element, targetOf(element)] as const))
const many = (count: number, prefix = 'e') => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

interface FakeOptions {
  readonly name?: ProbeName
  readonly batched?: boolean
  /** How long an element takes to answer; Infinity waits for the abort and then gives no reading. */
  readonly takesMs?: (element: string) => number
  readonly dead?: (element: string) => boolean
}

/** A probe whose elements answer after the time that the test says. */
function fakeProbe({
  name = 'icmp',
  batched = true,
  takesMs = () => 10,
  dead = () => false,
}: FakeOptions = {}) {
  const calls: { readonly at: number; readonly elements: readonly string[] }[] = []
  let inFlight = 0
  let peak = 0
  const probe: Probe = {
    name,
    batched,
    engine: 'fake',
    async measure(targets, deliver, signal) {
      const at = clock.now()
      calls.push({ at, elements: targets.map(({ element }) => element) })
      peak = Math.max(peak, ++inFlight)
      await Promise.all(
        targets.map(async ({ element }) => {
          await clock.sleep(takesMs(element), signal)
          if (signal.aborted) return
          const outcome = dead(element) ? ('timeout' as const) : ('answered' as const)
          deliver({ element, probe: name, at, outcome, durationMs: clock.now() - at })
        }),
      )
      inFlight--
    },
    close: async () => {},
  }
  const timesOf = (element: string) =>
    calls.filter(({ elements }) => elements.includes(element)).map(({ at }) => at - start)
  return { probe, calls, timesOf, peak: () => peak }
}

function schedule(probes: readonly ScheduledProbe[], targets: () => ReadonlyMap<string, Target>) {
  const readings: Reading[] = []
  const errors: unknown[] = []
  const log = pino({ level: 'error' }, { write: (line) => errors.push(JSON.parse(line)) })
  const deliver = vi.fn((reading: Reading) => void readings.push(reading))
  const scheduler = createScheduler({ probes, targets, deliver, clock, log, metrics })
  onTestFinished(() => scheduler.stop())
  return { scheduler, readings, errors, deliver }
}
const countOf = async (metric: 'polls' | 'pollOverruns', labels: Record<string, string>) =>
  (await metrics[metric].get()).values.find((value) =>
    Object.entries(labels).every(([label, text]) =>
      Object.entries(value.labels).some(([k, v]) => k === label && v === text),
    ),
  )?.value ?? 0

describe('the phase of an element', () => {
  it('is always the same, within the interval', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 600 }), (element, slots) => {
        const phase = phaseOf(element, slots)
        expect(phase).toBe(phaseOf(element, slots))
        expect(phase >= 0 && phase < slots && Number.isInteger(phase)).toBe(true)
      }),
    )
  })

  it.for([10, 600])('is spread evenly over %i slots', (slots) => {
    const counts = new Map<number, number>()
    for (const element of many(slots * 200, 'router-')) {
      const phase = phaseOf(element, slots)
      counts.set(phase, (counts.get(phase) ?? 0) + 1)
    }
    expect(counts.size).toBe(slots)
    expect(Math.max(...counts.values())).toBeLessThan(300)
    expect(Math.min(...counts.values())).toBeGreaterThan(100)
  })

  it.for([
    [10_000, true, { slots: 10, slotMs: 1_000 }],
    [60_000, false, { slots: 600, slotMs: 100 }],
    [250, true, { slots: 2, slotMs: 125 }],
    [50, true, { slots: 1, slotMs: 50 }],
  ] as const)('is one of the slots of an interval of %i ms (batched: %s)', ([intervalMs, batched, grid]) => {
    expect(pollGrid(intervalMs, batched)).toEqual(grid)
  })
})

describe('the scheduler', () => {
  it('polls every element once an interval, at its own phase', async () => {
    const { probe, calls, timesOf } = fakeProbe()
    const elements = many(100)
    const { scheduler } = schedule([{ probe, intervalMs: 10_000 }], () => targetsOf(...elements))
    scheduler.start()
    await clock.advance(30_000)
    for (const element of elements) {
      const phaseMs = phaseOf(element, 10) * 1_000 || 10_000
      expect(timesOf(element)).toEqual([phaseMs, phaseMs + 10_000, phaseMs + 20_000])
    }
    expect(calls).toHaveLength(30)
  })

  it('keeps the rate when polls take long and it is woken late', async () => {
    const sleep = clock.sleep.bind(clock)
    vi.spyOn(clock, 'sleep').mockImplementation((ms, signal) => sleep(ms + 30, signal))
    const { probe, timesOf } = fakeProbe({ takesMs: () => 800 })
    const { scheduler } = schedule([{ probe, intervalMs: 1_000 }], () => targetsOf('e1'))
    scheduler.start()
    await clock.advance(20_000)
    const times = timesOf('e1')
    expect(times).toHaveLength(20)
    const phaseMs = phaseOf('e1', 10) * 100
    for (const at of times) expect((at - phaseMs + 1_000) % 1_000).toBeLessThanOrEqual(30)
  })

  it('skips the slot of a poll that is still running, and counts it against the element', async () => {
    const takesMs = (element: string) => (element === 'slow' ? 2_500 : 10)
    const { probe, timesOf } = fakeProbe({ takesMs })
    const { scheduler } = schedule([{ probe, intervalMs: 1_000, deadlineMs: 9_000 }], () =>
      targetsOf('slow', 'quick'),
    )
    scheduler.start()
    await clock.advance(9_000)
    expect(timesOf('quick')).toHaveLength(9)
    const times = timesOf('slow')
    expect(times.map((at) => at - (times[0] ?? 0))).toEqual([0, 3_000, 6_000])
    expect(scheduler.overruns()).toEqual([{ element: 'slow', probe: 'icmp', skipped: 6 }])
    expect(await countOf('pollOverruns', { probe: 'icmp' })).toBe(6)
  })

  it('names the worst first, and no more than are asked for', async () => {
    const takesMs = (element: string) => ({ bad: 1_500, worse: 3_500, fine: 10 })[element] ?? 0
    const { probe } = fakeProbe({ takesMs })
    const { scheduler } = schedule([{ probe, intervalMs: 1_000, deadlineMs: 9_000 }], () =>
      targetsOf('bad', 'fine', 'worse'),
    )
    scheduler.start()
    await clock.advance(20_000)
    expect(scheduler.overruns().map(({ element }) => element)).toEqual(['worse', 'bad'])
    expect(scheduler.overruns(1).map(({ element }) => element)).toEqual(['worse'])
  })

  it('piles nothing up behind an element that never answers', async () => {
    const takesMs = (element: string) => (element === 'hung' ? Number.POSITIVE_INFINITY : 10)
    const { probe, timesOf, peak } = fakeProbe({ name: 'snmp', batched: false, takesMs })
    const { scheduler, readings } = schedule([{ probe, intervalMs: 1_000, deadlineMs: 5_500 }], () =>
      targetsOf('hung', 'fine'),
    )
    scheduler.start()
    await clock.advance(60_000)
    expect(peak()).toBeLessThanOrEqual(2)
    expect(timesOf('fine')).toHaveLength(60)
    expect(timesOf('hung')).toHaveLength(10)
    const ofHung = readings.filter(({ element }) => element === 'hung')
    expect(ofHung.length).toBeGreaterThanOrEqual(9)
    for (const reading of ofHung)
      expect(reading).toMatchObject({
        outcome: 'timeout',
        problem: 'no result within 5500 ms',
        durationMs: 5_500,
      })
  })

  it('does not call silent those of a batch that overran', async () => {
    const { probe } = fakeProbe({ takesMs: () => Number.POSITIVE_INFINITY })
    const { scheduler, readings } = schedule([{ probe, intervalMs: 1_000 }], () => targetsOf('e1'))
    scheduler.start()
    await clock.advance(4_000)
    expect(readings[0]).toMatchObject({ element: 'e1', outcome: 'notSent' })
  })

  it('gives up a probe that does not obey an abort, and drops what it says later', async () => {
    const late = Promise.withResolvers<(reading: Reading) => void>()
    const deaf: Probe = {
      ...fakeProbe({ name: 'snmp', batched: false }).probe,
      measure: (_targets, deliver) => {
        late.resolve(deliver)
        return new Promise(() => {})
      },
    }
    const { scheduler, readings } = schedule([{ probe: deaf, intervalMs: 1_000 }], () => targetsOf('e1'))
    const polling = scheduler.pollNow(['e1'])
    await clock.advance(3_000)
    expect(await polling).toMatchObject([{ outcome: 'timeout' }])
    const deliver = await late.promise
    deliver({ element: 'e1', probe: 'snmp', at: start, outcome: 'answered', durationMs: 1 })
    expect(readings).toHaveLength(1)
  })

  it('lets no dead element delay a living one', async () => {
    const dead = (element: string) => element.startsWith('dead')
    const takesMs = (element: string) => (dead(element) ? 8_000 : 50)
    const { probe, timesOf } = fakeProbe({ name: 'snmp', batched: false, dead, takesMs })
    const living = many(200, 'live')
    const scheduled = { probe, intervalMs: 10_000, maxInFlight: 16 }
    const { scheduler } = schedule([scheduled], () => targetsOf(...living, ...many(30, 'dead')))
    scheduler.start()
    await clock.advance(40_000)
    // 30 dead ones hold 24 places at any time, more than 16; the living keep their exact times all the same.
    for (const element of living) {
      const phaseMs = phaseOf(element, 100) * 100 || 10_000
      expect(timesOf(element)).toEqual([0, 1, 2, 3].map((round) => phaseMs + round * 10_000))
    }
    for (const element of many(30, 'dead')) expect(timesOf(element)).toHaveLength(4)
  })

  it('lets nobody wait for those that were silent last time, also at the same phase', async () => {
    const phaseMs = phaseOf('live', 100) * 100
    const silent = many(5_000, 'dead').filter((one) => phaseOf(one, 100) * 100 === phaseMs)
    const dead = (element: string) => element !== 'live'
    const takesMs = (element: string) => (dead(element) ? 8_000 : 50)
    const { probe, timesOf } = fakeProbe({ name: 'snmp', batched: false, dead, takesMs })
    const scheduled = { probe, intervalMs: 10_000, maxInFlight: 15 }
    const { scheduler } = schedule([scheduled], () => targetsOf(...silent.slice(0, 40), 'live'))
    scheduler.start()
    await clock.advance(40_000)
    expect(timesOf('live').slice(-3)).toEqual([1, 2, 3].map((round) => phaseMs + round * 10_000))
  })

  it('takes turns when it cannot keep up with the living either', async () => {
    const { probe, timesOf, peak } = fakeProbe({ name: 'snmp', batched: false, takesMs: () => 900 })
    const elements = many(200)
    const scheduled = { probe, intervalMs: 10_000, maxInFlight: 5 }
    const { scheduler } = schedule([scheduled], () => targetsOf(...elements))
    scheduler.start()
    await clock.advance(200_000)
    expect(peak()).toBe(5)
    const counts = elements.map((element) => timesOf(element).length)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2)
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(4)
  })

  it('bounds the polls in flight when everything is dead, and takes turns', async () => {
    const { probe, timesOf, peak } = fakeProbe({
      name: 'snmp',
      batched: false,
      dead: () => true,
      takesMs: () => 4_000,
    })
    const elements = many(300)
    const scheduled = { probe, intervalMs: 10_000, maxInFlight: 10 }
    const { scheduler } = schedule([scheduled], () => targetsOf(...elements))
    scheduler.start()
    await clock.advance(120_000)
    expect(peak()).toBeLessThanOrEqual(50)
    const counts = elements.map((element) => timesOf(element).length)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2)
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(3)
  })

  it('takes targets from a reload with the next slot', async () => {
    const { probe, timesOf } = fakeProbe()
    let targets = targetsOf('old')
    const { scheduler } = schedule([{ probe, intervalMs: 1_000 }], () => targets)
    scheduler.start()
    await clock.advance(3_000)
    targets = targetsOf('new')
    await clock.advance(3_000)
    expect(timesOf('old')).toHaveLength(3)
    expect(timesOf('new')).toHaveLength(3)
  })

  it('polls each element by the probes that it has', async () => {
    const [icmp, snmp] = [fakeProbe(), fakeProbe({ name: 'snmp', batched: false })]
    const { snmp: _snmp, ...passive } = targetOf('passive')
    const targets = new Map([
      ['passive', passive],
      ['full', targetOf('full')],
    ])
    const { scheduler } = schedule(
      [
        { probe: icmp.probe, intervalMs: 1_000 },
        { probe: snmp.probe, intervalMs: 2_000 },
      ],
      () => targets,
    )
    scheduler.start()
    await clock.advance(4_000)
    expect([icmp.timesOf('passive'), icmp.timesOf('full')].map((times) => times.length)).toEqual([4, 4])
    expect([snmp.timesOf('passive'), snmp.timesOf('full')].map((times) => times.length)).toEqual([0, 2])
  })

  it('goes on after a probe that throws, logs that once, and says that nothing is known', async () => {
    const broken: Probe = {
      ...fakeProbe().probe,
      measure: async () => {
        throw new Error('bug')
      },
    }
    const { scheduler, readings, errors } = schedule([{ probe: broken, intervalMs: 1_000 }], () =>
      targetsOf('e1'),
    )
    scheduler.start()
    await clock.advance(5_000)
    expect(readings).toHaveLength(5)
    expect(readings[4]).toMatchObject({ outcome: 'notSent', problem: 'bug' })
    expect(errors).toHaveLength(1)
    expect(await countOf('polls', { probe: 'icmp', outcome: 'failed' })).toBe(5)
  })

  it('goes on when a reading cannot be handled', async () => {
    const { probe, timesOf } = fakeProbe()
    const { scheduler, errors, deliver } = schedule([{ probe, intervalMs: 1_000 }], () => targetsOf('e1'))
    deliver.mockImplementation(() => {
      throw new Error('no')
    })
    scheduler.start()
    await clock.advance(3_000)
    expect(timesOf('e1')).toHaveLength(3)
    expect(errors[0]).toMatchObject({ element: 'e1', msg: 'reading could not be handled' })
  })

  it('counts polls and their time', async () => {
    const { probe } = fakeProbe({ dead: (element) => element === 'e2' })
    const { scheduler } = schedule([{ probe, intervalMs: 1_000 }], () => targetsOf('e1', 'e2'))
    await Promise.all([scheduler.pollNow(['e1', 'e2']), clock.advance(100)])
    expect(await countOf('polls', { probe: 'icmp', outcome: 'answered' })).toBe(1)
    expect(await countOf('polls', { probe: 'icmp', outcome: 'timeout' })).toBe(1)
    const text = await metrics.registry.metrics()
    expect(text).toContain('faultline_poll_duration_seconds_count{probe="icmp"} 2')
    expect(text).toContain('faultline_poll_duration_seconds_sum{probe="icmp"} 0.02')
    expect(text).toContain('faultline_polls_total{probe="icmp",outcome="answered"} 1')
  })

  it('makes up for slots missed while the process stood still, once for each element', async () => {
    const { probe, timesOf } = fakeProbe()
    const elements = many(50)
    const { scheduler } = schedule([{ probe, intervalMs: 10_000 }], () => targetsOf(...elements))
    scheduler.start()
    await clock.advance(10_000)
    const sleeping = clock.now.bind(clock)
    // The next time that anyone looks, ten minutes have gone.
    vi.spyOn(clock, 'now').mockImplementation(() => sleeping() + 600_000)
    await clock.advance(1_000)
    for (const element of elements) expect(timesOf(element).filter((at) => at > 600_000)).toHaveLength(1)
  })

  it('goes on at once when the clock is set back', async () => {
    const { probe, calls } = fakeProbe()
    const { scheduler } = schedule([{ probe, intervalMs: 1_000 }], () => targetsOf('e1'))
    scheduler.start()
    await clock.advance(3_000)
    const before = calls.length
    const now = clock.now.bind(clock)
    vi.spyOn(clock, 'now').mockImplementation(() => now() - 3_600_000)
    await clock.advance(3_000)
    expect(calls.length - before).toBeGreaterThanOrEqual(2)
  })
})

describe('polling now', () => {
  it('resolves with the readings, which are delivered as all others', async () => {
    const { probe } = fakeProbe()
    const { scheduler, readings } = schedule([{ probe, intervalMs: 60_000 }], () =>
      targetsOf('e1', 'e2', 'e3'),
    )
    const polling = scheduler.pollNow(['e1', 'e2', 'e2', 'nobody'])
    await clock.advance(100)
    expect((await polling).map(({ element }) => element)).toEqual(['e1', 'e2'])
    expect(readings).toEqual(await polling)
  })

  it('asks many in the same batches as by their slots, all at once', async () => {
    const { probe, calls } = fakeProbe()
    const elements = many(500)
    const { scheduler } = schedule([{ probe, intervalMs: 10_000 }], () => targetsOf(...elements))
    const [readings] = await Promise.all([scheduler.pollNow(elements), clock.advance(10)])
    expect(readings).toHaveLength(500)
    expect(calls).toHaveLength(10)
    expect(Math.max(...calls.map((call) => call.elements.length))).toBeLessThan(100)
  })

  it('joins a poll that is running', async () => {
    const { probe, calls } = fakeProbe({ takesMs: () => 500 })
    const { scheduler } = schedule([{ probe, intervalMs: 60_000 }], () => targetsOf('e1'))
    const first = scheduler.pollNow(['e1'])
    await clock.advance(400)
    const second = scheduler.pollNow(['e1'])
    await clock.advance(100)
    expect(await second).toEqual(await first)
    expect(calls).toHaveLength(1)
  })

  it('asks only by the probes that were named', async () => {
    const [icmp, stamp] = [fakeProbe(), fakeProbe({ name: 'stamp' })]
    const probes = [icmp, stamp].map(({ probe }) => ({ probe, intervalMs: 60_000 }))
    const { scheduler } = schedule(probes, () => targetsOf('e1'))
    await Promise.all([scheduler.pollNow(['e1'], ['stamp']), clock.advance(100)])
    expect([icmp.calls.length, stamp.calls.length]).toEqual([0, 1])
  })

  it('cuts the line of those that wait, also for one that waits already', async () => {
    const { probe, calls } = fakeProbe({ name: 'snmp', batched: false, takesMs: () => 1_000 })
    const elements = many(40)
    const scheduled = { probe, intervalMs: 100, maxInFlight: 5, deadlineMs: 60_000 }
    const { scheduler } = schedule([scheduled], () => targetsOf(...elements, 'new'))
    scheduler.start()
    await clock.advance(100)
    expect(calls.map(({ elements: [element] }) => element)).toEqual(elements.slice(0, 5))
    const polling = scheduler.pollNow(['e39'])
    expect(calls.at(-1)?.elements).toEqual(['e39'])
    await clock.advance(1_000)
    expect(await polling).toMatchObject([{ element: 'e39', at: start + 100 }])
  })

  it('cuts the line for one that does not wait yet', async () => {
    const { probe, calls } = fakeProbe({ name: 'snmp', batched: false, takesMs: () => 900 })
    const elements = many(100)
    const scheduled = { probe, intervalMs: 1_000, maxInFlight: 5, deadlineMs: 60_000 }
    let targets = targetsOf(...elements)
    const { scheduler } = schedule([scheduled], () => targets)
    scheduler.start()
    await clock.advance(3_000)
    targets = targetsOf(...elements, 'new')
    const polling = scheduler.pollNow(['new'])
    expect(calls.at(-1)).toEqual({ at: start + 3_000, elements: ['new'] })
    await clock.advance(1_000)
    expect(await polling).toMatchObject([{ element: 'new', at: start + 3_000 }])
  })

  it('is no overrun of the element', async () => {
    const { probe } = fakeProbe({ takesMs: () => 1_500 })
    const { scheduler } = schedule([{ probe, intervalMs: 1_000 }], () => targetsOf('e1'))
    scheduler.start()
    void scheduler.pollNow(['e1'])
    await clock.advance(1_200)
    expect(scheduler.overruns()).toEqual([])
  })

  it('resolves with what has come when the one who asked gives up', async () => {
    const { probe } = fakeProbe({ takesMs: (element) => (element === 'slow' ? 5_000 : 10) })
    const { scheduler, readings } = schedule([{ probe, intervalMs: 60_000 }], () =>
      targetsOf('slow', 'quick'),
    )
    const patience = new AbortController()
    const polling = scheduler.pollNow(['slow', 'quick'], undefined, patience.signal)
    await clock.advance(100)
    patience.abort()
    expect((await polling).map(({ element }) => element)).toEqual(['quick'])
    await clock.advance(5_000)
    expect(readings.map(({ element }) => element)).toEqual(['quick', 'slow'])
  })
})

describe('stopping the scheduler', () => {
  it('aborts what is running, waits for its end, and tells nothing more', async () => {
    const { probe, calls } = fakeProbe({
      name: 'snmp',
      batched: false,
      takesMs: () => Number.POSITIVE_INFINITY,
    })
    const scheduled = { probe, intervalMs: 1_000, maxInFlight: 2 }
    const { scheduler, readings } = schedule([scheduled], () => targetsOf(...many(10)))
    scheduler.start()
    await clock.advance(1_000)
    const asked = scheduler.pollNow(['e1', 'e9'])
    const began = calls.length
    await scheduler.stop()
    expect(await asked).toEqual([])
    expect(await scheduler.pollNow(['e1'])).toEqual([])
    await clock.advance(10_000)
    expect(readings).toEqual([])
    expect(calls).toHaveLength(began)
    await scheduler.stop()
  })

  it('takes no reading that a probe makes of being stopped', async () => {
    const { probe } = fakeProbe()
    const hasty: Probe = {
      ...probe,
      async measure(targets, deliver, signal) {
        await clock.sleep(9_999, signal)
        for (const { element } of targets)
          deliver({ element, probe: 'icmp', at: start, outcome: 'timeout', durationMs: 1 })
      },
    }
    const { scheduler, readings } = schedule([{ probe: hasty, intervalMs: 1_000 }], () => targetsOf('e1'))
    scheduler.start()
    await clock.advance(1_000)
    await scheduler.stop()
    expect(readings).toEqual([])
  })
})
