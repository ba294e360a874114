import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { correlate } from '../../src/correlate/correlate.ts'
import { createDetector } from '../../src/detect/detector.ts'
import { usualFlapping } from '../../src/detect/flapping.ts'
import { createAlarmStore } from '../../src/incident/alarm-store.ts'
import { createIncidentStore } from '../../src/incident/incident-store.ts'
import { createLiveNetwork } from '../../src/inventory/live-network.ts'
import { rootText } from '../../src/model/incident.ts'
import type { Inventory } from '../../src/model/inventory.ts'
import { createLedger } from '../../src/notify/ledger.ts'
import { createPipeline, type Outcome, type Stages } from '../../src/pipeline.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { openMaintenance } from '../../src/wiring/maintenance.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { smallInventory } from '../support/small-network.ts'
import { pollIntervalMs, shippedRules } from './detect/detector-bench.ts'

const alarms = createAlarmStore()
const incidents = createIncidentStore()
const polled = ['core1', 'agg1', 'acc1', 'acc2', 'cpe1', 'cpe2'] as const

/** Only paths are measured, so that a test tells all of it in two words: who is polled and who is silent. */
const inventory: Inventory = {
  ...smallInventory,
  elements: new Map(
    [...smallInventory.elements].map(([id, one]) => [id, { ...one, probes: { ...one.probes, snmp: false } }]),
  ),
}

/** All stages from detection to the ledger, on a real state store; a test polls by hand. */
async function pipelineBench(over: Partial<Stages> = {}) {
  const db = await openStateDb(':memory:')
  onTestFinished(() => db.destroy())
  const clock = new ManualClock()
  const metrics = createMetrics()
  const outcomes: Outcome[] = []
  const logged: unknown[] = []
  let made = 0
  const detector = createDetector({
    rules: shippedRules,
    elements: inventory.elements,
    active: [],
    restless: [],
    flapping: usualFlapping,
    newAlarmId: () => `alm-${++made}`,
    pollIntervalMs,
  })
  const live = createLiveNetwork(inventory)
  const heard: string[] = []
  const maintenance = await openMaintenance({
    db,
    clock,
    log: pino({ enabled: false }),
    live,
    storedAlarms: [],
    activeAlarms: () => detector.active(),
    publish: (topic, _id, change) => heard.push(`${topic} ${change}`),
    changed: () => {},
  })
  const pipeline = createPipeline({
    live,
    maintenance: maintenance.watch,
    store: () => {},
    detector,
    correlate,
    alarms,
    incidents,
    rematch: async () => [],
    ledger: createLedger({ customersTold: incidents.customersTold }),
    db,
    clock,
    log: pino({ level: 'error' }, { write: (line) => logged.push(JSON.parse(line)) }),
    metrics,
    firstPicture: Promise.resolve(),
    settings: {
      decisionWaitMs: 10_000,
      track: {
        verifyMs: 60_000,
        mendMs: 120_000,
        darkMendMs: 30_000,
        measuringSince: clock.now() - 3_600_000,
        reopenMs: 600_000,
        closeAfterMs: 3_600_000,
      },
      notify: { holdMs: 60_000, verifyMs: 60_000, tell: ['down'] },
    },
    hasten: () => {},
    committed: (outcome) => outcomes.push(outcome),
    ...over,
  })
  return {
    db,
    clock,
    detector,
    pipeline,
    outcomes,
    logged,
    heard,
    windows: maintenance.access,
    messages: async () =>
      (await db.selectFrom('notification').selectAll().orderBy('queued_at').execute()).map(
        ({ kind, state, customer }) => `${kind} ${state} ${customer}`,
      ),
    gauges: async () => ({
      alarms: (await metrics.alarmsActive.get()).values[0]?.value,
      incidents: (await metrics.incidentsOpen.get()).values[0]?.value,
    }),
    /** One round of polls, after ten seconds; `among` says who is polled at all. */
    async round(silent: readonly string[], among: readonly string[] = polled) {
      await clock.advance(10_000)
      for (const element of among) {
        const outcome = silent.includes(element) ? 'timeout' : 'answered'
        pipeline.accept({ element, probe: 'icmp', at: clock.now(), outcome, durationMs: 1 }, [])
      }
      await pipeline.step()
    },
    async rounds(count: number, silent: readonly string[], among?: readonly string[]) {
      for (let i = 0; i < count; i++) await this.round(silent, among)
    },
    only: async () => {
      const [incident, ...others] = [...(await incidents.open(db)), ...(await incidents.recent(db, 0))]
      if (!incident || others.length > 0) throw new Error(`${others.length + Number(!!incident)} incidents`)
      return incident
    },
  }
}

describe('a step', () => {
  it('that fails loses nothing and doubles nothing', async () => {
    let failed = false
    const save: typeof alarms.save = async (tx, changes) => {
      await alarms.save(tx, changes)
      if (changes.length === 0 || failed) return
      failed = true
      throw new Error('disk full')
    }
    const bench = await pipelineBench({ alarms: { ...alarms, save } })
    await bench.round([])
    bench.outcomes.length = 0
    const stepped = bench.pipeline.lastStepAt()
    await bench.round(['acc1', 'cpe1'])
    await bench.round(['acc1', 'cpe1'])
    expect(bench.logged).toHaveLength(1)
    expect(bench.pipeline.lastStepAt()).toBe((stepped ?? 0) + 10_000)
    await bench.pipeline.step()

    expect(bench.outcomes.flatMap((outcome) => outcome.alarms.map(({ kind }) => kind))).toEqual([
      'raised',
      'raised',
    ])
    expect(await alarms.active(bench.db)).toEqual(bench.detector.active())
    expect(bench.outcomes.at(-1)?.reach.toSorted()).toEqual(['acc1', 'cpe1'])
    expect((await bench.only()).version).toBe(1)
  })

  it('comes after the first picture and not before', async () => {
    const picture = Promise.withResolvers<void>()
    const bench = await pipelineBench({ firstPicture: picture.promise })
    const rounds = bench.rounds(1, ['core1'])
    await new Promise((resolve) => setImmediate(resolve))
    expect(bench.outcomes).toEqual([])
    picture.resolve()
    await rounds
    expect(bench.outcomes).toHaveLength(1)
    expect(bench.outcomes[0]?.reach).toHaveLength(polled.length)
  })
})

describe('an outage', () => {
  it('does not pass verification while nothing is measured', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    await bench.rounds(3, ['acc1', 'cpe1'])
    expect(await bench.gauges()).toEqual({ alarms: 2, incidents: 1 })
    await bench.rounds(2, [])
    expect(await bench.gauges()).toEqual({ alarms: 0, incidents: 1 })
    expect(await bench.only()).toMatchObject({ state: 'open', restoredAt: expect.any(Number) })
    await bench.rounds(20, [], ['core1', 'agg1'])
    expect(await bench.only()).toMatchObject({ state: 'open' })
    await bench.round([])
    expect(await bench.only()).toMatchObject({ state: 'resolved' })
    expect(await bench.gauges()).toEqual({ alarms: 0, incidents: 0 })
  })

  it('is named after the child that stays dark when its parent is back', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    await bench.rounds(3, ['agg1', 'acc1', 'acc2', 'cpe1', 'cpe2'])
    expect((await bench.only()).roots.map(rootText)).toEqual(['agg1 or its uplink'])
    await bench.rounds(1, ['acc1', 'cpe1'])
    expect((await bench.only()).impact.map(({ service }) => service)).toEqual(['s-1'])
    await bench.rounds(2, ['acc1', 'cpe1'])
    expect((await bench.only()).roots.map(rootText)).toEqual(['agg1 or its uplink'])
    await bench.round(['acc1', 'cpe1'])
    expect((await bench.only()).roots.map(rootText)).toEqual(['acc1 or its uplink'])
  })
})

describe('planned work', () => {
  const minute = 60_000
  const plan = (start: number, durationMs = 10 * minute) => ({
    title: 'new card',
    elements: ['acc1'],
    includeDownstream: true,
    start,
    durationMs,
    timeZone: 'Europe/Berlin',
  })

  it('keeps and marks alarms, opens a planned incident, and tells nobody', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    await bench.windows.plan(plan(bench.clock.now()), 'li')
    await bench.rounds(8, ['acc1', 'cpe1'])
    const stored = await alarms.active(bench.db)
    expect(stored.map(({ maintenance }) => maintenance !== undefined)).toEqual([true, true])
    expect(await bench.only()).toMatchObject({ planned: stored[0]?.maintenance, kind: 'outage' })
    await bench.rounds(15, [])
    expect(await bench.only()).toMatchObject({ state: 'resolved', planned: stored[0]?.maintenance })
    expect(await bench.messages()).toEqual([])
    expect(bench.heard).toEqual(['maintenance planned', 'maintenance began'])
  })

  it('that the fault outlasts makes an ordinary incident at its end, and then customers are told', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    await bench.windows.plan(plan(bench.clock.now(), 2 * minute), 'li')
    await bench.rounds(11, ['acc1', 'cpe1'])
    expect(await bench.messages()).toEqual([])
    await bench.rounds(1, ['acc1', 'cpe1'])
    const incident = await bench.only()
    expect(incident).not.toHaveProperty('planned')
    expect(await incidents.events(bench.db, incident.id)).toMatchObject([
      { type: 'opened' },
      { type: 'unplanned', reason: 'overrun', at: bench.clock.now() },
      { type: 'changed' },
    ])
    expect(await bench.messages()).toEqual(['outage queued c-1'])
    expect((await alarms.active(bench.db)).map(({ maintenance }) => maintenance)).toEqual([
      undefined,
      undefined,
    ])
    expect(bench.heard.at(-1)).toBe('maintenance ended')
  })

  it('may end early, or later than planned, or be called off', async () => {
    for (const how of ['now', 'later', 'cancel'] as const) {
      const bench = await pipelineBench()
      await bench.round([])
      const { id } = await bench.windows.plan(plan(bench.clock.now(), 2 * minute), 'li')
      await bench.rounds(4, ['acc1', 'cpe1'])
      const endsAt = how === 'later' ? bench.clock.now() + 10 * minute : 'now'
      await bench.windows.change(
        id,
        how === 'cancel' ? { type: 'cancel' } : { type: 'moveEnd', endsAt },
        'li',
      )
      await bench.rounds(10, ['acc1', 'cpe1'])
      expect(await bench.messages()).toEqual(how === 'later' ? [] : ['outage queued c-1'])
    }
  })

  it('calls off the message of an outage that began before it and was not told, and tells it after', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    await bench.rounds(3, ['acc1', 'cpe1'])
    expect(await bench.messages()).toEqual(['outage queued c-1'])
    await bench.windows.plan(plan(bench.clock.now() - minute, 3 * minute), 'li')
    await bench.rounds(2, ['acc1', 'cpe1'])
    expect(await bench.messages()).toEqual(['outage withdrawn c-1'])
    expect(await bench.only()).not.toHaveProperty('planned')
    await bench.rounds(15, ['acc1', 'cpe1'])
    expect(await bench.messages()).toEqual(['outage withdrawn c-1', 'outage queued c-1'])
  })

  it('writes down what it covers, once', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    const { id } = await bench.windows.plan(plan(bench.clock.now()), 'li')
    await bench.rounds(4, ['acc1', 'cpe1'])
    expect((await bench.windows.events(id)).map(({ type, actor }) => `${type} ${actor}`)).toEqual([
      'planned li',
      'covers system',
    ])
    expect(await bench.windows.get(id)).toMatchObject({ covers: { elements: ['acc1', 'cpe1'] }, version: 2 })
  })

  it('elsewhere changes nothing for an outage beside it', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    await bench.windows.plan(plan(bench.clock.now()), 'li')
    await bench.rounds(5, ['acc1', 'cpe1', 'acc2', 'cpe2'])
    expect((await bench.messages()).toSorted()).toEqual(['outage queued c-2', 'outage queued c-3'])
    const open = await incidents.open(bench.db)
    expect(open.map(({ planned }) => planned !== undefined).toSorted()).toEqual([false, true])
  })
})

describe('an alarm on the shelf', () => {
  const hourMs = 3_600_000
  const shelve = async ({ db, clock }: Awaited<ReturnType<typeof pipelineBench>>) => {
    const [alarm] = await alarms.active(db)
    if (!alarm) throw new Error('nothing to shelve')
    const shelf = { by: 'li', at: clock.now(), until: clock.now() + hourMs, reason: 'known' }
    await db.transaction().execute((tx) => alarms.shelve(tx, alarm, shelf))
    return alarm
  }

  it('holds no incident, and opens none when it is raised again meanwhile', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    await bench.rounds(4, ['cpe1'])
    expect(await bench.gauges()).toEqual({ alarms: 1, incidents: 1 })
    await shelve(bench)
    await bench.rounds(10, ['cpe1'])
    expect(await bench.only()).toMatchObject({ state: 'resolved' })
    expect(await bench.gauges()).toEqual({ alarms: 1, incidents: 0 })
    await bench.rounds(3, [])
    await bench.rounds(10, ['cpe1'])
    expect(await bench.gauges()).toEqual({ alarms: 1, incidents: 0 })
  })

  it('opens nothing of its own when others near it fail', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    await bench.rounds(4, ['cpe1'])
    await shelve(bench)
    await bench.rounds(10, ['cpe1'])
    await bench.rounds(6, ['agg1', 'acc1', 'acc2', 'cpe1', 'cpe2'])
    const open = await incidents.open(bench.db)
    expect(open.map(({ roots }) => roots.map(rootText))).toEqual([['agg1 or its uplink']])
  })

  it('comes back by itself, with its incident', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    await bench.rounds(4, ['cpe1'])
    const { id } = await shelve(bench)
    await bench.rounds(hourMs / 10_000 - 1, ['cpe1'])
    expect(await bench.gauges()).toEqual({ alarms: 1, incidents: 0 })
    bench.outcomes.length = 0
    await bench.rounds(6, ['cpe1'])
    expect(await bench.gauges()).toEqual({ alarms: 1, incidents: 1 })
    const told = bench.outcomes.flatMap((outcome) => outcome.alarms)
    expect(told).toMatchObject([{ kind: 'changed', what: 'unshelved', alarm: { id } }])
    expect((await alarms.transitions(bench.db, id)).at(-1)).toMatchObject({
      kind: 'unshelved',
      actor: 'system',
    })
  })
})

describe('an element that flaps', () => {
  it('has one incident that stays open, and is restored once when it has been stable', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    for (let i = 0; i < 30; i++) {
      await bench.rounds(3, ['cpe1'])
      await bench.rounds(3, [])
    }
    const { id, state } = await bench.only()
    expect(state).toBe('open')
    expect(bench.detector.active()).toMatchObject([{ type: 'unreachable', phase: 'flapping' }])
    const events = (await incidents.events(bench.db, id)).map(({ type }) => type)
    expect(events.filter((type) => type === 'opened' || type === 'resolved')).toEqual(['opened'])
    bench.outcomes.length = 0
    await bench.rounds(400, [])
    expect(await bench.only()).toMatchObject({ state: 'resolved' })
    const told = bench.outcomes.flatMap((outcome) => outcome.alarms)
    expect(told.map(({ kind }) => kind)).toEqual(['cleared'])
    const after = (await incidents.events(bench.db, id)).map(({ type }) => type).slice(events.length)
    expect(after).toEqual(['restored', 'resolved'])
  })

  it('is on disk as it is in memory, at any time', async () => {
    const bench = await pipelineBench()
    await bench.round([])
    for (let i = 0; i < 5; i++) {
      for (const silent of [['cpe1'], ['cpe1'], [], []]) {
        await bench.round(silent)
        expect(await alarms.active(bench.db)).toEqual(bench.detector.active())
      }
    }
    expect(bench.detector.active()).toMatchObject([{ phase: 'flapping' }])
  })
})
