import { createLocalPoller } from '../../../src/collect/poller/local-poller.ts'
import type { Poller } from '../../../src/collect/poller/poller.ts'
import type { Config } from '../../../src/config/schema.ts'
import { pathTo } from '../../../src/correlate/path.ts'
import { createDetector } from '../../../src/detect/detector.ts'
import { restlessSince } from '../../../src/detect/flapping.ts'
import { createSystemWatch } from '../../../src/detect/system-watch.ts'
import { createAlarmDesk } from '../../../src/incident/alarm-desk.ts'
import { createAlarmStore } from '../../../src/incident/alarm-store.ts'
import { createIncidentDesk } from '../../../src/incident/incident-desk.ts'
import { createIncidentStore } from '../../../src/incident/incident-store.ts'
import { inventoryFrom } from '../../../src/inventory/inventory-from-config.ts'
import { createLiveNetwork } from '../../../src/inventory/live-network.ts'
import { systemActor } from '../../../src/model/incident-event.ts'
import type { ElementId } from '../../../src/model/network-element.ts'
import { createSampleMaker, type PollSamples } from '../../../src/model/poll-samples.ts'
import type { PollResult, Reading } from '../../../src/model/reading.ts'
import type { Target } from '../../../src/model/target.ts'
import type { Channel, Delivery } from '../../../src/notify/channel.ts'
import { createLedger } from '../../../src/notify/ledger.ts'
import type { LedgerRow } from '../../../src/notify/ledger-row.ts'
import { createSender } from '../../../src/notify/sender.ts'
import { createRenderer } from '../../../src/notify/templates.ts'
import { createPipeline, type Outcome } from '../../../src/pipeline.ts'
import type { StateDb } from '../../../src/platform/db/state-db.ts'
import type { Logger } from '../../../src/platform/logger.ts'
import { createMetrics } from '../../../src/platform/metrics.ts'
import { createReportDesk } from '../../../src/report/report-desk.ts'
import { createReportStore } from '../../../src/report/report-store.ts'
import { createSampler } from '../../../src/sample/sampler.ts'
import type { SampleQueueStatus } from '../../../src/store/sample-queue.ts'
import type { SampleStore } from '../../../src/store/sample-store.ts'
import { around } from '../../../src/wiring/around.ts'
import { openMaintenance } from '../../../src/wiring/maintenance.ts'
import { createMeasured } from '../../../src/wiring/measured.ts'
import { pathRoundOf, wholeRoundOf } from '../../../src/wiring/path-round.ts'
import { createRootCause } from '../../../src/wiring/root-cause.ts'
import { startRuleLearning } from '../../../src/wiring/rule-learning.ts'
import { ruleSurroundings } from '../../../src/wiring/rule-surroundings.ts'
import { startSystemAlarms } from '../../../src/wiring/system-alarms.ts'
import { createSystemStatus } from '../../../src/wiring/system-status.ts'
import { watchChannels } from '../../../src/wiring/watched-channels.ts'
import type { ScenarioClock } from './scenario-clock.ts'
import type { World } from './world.ts'
import { createWorldProbes } from './world-probes.ts'

export interface ScenarioDaemonDeps {
  readonly config: Config
  readonly world: World
  readonly db: StateDb
  readonly clock: ScenarioClock
  readonly stepMs: number
  readonly log: Logger
  readonly newId: (prefix: string) => string
  /** Roll-ups of the past. */
  readonly history: Pick<SampleStore, 'query' | 'columns'>
  readonly committed: (outcome: Outcome) => void
  /** A message leaves. */
  readonly told: (row: LedgerRow) => void
  /** Whether it looks at itself: the store, the messages, the clock. */
  readonly watchesItself: boolean
  /** Polls in another order than the daemon's own poller. */
  readonly openPoller?: (needs: PollerNeeds) => ScenarioPoller
}

export interface PollerNeeds {
  readonly clock: ScenarioClock
  readonly poll: Config['poll']
  readonly probes: ReturnType<typeof createWorldProbes>
  readonly targets: ReadonlyMap<ElementId, Target>
  /** Takes a reading, as the daemon does. */
  readonly take: (reading: Reading) => void
}

export type ScenarioPoller = Pick<Poller, 'start' | 'pollNow' | 'stop'>

const calmAfterMs = 15_000
const calmStepMs = 5_000
const lookEveryMs = 5_000

export type ScenarioDaemon = Awaited<ReturnType<typeof startScenarioDaemon>>

/**
 * The daemon from probes to messages, as `app.ts` puts it together, without what is not judged here: HTTP, the sample
 * store, and traps. What a scenario's state store held before is taken over.
 */
export async function startScenarioDaemon(deps: ScenarioDaemonDeps) {
  const { config, world, db, clock, log } = deps
  const { poll } = config
  const startedAt = clock.now()
  const metrics = createMetrics()
  const inventory = inventoryFrom(config)
  const live = createLiveNetwork(inventory)
  const alarms = createAlarmStore()
  const incidents = createIncidentStore()
  const stopping = new AbortController()
  let changedAt = startedAt

  const surroundings = ruleSurroundings(config, inventory, () => live.topology())
  const detector = createDetector({
    rules: config.detection.rules,
    surroundings,
    elements: inventory.elements,
    active: await alarms.active(db),
    restless: await alarms.restless(db, restlessSince(startedAt, config.detection.flapping)),
    flapping: config.detection.flapping,
    newAlarmId: () => deps.newId('alm'),
    pollIntervalMs: { icmp: poll.icmp.interval, stamp: poll.stamp.interval, snmp: poll.snmp.interval },
  })

  const ledger = createLedger({ customersTold: incidents.customersTold })
  const post: Channel = {
    name: 'post',
    deliver: async ({ id }): Promise<Delivery> => {
      world.advanceTo(clock.worldNow())
      if (!world.mailWorks)
        return { outcome: 'failed', retry: true, reason: 'unreachable', explanation: 'no mail server' }
      const row = await ledger.get(db, id)
      if (row) deps.told(row)
      return { outcome: 'sent' }
    },
    close: async () => {},
  }
  const watched = watchChannels(new Map([['post', post]]), clock)
  const measured = createMeasured(() => ({ state: detector.state(clock.now()), active: detector.active() }))
  const sender = createSender({
    db,
    ledger,
    channels: watched.channels,
    customer: (id) => inventory.customers.get(id),
    render: createRenderer({
      timeZone: config.notify.timeZone,
      service: (id) => inventory.services.get(id),
    }),
    clock,
    log,
    metrics,
    isMeasured: measured.isMeasured,
    afterChange: () => {},
  })

  const maintenance = await openMaintenance({
    db,
    clock,
    log,
    live,
    storedAlarms: await alarms.active(db),
    activeAlarms: () => detector.active(),
    publish: () => {},
    changed: () => void pipeline.step(),
  })

  const reportDesk = createReportDesk({
    db,
    store: createReportStore(),
    clock,
    log,
    metrics,
    inventory: () => inventory,
    topology: () => live.topology(),
    networkState: () => detector.state(clock.now()),
    activeAlarms: () => detector.active(),
    pathOf: (service) => pathTo(live.topology(), service.endpoint),
    transaction: (work) => db.transaction().execute(work),
    openIncidents: (at) => incidents.open(at),
    recentIncidents: (at, since) => incidents.recent(at, since),
    incident: (at, id) => incidents.get(at, id),
    alarms: (at, ids) => alarms.getMany(at, ids),
    recordOnIncident: async (tx, ids, report, now) => {
      const body = { type: 'reported' as const, report: report.id, reportedAt: report.reportedAt }
      for (const id of ids) await incidents.record(tx, id, body, systemActor, now)
    },
    probePath: async (elements) => {
      await poller.pollNow(elements, ['icmp', 'stamp'], stopping.signal)
    },
    afterCommit: () => {},
  })

  const committed = (outcome: Outcome) => {
    if (stopping.signal.aborted) return
    const { alarms: raised, incidents: tracked, reach } = outcome
    if (raised.length + tracked.length + reach.length > 0) changedAt = clock.now()
    deps.committed(outcome)
    if (outcome.judged) measured.judged(outcome.judged)
    if (outcome.incidents.length + outcome.alarms.length + outcome.reach.length > 0) sender.wake()
  }
  const targets = inventory.targets
  const pathRoundMs = pathRoundOf(poll, targets.values())
  const slowestMs = Math.max(wholeRoundOf(poll, targets.values()), 1_000)
  const firstPicture = Promise.withResolvers<void>()
  const rootCause = createRootCause(live, config.impact)
  const pipeline = createPipeline({
    live,
    store: (samples) => rootCause.accept(samples),
    detector,
    correlate: rootCause.correlate,
    alarms,
    incidents,
    maintenance: maintenance.watch,
    rematch: (tx, changes, now) =>
      reportDesk.rematch(
        tx,
        changes.map(({ incident }) => incident),
        now,
      ),
    ledger,
    db,
    clock,
    log,
    metrics,
    firstPicture: firstPicture.promise,
    settings: {
      decisionWaitMs: config.detection.decisionWait ?? pathRoundMs,
      track: {
        verifyMs: config.incident.verify,
        mendMs: 2 * slowestMs,
        darkMendMs: 3 * pathRoundMs,
        measuringSince: startedAt,
        reopenMs: config.incident.reopen,
        closeAfterMs: config.incident.closeAfter,
      },
      notify: { holdMs: config.notify.hold, verifyMs: config.incident.verify, tell: config.notify.tell },
    },
    hasten: (elements) => {
      void poller.pollNow(around(live.topology(), elements))
    },
    committed,
  })

  const toSamples = createSampleMaker()
  const deliver = (result: PollResult, told: PollSamples) => {
    const samples = toSamples(told)
    const { lateMs } = world.condition(result.element)
    const accept = () => {
      if (!stopping.signal.aborted && world.pollingOn) pipeline.accept(result, samples)
    }
    if (lateMs === 0) accept()
    else void clock.sleep(lateMs, stopping.signal).then(accept)
  }
  const sampler = createSampler({ vantage: inventory.vantage, shortestMs: poll.snmp.interval / 2 })
  const probes = createWorldProbes(world, poll, clock, () => clock.worldNow())
  const take = (reading: Reading) => {
    const target = targets.get(reading.element)
    if (target) deliver(reading, { samples: sampler.accept(reading, target) })
  }
  const poller: ScenarioPoller = deps.openPoller
    ? deps.openPoller({ clock, poll, probes, targets, take })
    : createLocalPoller({ probes: probes.scheduled(), targets, sampler, deliver, clock, log, metrics })
  const incidentDesk = createIncidentDesk({
    db,
    clock,
    incidents,
    follow: pipeline.follow,
    afterCommit: (change, reports) =>
      committed({ at: clock.now(), alarms: [], incidents: [change], reports, reach: [] }),
  })

  const alarmDesk = createAlarmDesk({
    db,
    clock,
    alarms,
    openIncidents: (tx) => incidents.open(tx),
    afterCommit: () => void pipeline.step(),
  })
  const learning = startRuleLearning({
    rules: config.detection.rules,
    surroundings,
    store: deps.history,
    inventory,
    standing: () => detector.active(),
    accept: (rows) => pipeline.note(detector.acceptDays(rows, clock.now())),
    clock,
    log,
  })

  const systemWatch = createSystemWatch({
    active: await alarms.activeSystem(db),
    flapping: config.detection.flapping,
    newAlarmId: () => deps.newId('alm'),
    everyMs: lookEveryMs,
  })
  const looking = deps.watchesItself ? startSystemAlarms : () => async () => {}
  const stopLooking = looking({
    watch: systemWatch,
    look: createSystemStatus({
      isMeasured: measured.isMeasured,
      db,
      clock,
      elapsedMs: () => clock.elapsedMs(),
      metrics,
      network: () => detector.state(clock.now()),
      queue: { status: () => queueStatus(world, clock.worldNow()) },
      channels: watched,
    }),
    note: (changes) => {
      if (!stopping.signal.aborted) pipeline.note(changes)
    },
    clock,
    log,
    everyMs: lookEveryMs,
  })

  // Where nothing has changed for a while, steps are fewer than the daemon's: most of a scenario is waiting.
  const steps = async () => {
    while (!stopping.signal.aborted) {
      await pipeline.step()
      const isCalm = clock.now() - changedAt > calmAfterMs
      await clock.sleep(isCalm ? Math.max(calmStepMs, deps.stepMs) : deps.stepMs, stopping.signal)
    }
  }
  await sender.start()
  poller.start()
  const asked = poller.pollNow(targets.keys(), undefined, stopping.signal)
  void Promise.race([asked, clock.sleep(10_000, stopping.signal)]).finally(firstPicture.resolve)
  void steps()
  await reportDesk.resume()

  return {
    detector,
    alarms,
    incidents,
    ledger,
    reportDesk,
    incidentDesk,
    alarmDesk,
    systemWatch,
    maintenance: maintenance.access,
    /** Of an element that said so: it is asked at once. */
    trap: (element: string) => void poller.pollNow([element]),
    /** As a kill does: nothing more is written, said or sent; what was under way is lost. */
    async kill(): Promise<void> {
      stopping.abort()
      await Promise.all([poller.stop(), sender.stop(), reportDesk.close(), learning.close(), stopLooking()])
    },
  }
}

/** What the spool would say of itself. */
function queueStatus(world: World, now: number): SampleQueueStatus {
  world.advanceTo(now)
  const { storeIsAway, spoolFillRatio } = world
  const maxBytes = 2 ** 30
  return {
    fillRatio: spoolFillRatio,
    droppedTotal: 0,
    queued: 0,
    lastWriteAt: now,
    healthy: !storeIsAway,
    ...(storeIsAway ? { lastError: 'connection refused' } : {}),
    spool: {
      bytes: spoolFillRatio * maxBytes,
      maxBytes,
      segments: 1,
      inMemory: 0,
      dropping: spoolFillRatio >= 1,
      damaged: 0,
    },
  }
}
