import { createLocalPoller } from '../../../src/collect/poller/local-poller.ts'
import type { Poller } from '../../../src/collect/poller/poller.ts'
import type { Config } from '../../../src/config/schema.ts'
import type { ElementId } from '../../../src/model/network-element.ts'
import { createSampleMaker, type PollSamples } from '../../../src/model/poll-samples.ts'
import type { PollResult, Reading } from '../../../src/model/reading.ts'
import type { Target } from '../../../src/model/target.ts'
import type { Channel, Delivery } from '../../../src/notify/channel.ts'
import type { LedgerRow } from '../../../src/notify/ledger-row.ts'
import type { Outcome } from '../../../src/pipeline.ts'
import type { StateStore } from '../../../src/platform/db/state-db.ts'
import { Lifecycle } from '../../../src/platform/lifecycle.ts'
import type { Logger } from '../../../src/platform/logger.ts'
import { createSampler } from '../../../src/sample/sampler.ts'
import type { SampleQueueStatus } from '../../../src/store/sample-queue.ts'
import type { SampleStore } from '../../../src/store/sample-store.ts'
import { createFoundation } from '../../../src/wiring/foundation.ts'
import { openMaintenance } from '../../../src/wiring/maintenance.ts'
import { openDesks } from '../../../src/wiring/open-desks.ts'
import { openDetection } from '../../../src/wiring/open-detection.ts'
import { openNotify } from '../../../src/wiring/open-notify.ts'
import { openPipeline } from '../../../src/wiring/open-pipeline.ts'
import { openReports } from '../../../src/wiring/open-reports.ts'
import { stateIn } from '../../../src/wiring/open-state.ts'
import { startRuleLearning } from '../../../src/wiring/rule-learning.ts'
import { startSystemAlarms } from '../../../src/wiring/system-alarms.ts'
import { createSystemStatus } from '../../../src/wiring/system-status.ts'
import type { ScenarioClock } from './scenario-clock.ts'
import type { World } from './world.ts'
import { createWorldProbes } from './world-probes.ts'

export interface ScenarioDaemonDeps {
  readonly config: Config
  readonly world: World
  readonly db: StateStore
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

export type ScenarioDaemon = Awaited<ReturnType<typeof startScenarioDaemon>>

/**
 * The daemon from probes to messages, of the parts that `app.ts` puts together, without what is not judged here: HTTP, the
 * sample store, and traps. What a scenario's state store held before is taken over.
 */
export async function startScenarioDaemon(deps: ScenarioDaemonDeps) {
  const { config, world, db, clock, log } = deps
  const { poll } = config
  const base = createFoundation(config, { clock, log, life: new Lifecycle() })
  const { inventory, live, metrics, startedAt } = base
  const { targets } = inventory
  const state = stateIn(db)
  const { alarms, incidents } = state
  const stopping = new AbortController()
  let changedAt = startedAt

  const detection = await openDetection(base, state, () => deps.newId('alm'))
  const { detector, systemWatch, surroundings, networkState, activeAlarms } = detection
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
  const notices = openNotify(base, state, detection, new Map([['post', post]]))
  const { ledger, sender, measured, watched } = notices

  const maintenance = await openMaintenance({
    db,
    clock,
    log,
    live,
    storedAlarms: await alarms.active(db),
    activeAlarms,
    publish: base.publish,
    changed: () => void pipeline.step(),
  })

  const reports = openReports(base, state, detection, async (elements) => {
    await poller.pollNow(elements, ['icmp', 'stamp'], stopping.signal)
  })

  const committed = (outcome: Outcome) => {
    if (stopping.signal.aborted) return
    const { alarms: raised, incidents: tracked, reach } = outcome
    if (raised.length + tracked.length + reach.length > 0) changedAt = clock.now()
    deps.committed(outcome)
    if (outcome.judged) measured.judged(outcome.judged)
    if (outcome.incidents.length + outcome.alarms.length + outcome.reach.length > 0) sender.wake()
  }
  const firstPicture = Promise.withResolvers<void>()
  const pipeline = openPipeline(base, state, {
    store: () => {},
    detection,
    maintenance: maintenance.watch,
    reports,
    notices,
    pollNow: (elements) => poller.pollNow(elements),
    firstPicture: firstPicture.promise,
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
  const { incidentDesk, alarmDesk } = openDesks(base, state, pipeline, committed)
  const learning = startRuleLearning({
    rules: config.detection.rules,
    surroundings,
    store: deps.history,
    inventory,
    standing: activeAlarms,
    accept: (rows) => pipeline.note(detector.acceptDays(rows, clock.now())),
    clock,
    log,
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
      network: networkState,
      queue: { status: () => queueStatus(world, clock.worldNow()) },
      channels: watched,
    }),
    note: (changes) => {
      if (!stopping.signal.aborted) pipeline.note(changes)
    },
    clock,
    log,
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
  await reports.resume()

  return {
    detector,
    alarms,
    incidents,
    ledger,
    reportDesk: reports,
    incidentDesk,
    alarmDesk,
    systemWatch,
    maintenance: maintenance.access,
    /** Of an element that said so: it is asked at once. */
    trap: (element: string) => void poller.pollNow([element]),
    /** As a kill does: nothing more is written, said or sent; what was under way is lost. */
    async kill(): Promise<void> {
      stopping.abort()
      await Promise.all([poller.stop(), sender.stop(), reports.close(), learning.close(), stopLooking()])
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
