/**
 * What judging costs: samples a CPU second through the whole detector, what stands after a restart, and root cause of a
 * large cut. `--elements=` and `--interfaces=` (each) change the size of the first, `--alarms=` that of the second.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { parse } from 'yaml'
import { ruleSettings } from '../src/config/rules.ts'
import { correlate } from '../src/correlate/correlate.ts'
import { createDetector, type Detector } from '../src/detect/detector.ts'
import { restlessSince, usualFlapping } from '../src/detect/flapping.ts'
import { createAlarmStore } from '../src/incident/alarm-store.ts'
import { createIncidentStore } from '../src/incident/incident-store.ts'
import { createLiveNetwork } from '../src/inventory/live-network.ts'
import type { NetworkAlarm } from '../src/model/alarm.ts'
import { defaultImpactWeights } from '../src/model/impact-weight.ts'
import { tableOf } from '../src/model/interface-table.ts'
import type { Inventory } from '../src/model/inventory.ts'
import { linkBetween } from '../src/model/link.ts'
import type { NetworkElement } from '../src/model/network-element.ts'
import type { PollResult } from '../src/model/reading.ts'
import type { Rule } from '../src/model/rule.ts'
import { type Sample, sampleOf } from '../src/model/sample.ts'
import { createLedger } from '../src/notify/ledger.ts'
import { createPipeline } from '../src/pipeline.ts'
import { openStateDb, type StateDb } from '../src/platform/db/state-db.ts'
import { newId } from '../src/platform/id.ts'
import { createMetrics } from '../src/platform/metrics.ts'
import { createRootCause } from '../src/wiring/root-cause.ts'
import { type Figure, numberOption, printSections, type Section } from './figures.ts'

const args = process.argv.slice(2)
const rules: readonly Rule[] = ruleSettings
  .array()
  .parse(parse(readFileSync(new URL('../config/rules.yaml', import.meta.url), 'utf8')).rules)
const pollIntervalMs = { icmp: 10_000, stamp: 10_000, snmp: 60_000 }
const start = Date.UTC(2026, 2, 1, 12)

const elementCalled = (id: string, role: string): NetworkElement => ({
  id,
  name: id,
  address: '127.0.0.1',
  role,
  tags: [],
  speedOverrides: {},
  probes: { icmp: true, stamp: false, snmp: true },
})

function detectorOf(
  elements: ReadonlyMap<string, NetworkElement>,
  active: readonly NetworkAlarm[] = [],
  restless: readonly NetworkAlarm[] = [],
): Detector {
  return createDetector({
    rules,
    elements,
    active,
    restless,
    flapping: usualFlapping,
    newAlarmId: (now) => newId('alm', now),
    pollIntervalMs,
  })
}

/** Looked at once the storm stands still. */
const laterSteps = 9
const seconds = (ms: number) => ms / 1000
const cpuMs = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

/** One poll of each agent and one burst to each element, with the samples that are made of them. */
interface Cycle {
  readonly polls: readonly (readonly [result: PollResult, samples: readonly Sample[]])[]
  readonly samples: number
}

/** Elements with so many interfaces each; every tenth interface of every tenth element is full when `withTrouble`. */
function cyclesOf(
  elements: number,
  interfaces: number,
  count: number,
  withTrouble: boolean,
): readonly Cycle[] {
  const names = Array.from({ length: elements }, (_, index) => `element-${index}`)
  const ports = names.map((element) =>
    Array.from({ length: interfaces }, (_, index) => `GigabitEthernet0/0/${index}`).map((name, index) => ({
      tags: { element, interface: name },
      port: {
        element,
        name,
        index: index + 1,
        description: name,
        alias: '',
        adminStatus: 'up',
        operStatus: 'up',
        speedBps: 1e9,
        seenAt: start,
      } as const,
    })),
  )
  const agents = ports.map((rows, index) => ({
    system: {
      description: '',
      objectId: '1.3.6.1.4.1.2011.2',
      name: names[index] ?? '',
      location: '',
      upTimeTicks: 1,
    },
    interfaces: tableOf(rows.map(({ port }) => ({ port, counters: { width: 64 as const } }))),
    requests: 10,
  }))
  const fieldsOf = (isFull: boolean) => ({
    in_bps: isFull ? 9e8 : 2e8,
    out_bps: 1e8,
    in_pps: 20_000,
    out_pps: 10_000,
    in_errors_per_s: 0,
    out_errors_per_s: 0,
    in_discards_per_s: 0,
    out_discards_per_s: 0,
    speed_bps: 1e9,
    oper_up: 1,
  })
  const [calm, full] = [fieldsOf(false), fieldsOf(true)]
  return Array.from({ length: count }, (_, cycle) => {
    const at = start + cycle * 60_000
    const polls = names.flatMap((element, index): readonly (readonly [PollResult, readonly Sample[]])[] => {
      const agent = agents[index]
      const base = { element, at, outcome: 'answered', durationMs: 5 } as const
      const rows = (ports[index] ?? []).map(({ tags }, port) =>
        sampleOf('interface', tags, withTrouble && index % 10 === 0 && port % 10 === 0 ? full : calm, at),
      )
      const path = sampleOf(
        'icmp',
        { element, vantage: 'nms' },
        { sent: 5, received: 5, loss_ratio: 0, rtt_avg_ms: 12, jitter_ms: 1 },
        at,
      )
      return [
        [{ ...base, probe: 'icmp' }, [path]],
        [{ ...base, probe: 'snmp', ...(agent ? { agent } : {}) }, rows],
      ]
    })
    return { polls, samples: polls.reduce((sum, [, samples]) => sum + samples.length, 0) }
  })
}

function samplesPerCpuSecond(elements: number, interfaces: number, withTrouble: boolean) {
  const detector = detectorOf(
    new Map(
      Array.from({ length: elements }, (_, i) => [`element-${i}`, elementCalled(`element-${i}`, 'access')]),
    ),
  )
  const cycles = cyclesOf(elements, interfaces, 12, withTrouble)
  const play = (some: readonly Cycle[]) => {
    for (const { polls } of some) {
      for (const [result, samples] of polls) detector.accept(result, samples, result.at)
      detector.tick(polls[0]?.[0].at ?? start)
    }
  }
  // The first cycles make what is kept of each series, and the code fast.
  play(cycles.slice(0, 4))
  const measured = cycles.slice(4)
  const since = process.cpuUsage()
  play(measured)
  const ms = cpuMs(since)
  const samples = measured.reduce((sum, cycle) => sum + cycle.samples, 0)
  const before = performance.now()
  const { length } = detector.active()
  detector.state(start + 12 * 60_000)
  return { perSecond: samples / seconds(ms), alarms: length, lookMs: performance.now() - before }
}

/** A core, a hundred aggregation elements, and access elements below them. */
function treeOf(size: number): Inventory {
  const aggregations = Math.max(1, Math.round(size / 100))
  const ids = ['core', ...Array.from({ length: aggregations }, (_, i) => `agg-${i}`)]
  const access = Array.from({ length: size - ids.length }, (_, i) => `acc-${i}`)
  const link = (a: string, b: string) =>
    linkBetween({ element: a, interface: `to-${b}` }, { element: b, interface: `to-${a}` }, 'declared')
  const elements = [...ids, ...access]
  return {
    vantage: 'nms',
    gateways: ['core'],
    elements: new Map(elements.map((id) => [id, elementCalled(id, id.split('-')[0] ?? 'access')])),
    links: [
      link('nms', 'core'),
      ...ids.slice(1).map((id) => link('core', id)),
      ...access.map((id, i) => link(`agg-${i % aggregations}`, id)),
    ],
    customers: new Map(),
    services: new Map(),
    targets: new Map(),
  }
}

/** So many elements: aggregation elements, and all that hangs on them. */
function darkBelow(inventory: Inventory, dark: number): ReadonlySet<string> {
  const silent = new Set<string>()
  const aggregations = [...inventory.elements.keys()].filter((id) => id.startsWith('agg-'))
  for (const aggregation of aggregations) {
    if (silent.size >= dark) break
    silent.add(aggregation)
    for (const { a, b } of inventory.links) {
      const other = a.element === aggregation ? b.element : b.element === aggregation ? a.element : 'core'
      if (other !== 'core' && silent.size < dark) silent.add(other)
    }
  }
  return silent
}

function pollAll(detector: Detector, inventory: Inventory, silent: ReadonlySet<string>, at: number) {
  return [...inventory.elements.keys()].flatMap((element) => {
    const outcome = silent.has(element) ? 'timeout' : 'answered'
    return (['icmp', 'snmp'] as const).flatMap((probe) =>
      detector.accept({ element, at, outcome, durationMs: 1, probe }, [], at),
    )
  })
}

async function stages(db: StateDb, inventory: Inventory, detector: Detector, now: number) {
  const incidents = createIncidentStore()
  const live = createLiveNetwork(inventory)
  return createPipeline({
    live,
    store: () => {},
    detector,
    correlate: createRootCause(live, defaultImpactWeights).correlate,
    alarms: createAlarmStore(),
    incidents,
    rematch: async () => [],
    ledger: createLedger({ customersTold: incidents.customersTold }),
    db,
    clock: { now: () => now, sleep: async () => {} },
    // What goes wrong must be seen: a step that failed is a quick one.
    log: pino({ level: 'warn' }),
    metrics: createMetrics(),
    firstPicture: Promise.resolve(),
    settings: {
      decisionWaitMs: 0,
      track: {
        verifyMs: 120_000,
        mendMs: 120_000,
        darkMendMs: 30_000,
        measuringSince: now - 3_600_000,
        reopenMs: 600_000,
        closeAfterMs: 3_600_000,
      },
      notify: { holdMs: 60_000, verifyMs: 60_000, tell: ['down'] },
    },
    hasten: () => {},
    committed: () => {},
  })
}

/** From opening the state store to the end of the first step, with so many alarms active in it. */
async function restart(alarms: number) {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'))
  try {
    const path = join(folder, 'state.db')
    // Half of all are dark, so that not everything is explained by our own connection.
    const inventory = treeOf(2 * alarms)
    const silent = darkBelow(inventory, alarms)
    const before = await openStateDb(path)
    const detector = detectorOf(inventory.elements)
    const pipeline = await stages(before, inventory, detector, start + 90_000)
    const changes = [0, 30_000, 60_000, 90_000].flatMap((ms) =>
      pollAll(detector, inventory, ms === 0 ? new Set() : silent, start + ms),
    )
    pipeline.note(changes)
    await pipeline.step()
    await pipeline.step()
    await before.destroy()

    const since = performance.now()
    const cpu = process.cpuUsage()
    const db = await openStateDb(path)
    const store = createAlarmStore()
    const [active, restless] = [
      await store.active(db),
      await store.restless(db, restlessSince(start + 100_000, usualFlapping)),
    ]
    const read = performance.now()
    const again = detectorOf(inventory.elements, active, restless)
    const rebuilt = performance.now()
    const next = await stages(db, inventory, again, start + 100_000)
    await next.step()
    const ready = performance.now()
    const allCpuMs = cpuMs(cpu)
    const { length } = again.active()
    const later: number[] = []
    for (let step = 0; step < laterSteps; step++) {
      const before = process.threadCpuUsage()
      await next.step()
      const { user, system } = process.threadCpuUsage(before)
      later.push((user + system) / 1000)
    }
    const opened = await createIncidentStore().open(db)
    await db.destroy()
    return {
      alarms: length,
      incidents: opened.length,
      readMs: read - since,
      rebuildMs: rebuilt - read,
      stepMs: ready - rebuilt,
      allMs: ready - since,
      allCpuMs,
      laterStepMs: later.toSorted((one, other) => one - other)[laterSteps >> 1] ?? Number.NaN,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Root cause while so many of so many elements are dark; the middle of several tries. */
function rootCause(size: number, dark: number) {
  const inventory = treeOf(size)
  const detector = detectorOf(inventory.elements)
  const silent = darkBelow(inventory, dark)
  for (const ms of [0, 30_000, 60_000, 90_000])
    pollAll(detector, inventory, ms === 0 ? new Set() : silent, start + ms)
  const now = start + 120_000
  const live = createLiveNetwork(inventory)
  const tries = Array.from({ length: 7 }, (_, index) => {
    const input = {
      topology: live.topology(),
      state: detector.state(now + index),
      alarms: detector.active(),
      services: [],
      now: now + index,
      decisionWaitMs: 10_000,
    }
    const before = performance.now()
    const { findings } = correlate(input)
    return { ms: performance.now() - before, findings: findings.length }
  })
  const times = tries.map(({ ms }) => ms).toSorted((one, other) => one - other)
  return {
    ms: times[3] ?? Number.NaN,
    firstMs: tries[0]?.ms ?? Number.NaN,
    findings: tries[0]?.findings ?? 0,
  }
}

const elements = numberOption(args, 'elements', 2_000)
const interfaces = numberOption(args, 'interfaces', 50)
const alarms = numberOption(args, 'alarms', 10_000)

const figure = (name: string, value: number, unit: string, goal?: Figure['goal']): Figure => ({
  name,
  value,
  unit,
  ...(goal ? { goal } : {}),
})
const calm = samplesPerCpuSecond(elements, interfaces, false)
const troubled = samplesPerCpuSecond(elements, interfaces, true)
const restarted = await restart(alarms)
const cause = rootCause(10_000, 3_000)

const sections: readonly Section[] = [
  {
    title: `Detector: ${elements} elements × ${interfaces} interfaces, and one path each`,
    figures: [
      figure('series', elements * (interfaces + 1), ''),
      figure('samples for a CPU second, all well', calm.perSecond, '', { atLeast: 1_000_000 }),
      figure(`the same with ${troubled.alarms} alarms active`, troubled.perSecond, '', {
        atLeast: 1_000_000,
      }),
      figure('state of the network and list of alarms', troubled.lookMs, 'ms'),
    ],
    notes: [
      `Each sample is judged by every rule of config/rules.yaml that holds for it (${rules.length} rules). Reachability and ports are in it.`,
    ],
  },
  {
    title: `Restart with ${restarted.alarms} active alarms in ${restarted.incidents} incidents`,
    figures: [
      figure('open the state store and read', restarted.readMs, 'ms'),
      figure('make the detector', restarted.rebuildMs, 'ms'),
      figure('first step: root cause, incidents', restarted.stepMs, 'ms'),
      figure('all of it', restarted.allMs, 'ms', { atMost: 2_000 }),
      figure('of CPU time, all threads', restarted.allCpuMs, 'ms'),
      figure('a later step, with nothing new: CPU time, middle of 9', restarted.laterStepMs, 'ms'),
    ],
  },
  {
    title: 'Root cause: 10,000 elements, 3,000 of them dark',
    figures: [
      figure('findings', cause.findings, ''),
      figure('middle of 7 tries', cause.ms, 'ms', { atMost: 200 }),
      figure('first try', cause.firstMs, 'ms'),
    ],
  },
]
printSections('detect', sections, args)
