import type { Correlation, CorrelationInput } from './correlate/correlate.ts'
import type { Detector } from './detect/detector.ts'
import type { AlarmStore } from './incident/alarm-store.ts'
import type { IncidentChange } from './incident/incident-change.ts'
import type { IncidentStore } from './incident/incident-store.ts'
import { createShelfMarks } from './incident/shelf-marks.ts'
import { type TrackSettings, trackIncidents } from './incident/track-incidents.ts'
import type { LiveNetwork } from './inventory/live-network.ts'
import type { Alarm, AlarmChange, NetworkAlarm } from './model/alarm.ts'
import { type Incident, isOpen } from './model/incident.ts'
import type { ElementId } from './model/network-element.ts'
import type { NetworkState } from './model/network-state.ts'
import type { PollResult } from './model/reading.ts'
import type { Sample } from './model/sample.ts'
import type { Trap } from './model/trap.ts'
import type { Ledger } from './notify/ledger.ts'
import type { NotifySettings } from './notify/plan-notifications.ts'
import type { Clock } from './platform/clock.ts'
import type { StateDb, StateTx } from './platform/db/state-db.ts'
import { newId } from './platform/id.ts'
import type { Logger } from './platform/logger.ts'
import type { Metrics } from './platform/metrics.ts'
import type { ReportChange } from './report/rematch.ts'
import type { MaintenanceWatch } from './wiring/maintenance.ts'
import { createReachWatch } from './wiring/reach-watch.ts'
import { createUnmeasuredElements } from './wiring/unmeasured-elements.ts'

/** The stages, in the order of the flow, and what ties them together. */
export interface Stages {
  readonly live: LiveNetwork
  readonly store: (samples: readonly Sample[]) => void
  readonly detector: Detector
  readonly correlate: (input: CorrelationInput) => Correlation
  readonly alarms: AlarmStore
  readonly incidents: IncidentStore
  /** Absent: nothing is ever planned. */
  readonly maintenance?: MaintenanceWatch
  readonly rematch: (
    tx: StateTx,
    changes: readonly IncidentChange[],
    now: number,
  ) => Promise<readonly ReportChange[]>
  readonly ledger: Ledger
  readonly db: StateDb
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Nothing is judged before: when every element was asked once, or that took too long. Never rejects. */
  readonly firstPicture: Promise<void>
  readonly settings: {
    /** How long a cut gathers what else falls silent before its root cause is named, ms. */
    readonly decisionWaitMs: number
    readonly track: TrackSettings
    readonly notify: NotifySettings
  }
  /** Elements that have just missed a poll, could not be asked, or answer again: what is around them is asked at once. */
  readonly hasten: (elements: readonly ElementId[]) => void
  /** Told once a step is on disk. */
  readonly committed: (outcome: Outcome) => void
}

/** What one step changed. */
export interface Outcome {
  readonly at: number
  readonly alarms: readonly AlarmChange[]
  readonly incidents: readonly IncidentChange[]
  readonly reports: readonly ReportChange[]
  /** Elements that answer now and did not before, or the reverse. */
  readonly reach: readonly ElementId[]
  /** What it was judged by; absent when people changed something. */
  readonly judged?: { readonly state: NetworkState; readonly active: readonly NetworkAlarm[] }
}

export interface Pipeline {
  /** One poll and the samples made of it: to the store, to detection. Never waits. */
  accept(result: PollResult, samples: readonly Sample[]): void
  /** A trap: counts where it is evidence by itself. Never waits. */
  acceptTrap(trap: Trap): void
  /** What else is wrong, of which no poll tells. */
  note(changes: readonly AlarmChange[]): void
  /** Judges what has come together: root cause, incidents, matches, messages. Calls are put in line. */
  step(): Promise<void>
  /** What follows from changed incidents within the same transaction, whoever changed them. */
  follow(tx: StateTx, changes: readonly IncidentChange[], now: number): Promise<readonly ReportChange[]>
  /** When the last step was on disk; undefined before the first. */
  lastStepAt(): number | undefined
}

/** The flow of Faultline on one screen. */
export function createPipeline(stages: Stages): Pipeline {
  const { live, detector, db, clock, settings } = stages
  const { alarms, incidents, maintenance, ledger } = stages
  let unsaved: AlarmChange[] = []
  /** Elements that turned since the last step that is on disk. */
  const untold = new Set<ElementId>()
  let line = stages.firstPicture
  let lastStepAt: number | undefined
  const reach = createReachWatch()
  const markShelved = createShelfMarks()
  const unmeasured = createUnmeasuredElements()

  function accept(result: PollResult, samples: readonly Sample[]): void {
    live.accept(result)
    stages.metrics.samples.inc(samples.length)
    stages.store(samples)
    note(detector.accept(result, samples, clock.now()))
  }

  const acceptTrap = (trap: Trap) => note(detector.acceptTrap(trap, clock.now()))

  function note(changes: readonly AlarmChange[]): void {
    if (changes.length === 0) return
    unsaved.push(...changes)
    // An alarm need not wait for the next tick.
    void step()
  }

  async function follow(tx: StateTx, changes: readonly IncidentChange[], now: number) {
    const reports = await stages.rematch(tx, changes, now)
    const open = await incidents.open(tx)
    const newNotificationId = () => newId('msg', now)
    await ledger.plan(tx, { changes, open, settings: settings.notify, now, newNotificationId })
    return reports
  }

  /** Those that are active are at hand; only what was cleared is read. */
  async function alarmsOf(tx: StateTx, open: readonly Incident[], active: readonly Alarm[]) {
    const atHand = new Map(active.map((alarm) => [alarm.id, alarm]))
    const others = open.flatMap((incident) => incident.alarms).filter((id) => !atHand.has(id))
    if (others.length === 0) return atHand
    return new Map([...atHand, ...(await alarms.getMany(tx, others))])
  }

  async function judge(): Promise<void> {
    const shelves = await alarms.shelves(db)
    const now = clock.now()
    unsaved.push(...detector.tick(now))
    const pending = unsaved.length
    const plannedWork = maintenance?.plannedWork(now)
    const changes = (plannedWork && maintenance?.marked(unsaved, plannedWork)) ?? [...unsaved]
    const state = detector.state(now)
    const turned = reach.turned(state.elements)
    for (const element of turned.all) untold.add(element)
    if (turned.hasten.length > 0) stages.hasten(turned.hasten)
    const active = markShelved(detector.active(), shelves)
    const { findings, undecided } = stages.correlate({
      topology: live.topology(),
      state,
      alarms: active,
      services: live.inventory.services.values(),
      now,
      decisionWaitMs: settings.decisionWaitMs,
    })
    // No data is no pass: what is not measured is neither restored nor resolved.
    const unknown = unmeasured(state, findings, now)
    const finish = stages.metrics.pipelineDuration.startTimer()
    const { openIncidents, ...outcome } = await db.transaction().execute(async (tx) => {
      await alarms.save(tx, changes)
      const unshelved = await alarms.unshelveDue(tx, now)
      await maintenance?.keep(tx, now)
      const open = await incidents.open(tx)
      const tracked = trackIncidents({
        incidents: [...open, ...(await incidents.recent(tx, now))],
        findings,
        undecided: [...undecided, ...unknown.elements],
        unsendable: unknown.unsendable,
        alarms: await alarmsOf(tx, open, active),
        ...(plannedWork ? { plannedWork } : {}),
        now,
        settings: settings.track,
        newIncidentId: () => newId('inc', now),
      })
      await incidents.append(tx, tracked)
      const reports = tracked.length === 0 ? [] : await follow(tx, tracked, now)
      return {
        at: now,
        alarms: [...changes.filter(({ kind }) => kind !== 'kept'), ...unshelved],
        incidents: tracked,
        reports,
        reach: [...untold],
        judged: { state, active },
        openIncidents: countOpen([...open, ...tracked.map(({ incident }) => incident)]),
      }
    })
    // Only now: what a failed transaction did not keep is offered to the next one.
    unsaved = unsaved.slice(pending)
    maintenance?.saved(changes, now)
    untold.clear()
    lastStepAt = now
    stages.metrics.alarmsActive.set(detector.active().length)
    stages.metrics.incidentsOpen.set(openIncidents)
    if (changes.length > 0) finish()
    stages.committed(outcome)
  }

  let waiting = false
  function step(): Promise<void> {
    if (waiting) return line
    waiting = true
    line = line.then(async () => {
      waiting = false
      try {
        await judge()
      } catch (err) {
        stages.log.error({ err }, 'step failed, its alarms are tried again')
      }
    })
    return line
  }

  return { accept, acceptTrap, note, step, follow, lastStepAt: () => lastStepAt }
}

/** Of each incident the last that is given counts. */
const countOpen = (all: readonly Incident[]): number =>
  [...new Map(all.map((incident) => [incident.id, incident])).values()].filter(isOpen).length
