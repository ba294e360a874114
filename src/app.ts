import type { TrapReceiver } from './collect/traps/trap-receiver.ts'
import type { Config } from './config/schema.ts'
import type { Pipeline } from './pipeline.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { Lifecycle } from './platform/lifecycle.ts'
import { createLogger, type Logger } from './platform/logger.ts'
import { createFoundation } from './wiring/foundation.ts'
import { later } from './wiring/later.ts'
import { openMaintenance } from './wiring/maintenance.ts'
import { openApi } from './wiring/open-api.ts'
import { openChannels } from './wiring/open-channels.ts'
import { type Collection, openCollection } from './wiring/open-collection.ts'
import { openDesks } from './wiring/open-desks.ts'
import { openDetection } from './wiring/open-detection.ts'
import { openNotify } from './wiring/open-notify.ts'
import { openPipeline } from './wiring/open-pipeline.ts'
import type { PollingPlace } from './wiring/open-poller.ts'
import type { OpenProbes } from './wiring/open-probes.ts'
import { openReports } from './wiring/open-reports.ts'
import { openSamples } from './wiring/open-samples.ts'
import { openState } from './wiring/open-state.ts'
import { openTrapReceiver } from './wiring/open-trap-receiver.ts'
import { type RuleLearning, startRuleLearning } from './wiring/rule-learning.ts'
import { startJobs } from './wiring/start-jobs.ts'
import { startSteps } from './wiring/start-steps.ts'
import { tellOutcomes } from './wiring/tell-outcomes.ts'

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

/**
 * The composition root: makes each part once and ties them together. Each part says how it closes when it opens; what is
 * open is closed in the reverse order, and half-started means closed again.
 *
 * The flow: collection asks the elements and hands its polls to the pipeline, which stores the samples, detects,
 * correlates, tracks incidents, matches reports and queues notices; the API reads all of it. A part is made after those
 * that it hands things to, so the order below is that of the flow from its far end. Where the flow is a circle, who is
 * made first holds the other as a `later`: a change of planned work makes the pipeline step, the pipeline and the reports
 * ask for polls, days that end teach the rules.
 * @throws FaultlineError STATE_UNAVAILABLE, SPOOL_IN_USE, CONFIG_INVALID, PROBE_FAILED or LISTEN_FAILED. An InfluxDB, an
 * element or a mail server that is away does not stop the start.
 */
export async function startApp(config: Config, outside: Partial<Outside> = {}): Promise<App> {
  const {
    clock = systemClock,
    log = createLogger(config.log.level),
    version = 'unknown',
    demo = false,
    polling = clock === systemClock ? 'thread' : 'here',
    probes,
  } = outside
  const life = new Lifecycle()
  const laterPipeline = later<Pipeline>('pipeline')
  const laterCollection = later<Collection>('collection')
  const laterLearning = later<RuleLearning>('learning of rules')
  const traps = later<TrapReceiver>('trap receiver')
  const firstPicture = Promise.withResolvers<void>()
  try {
    const base = createFoundation(config, { clock, log, life })
    const { part, metrics, inventory, live, publish } = base
    metrics.collectProcess()
    const state = await openState(base)
    const { db, alarms } = state

    const samples = await openSamples(base, state, (days) => laterLearning.ifMade()?.peaks(days))
    const detection = await openDetection(base, state)
    const { detector, activeAlarms } = detection
    const notices = openNotify(base, state, detection, openChannels(config.notify.channels, clock))
    const maintenance = await openMaintenance({
      db,
      clock,
      log: part('maintenance'),
      live,
      storedAlarms: await alarms.active(db),
      activeAlarms,
      publish,
      changed: () => void laterPipeline.get().step(),
    })
    const reports = openReports(base, state, detection, async (elements, timeoutMs) => {
      await laterCollection.get().poller.pollNow(elements, ['icmp', 'stamp'], AbortSignal.timeout(timeoutMs))
    })

    const committed = tellOutcomes(base, samples.queue, notices)
    const pipeline = laterPipeline.is(
      openPipeline(base, state, {
        store: samples.accept,
        detection,
        maintenance: maintenance.watch,
        reports,
        notices,
        pollNow: (elements) => laterCollection.get().poller.pollNow(elements),
        firstPicture: firstPicture.promise,
        committed,
      }),
    )
    const learning = laterLearning.is(
      startRuleLearning({
        rules: config.detection.rules,
        surroundings: detection.surroundings,
        store: samples.store,
        inventory,
        standing: activeAlarms,
        accept: (days) => pipeline.note(detector.acceptDays(days, clock.now())),
        clock,
        log: part('rules'),
      }),
    )
    life.onClose('rule learning', learning.close)
    life.onClose('first picture', firstPicture.resolve)
    const place = { polling, ...(probes ? { probes } : {}) }
    const collection = laterCollection.is(await openCollection(base, state, pipeline, place))
    const { poller, memory } = collection

    const desks = openDesks(base, state, pipeline, committed)
    const api = openApi(
      base,
      {
        state,
        samples,
        detection,
        maintenance,
        reports,
        notices,
        pipeline,
        collection,
        traps: traps.ifMade,
        desks,
      },
      { version, demo },
    )

    await notices.sender.start()
    poller.start()
    if (config.traps !== undefined) {
      const deps = { clock, log: part('traps'), metrics }
      const needs = { inventory, poller, memory, accept: pipeline.acceptTrap, ...deps }
      const receiver = traps.is(await openTrapReceiver(config.traps, needs))
      life.onClose('trap receiver', receiver.close)
    }
    startSteps(base, poller, pipeline, firstPicture.resolve)
    startJobs(base, { state, samples, detection, notices, pipeline })
    await reports.resume()
    const { host, port } = config.server.listen
    const { url } = await api.listen(host, port)
    life.onClose('api', () => api.close())
    return { url, close: () => life.close(log) }
  } catch (error) {
    await life.close()
    throw error
  }
}
