import { setMaxListeners } from 'node:events'
import { createApi } from './api/create-api.ts'
import { openAgentMemory } from './collect/snmp/stored-agent-memory.ts'
import type { TrapReceiver } from './collect/traps/trap-receiver.ts'
import type { Config } from './config/schema.ts'
import { createConsoleHandler } from './console/console-handler.ts'
import { pathTo } from './correlate/path.ts'
import { createDetector } from './detect/detector.ts'
import { restlessSince } from './detect/flapping.ts'
import { createSystemWatch } from './detect/system-watch.ts'
import { createAlarmDesk } from './incident/alarm-desk.ts'
import { createAlarmStore } from './incident/alarm-store.ts'
import { createIncidentDesk } from './incident/incident-desk.ts'
import { createIncidentStore } from './incident/incident-store.ts'
import { createWindowStore } from './incident/maintenance/window-store.ts'
import { inventoryFrom } from './inventory/inventory-from-config.ts'
import { createLiveNetwork } from './inventory/live-network.ts'
import { compareLinks } from './jobs/compare-links.ts'
import { housekeeping } from './jobs/housekeeping.ts'
import { scheduleJob } from './jobs/schedule-job.ts'
import { systemActor } from './model/incident-event.ts'
import type { LiveEvent } from './model/live-event.ts'
import type { ElementId } from './model/network-element.ts'
import { createLedger } from './notify/ledger.ts'
import { createSender } from './notify/sender.ts'
import { createRenderer } from './notify/templates.ts'
import { createPipeline, type Outcome } from './pipeline.ts'
import { type Clock, elapsedMs, systemClock } from './platform/clock.ts'
import { openStateDb } from './platform/db/state-db.ts'
import { lockState } from './platform/db/state-lock.ts'
import { EventHub } from './platform/event-hub.ts'
import { newId } from './platform/id.ts'
import { Lifecycle } from './platform/lifecycle.ts'
import { createLogger, type Logger } from './platform/logger.ts'
import { createMetrics } from './platform/metrics.ts'
import { createReportDesk } from './report/report-desk.ts'
import { createReportStore } from './report/report-store.ts'
import { createLatestValues } from './sample/latest-values.ts'
import { createSpool } from './store/spool/spool.ts'
import { lockSpool } from './store/spool/spool-lock.ts'
import { createAlarmAccess } from './wiring/alarm-access.ts'
import { around } from './wiring/around.ts'
import { createBusyHourReader, storedDaysOf } from './wiring/busy-hour-reader.ts'
import { collectionStatus } from './wiring/collection-status.ts'
import { createIncidentAccess } from './wiring/incident-access.ts'
import { latestSamples } from './wiring/latest-samples.ts'
import { openMaintenance } from './wiring/maintenance.ts'
import { createMeasured } from './wiring/measured.ts'
import { createNotificationAccess } from './wiring/notification-access.ts'
import { openChannels } from './wiring/open-channels.ts'
import { openPoller, type PollingPlace } from './wiring/open-poller.ts'
import type { OpenProbes } from './wiring/open-probes.ts'
import { openSampleStore } from './wiring/open-sample-store.ts'
import { openTrapReceiver } from './wiring/open-trap-receiver.ts'
import { outcomeEvents } from './wiring/outcome-events.ts'
import { outcomeSamples } from './wiring/outcome-samples.ts'
import { pathRoundOf, wholeRoundOf } from './wiring/path-round.ts'
import { createPeakExperienceReader } from './wiring/peak-experience-reader.ts'
import { createPlannedTime } from './wiring/planned-time.ts'
import { prepareStore } from './wiring/prepare-store.ts'
import { createReadiness } from './wiring/readiness.ts'
import { startRollups } from './wiring/rollups.ts'
import { createRootCause } from './wiring/root-cause.ts'
import { type RuleLearning, startRuleLearning } from './wiring/rule-learning.ts'
import { ruleSurroundings } from './wiring/rule-surroundings.ts'
import { createServicePorts } from './wiring/service-ports.ts'
import { startSystemAlarms } from './wiring/system-alarms.ts'
import { createSystemStatus } from './wiring/system-status.ts'
import { createTrailingDays } from './wiring/trailing-days.ts'
import { watchChannels } from './wiring/watched-channels.ts'
import { zonesOf } from './wiring/zones.ts'

/** What a test may put in place of the real thing. */
export interface Outside {
  readonly clock: Clock
  readonly log: Logger
  readonly version: string
  /** The console then says plainly that this is the demo network. */
  readonly demo: boolean
  /** Default: in a thread of its own, and here where time is not that of the system. */
  readonly polling: PollingPlace
  /** How elements are asked, where polling is done here. Default: ICMP, STAMP and SNMP. */
  readonly probes: OpenProbes
}

/** A daemon that runs. */
export interface App {
  /** Where the console is. */
  readonly url: string
  /** Resolves with what would not close; never rejects. */
  close(): Promise<readonly Error[]>
}

/** Time that passes between two looks at what has come together, ms. */
const stepEveryMs = 1_000
/** A series that was silent for this long has no latest value any more, ms. */
const silentForMs = 86_400_000
/** Time between two looks at ourselves, ms. */
const lookEveryMs = 5_000
/** At the start every element is asked once before anything is judged. Longer than this is not waited for, ms. */
const firstPictureMs = 10_000

/**
 * The composition root: makes each thing once, says how it closes, and ties the stages together. Half-started means
 * closed again.
 * @throws FaultlineError STATE_UNAVAILABLE or LISTEN_FAILED. An InfluxDB, an element or a mail server that is away does
 * not stop the start.
 */
export async function startApp(config: Config, outside: Partial<Outside> = {}): Promise<App> {
  const {
    clock = systemClock,
    log = createLogger(config.log.level),
    version = 'unknown',
    demo = false,
    polling = clock === systemClock ? 'thread' : 'here',
  } = outside
  const part = (name: string) => log.child({ part: name })
  const life = new Lifecycle()
  try {
    const startedAt = clock.now()
    const metrics = createMetrics()
    metrics.collectProcess()
    const events = new EventHub(startedAt)
    const inventory = inventoryFrom(config)
    const live = createLiveNetwork(inventory)

    life.onClose('state lock', lockState(config.state.path))
    const db = await openStateDb(config.state.path)
    life.onClose('state store', () => db.destroy())
    const alarms = createAlarmStore()
    const incidents = createIncidentStore()
    const reports = createReportStore()

    const store = openSampleStore(config.samples, { clock, log: part('store'), metrics })
    life.onClose('sample store', () => store.close())
    const preparation = prepareStore(store, { clock, log: part('store') })
    life.onClose('preparation of the sample store', preparation.close)
    life.onClose('spool lock', lockSpool(config.spool.path, part('spool')))
    const queue = createSpool(
      { ...config.spool, maxSamples: config.samples.maxQueued },
      { store, clock, log: part('spool'), metrics },
    )
    life.onClose('sample queue', () => queue.close())
    const zoneOf = zonesOf(config)
    const trailingDays = createTrailingDays(storedDaysOf(store), clock)
    let learning: RuleLearning | undefined
    const rollups = await startRollups(
      {
        peak: config.peak,
        poll: config.poll,
        policies: config.policies,
        markFile: `${config.spool.path}.rollups.json`,
      },
      {
        store,
        queue,
        inventory: () => inventory,
        portsOf: createServicePorts(() => live.topology()),
        planned: createPlannedTime({ db, windows: createWindowStore(), topology: () => live.topology() }),
        zoneOf,
        peaks: (rows) => {
          learning?.peaks(rows)
          trailingDays.accept(rows)
        },
        clock,
        log: part('roll-ups'),
        metrics,
      },
    )
    life.onClose('roll-ups', () => rollups.close())

    const latest = createLatestValues()

    const poll = config.poll
    const surroundings = ruleSurroundings(config, inventory, () => live.topology())
    const detector = createDetector({
      rules: config.detection.rules,
      surroundings,
      elements: inventory.elements,
      active: await alarms.active(db),
      restless: await alarms.restless(db, restlessSince(startedAt, config.detection.flapping)),
      flapping: config.detection.flapping,
      newAlarmId: (now) => newId('alm', now),
      pollIntervalMs: { icmp: poll.icmp.interval, stamp: poll.stamp.interval, snmp: poll.snmp.interval },
    })

    const systemWatch = createSystemWatch({
      active: await alarms.activeSystem(db),
      flapping: config.detection.flapping,
      newAlarmId: (now) => newId('alm', now),
      everyMs: lookEveryMs,
    })

    const notifySettings = {
      holdMs: config.notify.hold,
      verifyMs: config.incident.verify,
      tell: config.notify.tell,
    }
    const ledger = createLedger({
      customersTold: (tx, incident, at) => incidents.customersTold(tx, incident, at),
    })
    const render = createRenderer({
      timeZone: config.notify.timeZone,
      service: (id) => inventory.services.get(id),
    })
    const publish = (topic: LiveEvent['topic'], id: string, change: string) =>
      events.publish({ topic, id, change, at: clock.now() })
    const watched = watchChannels(openChannels(config.notify.channels, clock), clock)
    const { channels } = watched
    for (const channel of channels.values()) life.onClose(`channel ${channel.name}`, () => channel.close())
    const measured = createMeasured(() => ({ state: detector.state(clock.now()), active: detector.active() }))
    const sender = createSender({
      db,
      ledger,
      channels,
      customer: (id) => inventory.customers.get(id),
      render,
      clock,
      log: part('notify'),
      metrics,
      concurrency: config.notify.concurrency,
      isMeasured: measured.isMeasured,
      afterChange: (row) => {
        publish('notification', row.id, row.state)
        publish('incident', row.incident, 'told')
      },
    })
    life.onClose('sender', () => sender.stop())

    const activeAlarms = () => detector.active()
    const networkState = () => detector.state(clock.now())
    const topology = () => live.topology()
    const pathOf = (endpoint: ElementId) => pathTo(live.topology(), endpoint)
    const maintenance = await openMaintenance({
      db,
      clock,
      log: part('maintenance'),
      live,
      storedAlarms: await alarms.active(db),
      activeAlarms: () => detector.active(),
      publish,
      changed: () => void pipeline.step(),
    })
    const reportDesk = createReportDesk({
      db,
      store: reports,
      clock,
      log: part('report'),
      metrics,
      inventory: () => inventory,
      topology,
      networkState,
      activeAlarms,
      pathOf: (service) => pathOf(service.endpoint),
      transaction: (work) => db.transaction().execute(work),
      openIncidents: (at) => incidents.open(at),
      recentIncidents: (at, since) => incidents.recent(at, since),
      incident: (at, id) => incidents.get(at, id),
      alarms: (at, ids) => alarms.getMany(at, ids),
      recordOnIncident: async (tx, ids, report, now) => {
        const body = { type: 'reported' as const, report: report.id, reportedAt: report.reportedAt }
        for (const id of ids) await incidents.record(tx, id, body, systemActor, now)
      },
      probePath: async (elements, timeoutMs) => {
        await poller.pollNow(elements, ['icmp', 'stamp'], AbortSignal.timeout(timeoutMs))
      },
      afterCommit: (changes, touched) => {
        for (const { report, change } of changes) publish('report', report, change)
        for (const incident of touched) publish('incident', incident, 'reported')
      },
    })
    life.onClose('fault reports', () => reportDesk.close())

    const committed = (outcome: Outcome) => {
      queue.offer(outcomeSamples(outcome))
      for (const event of outcomeEvents(outcome)) events.publish(event)
      for (const { incident, events: logged } of outcome.incidents) {
        const change = logged.at(-1)?.type
        part('incident').info(
          { incident: incident.id, change, state: incident.state, kind: incident.kind },
          'incident',
        )
      }
      if (outcome.judged) measured.judged(outcome.judged)
      if (outcome.incidents.length + outcome.alarms.length + outcome.reach.length > 0) sender.wake()
    }
    const slowestMs = Math.max(wholeRoundOf(poll, inventory.targets.values()), stepEveryMs)
    const pathRoundMs = pathRoundOf(poll, inventory.targets.values())
    const firstPicture = Promise.withResolvers<void>()
    const rootCause = createRootCause(live, config.impact)
    const pipeline = createPipeline({
      live,
      store: (samples) => {
        queue.offer(samples)
        rollups.accept(samples)
        latest.accept(samples)
        rootCause.accept(samples)
      },
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
      log: part('pipeline'),
      metrics,
      firstPicture: firstPicture.promise,
      settings: {
        decisionWaitMs: config.detection.decisionWait ?? pathRoundMs,
        track: {
          verifyMs: config.incident.verify,
          // Two rounds of the slowest probe: then everything was asked again, and no agent tells an old state any more.
          mendMs: 2 * slowestMs,
          // In two rounds every path was asked again; the third is for bursts that take their time.
          darkMendMs: 3 * pathRoundMs,
          measuringSince: startedAt,
          reopenMs: config.incident.reopen,
          closeAfterMs: config.incident.closeAfter,
        },
        notify: notifySettings,
      },
      hasten: (elements) => {
        poller
          .pollNow(around(live.topology(), elements))
          .catch((err: unknown) => log.warn({ err }, 'hastened poll failed'))
      },
      committed,
    })

    life.onClose('pipeline', () => pipeline.step())
    learning = startRuleLearning({
      rules: config.detection.rules,
      surroundings,
      store,
      inventory,
      standing: activeAlarms,
      accept: (rows) => pipeline.note(detector.acceptDays(rows, clock.now())),
      clock,
      log: part('rules'),
    })
    life.onClose('rule learning', learning.close)
    life.onClose('first picture', firstPicture.resolve)

    let lastPollAt: number | undefined
    const { vantage, targets } = inventory
    const memory = await openAgentMemory({
      db,
      isPolled: (element) => targets.get(element)?.snmp !== undefined,
      clock,
      log: part('collect'),
    })
    life.onClose('agent memory', memory.close)
    const poller = await openPoller(
      polling,
      { poll, vantage, targets },
      {
        deliver: (result, samples) => {
          lastPollAt = clock.now()
          pipeline.accept(result, samples)
        },
        memory,
        clock,
        log: part('collect'),
        metrics,
        ...(outside.probes ? { probes: outside.probes } : {}),
      },
    )
    life.onClose('poller', poller.stop)

    let traps: TrapReceiver | undefined
    const incidentDesk = createIncidentDesk({
      db,
      clock,
      incidents,
      follow: pipeline.follow,
      afterCommit: (change, changedReports) => {
        committed({ at: clock.now(), alarms: [], incidents: [change], reports: changedReports, reach: [] })
      },
    })

    const alarmDesk = createAlarmDesk({
      db,
      clock,
      alarms,
      openIncidents: (tx) => incidents.open(tx),
      afterCommit: (alarm, what) => {
        publish('alarm', alarm.id, what)
        void pipeline.step()
      },
    })

    const api = createApi({
      version,
      demo,
      timeZone: config.notify.timeZone,
      tokens: config.auth.tokens,
      ...(config.server.publicUrl === undefined ? {} : { publicUrl: config.server.publicUrl }),
      clock,
      log: part('api'),
      metrics,
      db,
      events,
      console: createConsoleHandler(),
      ready: createReadiness({
        db,
        store,
        preparation,
        queue,
        clock,
        lastPollAt: () => lastPollAt,
        lastStepAt: pipeline.lastStepAt,
        pollsExpectedWithinMs: 3 * slowestMs + 5_000,
        startedAt,
      }),
      inventory: () => inventory,
      topology,
      networkState,
      interfaces: (element) => live.interfaces(element),
      system: (element) => live.system(element),
      linkDifferences: () => live.differences(),
      collection: () => collectionStatus({ poller, metrics, traps: () => traps }),
      pollNow: (element, signal) => {
        poller.renew([element])
        return poller.pollNow([element], undefined, signal)
      },
      querySamples: (query, signal) => store.query(query, signal),
      latestSamples: (query) => latestSamples(latest, query),
      busyHour: createBusyHourReader(store, zoneOf, trailingDays.read),
      peakExperience: createPeakExperienceReader(store, (service) =>
        zoneOf(inventory.services.get(service)?.element ?? ''),
      ),
      activeAlarms,
      alarms: createAlarmAccess({
        db,
        alarms,
        desk: alarmDesk,
        live: () => [...detector.live(), ...systemWatch.active()],
      }),
      incidents: createIncidentAccess(db, incidents, incidentDesk),
      maintenance: maintenance.access,
      reports: reportDesk,
      notifications: createNotificationAccess({
        db,
        ledger,
        inventory,
        render,
        clock,
        settings: notifySettings,
      }),
    })

    await sender.start()
    poller.start()
    if (config.traps !== undefined) {
      traps = await openTrapReceiver(config.traps, {
        inventory,
        poller,
        memory,
        accept: pipeline.acceptTrap,
        clock,
        log: part('traps'),
        metrics,
      })
      life.onClose('trap receiver', traps.close)
    }
    const stepping = new AbortController()
    setMaxListeners(0, stepping.signal)
    const asked = poller
      .pollNow(inventory.targets.keys(), undefined, stepping.signal)
      .catch((err: unknown) => log.warn({ err }, 'first poll failed'))
    void Promise.race([asked, clock.sleep(firstPictureMs, stepping.signal)]).finally(firstPicture.resolve)
    const steps = repeatedly(() => pipeline.step(), clock, stepping.signal)
    life.onClose('steps', async () => {
      stepping.abort()
      await steps
    })
    const tidying = new AbortController()
    const retentionMs = config.state.retention
    const tidy = { db, clock, log: part('jobs'), retentionMs, signal: tidying.signal }
    const stopTidying = scheduleJob('housekeeping', '17 3 * * *', () => housekeeping(tidy), part('jobs'))
    life.onClose('housekeeping', () => {
      tidying.abort()
      return stopTidying()
    })
    const forgetSilent = async () => latest.forget(clock.now() - silentForMs)
    life.onClose('latest values', scheduleJob('latest values', '47 * * * *', forgetSilent, part('jobs')))
    const compare = compareLinks(() => live.differences(), part('inventory'))
    life.onClose('link comparison', scheduleJob('link comparison', '*/10 * * * *', compare, part('jobs')))
    life.onClose(
      'internal alarms',
      startSystemAlarms({
        watch: systemWatch,
        look: createSystemStatus({
          isMeasured: measured.isMeasured,
          db,
          clock,
          elapsedMs: clock === systemClock ? elapsedMs : () => clock.now(),
          metrics,
          network: () => detector.state(clock.now()),
          queue,
          channels: watched,
        }),
        note: pipeline.note,
        clock,
        log: part('internal alarms'),
        everyMs: lookEveryMs,
      }),
    )
    await reportDesk.resume()
    const { host, port } = config.server.listen
    const { url } = await api.listen(host, port)
    life.onClose('api', () => api.close())
    return { url, close: () => life.close() }
  } catch (error) {
    await life.close()
    throw error
  }
}

async function repeatedly(step: () => Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await step()
    await clock.sleep(stepEveryMs, signal)
  }
}
