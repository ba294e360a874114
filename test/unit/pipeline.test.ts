import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { correlate } from '../../src/correlate/correlate.ts'
import { createDetector } from '../../src/detect/detector.ts'
import { createAlarmStore } from '../../src/incident/alarm-store.ts'
import { createIncidentStore } from '../../src/incident/incident-store.ts'
import { createLiveNetwork } from '../../src/inventory/live-network.ts'
import { rootText } from '../../src/model/incident.ts'
import type { Inventory } from '../../src/model/inventory.ts'
import { createLedger } from '../../src/notify/ledger.ts'
import { createPipeline, type Outcome, type Stages } from '../../src/pipeline.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
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
    newAlarmId: () => `alm-${++made}`,
    pollIntervalMs,
  })
  const pipeline = createPipeline({
    live: createLiveNetwork(inventory),
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
    detector,
    pipeline,
    outcomes,
    logged,
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
