import type { MaintenanceAccess } from '../api/ports/maintenance-access.ts'
import { createAlarmMarks } from '../incident/maintenance/alarm-marks.ts'
import { coverageOf, underwayOf } from '../incident/maintenance/coverage.ts'
import { createMaintenanceBook } from '../incident/maintenance/maintenance-book.ts'
import { occurrencesOf } from '../incident/maintenance/occurrences.ts'
import type { PlannedWork } from '../incident/maintenance/planned-work.ts'
import { createWindowDesk, stepOf } from '../incident/maintenance/window-desk.ts'
import { createWindowStore, type WindowStep } from '../incident/maintenance/window-store.ts'
import type { LiveNetwork } from '../inventory/live-network.ts'
import type { Alarm, AlarmChange } from '../model/alarm.ts'
import { systemActor } from '../model/incident-event.ts'
import type { LiveEvent } from '../model/live-event.ts'
import type { MaintenanceWindow, WindowPlan } from '../model/maintenance-window.ts'
import type { Clock } from '../platform/clock.ts'
import type { StateDb, StateTx } from '../platform/db/state-db.ts'
import { newId } from '../platform/id.ts'
import type { Logger } from '../platform/logger.ts'

export interface MaintenanceDeps {
  readonly db: StateDb
  readonly clock: Clock
  readonly log: Logger
  readonly live: Pick<LiveNetwork, 'inventory' | 'topology'>
  /** As they are on disk. */
  readonly storedAlarms: readonly Alarm[]
  readonly activeAlarms: () => readonly Alarm[]
  readonly publish: (topic: LiveEvent['topic'], id: string, change: string) => void
  /** What is covered has changed: incidents are to be judged again. */
  readonly changed: () => void
  readonly newWindowId?: (now: number) => string
}

/** What the pipeline asks in each step. */
export interface MaintenanceWatch {
  plannedWork(now: number): PlannedWork
  /** Changes of alarms with the windows that cover them, and alarms whose window is another one now. */
  marked(changes: readonly AlarmChange[], work: PlannedWork): readonly AlarmChange[]
  /** Writes down what occurrences under way turn out to cover. */
  keep(tx: StateTx, now: number): Promise<void>
  /** These are on disk, and what was kept. Listeners hear of windows that have begun or ended. */
  saved(changes: readonly AlarmChange[], now: number): void
}

/** Maintenance windows: what is covered now, and what people do with them. */
export interface Maintenance {
  readonly watch: MaintenanceWatch
  readonly access: MaintenanceAccess
}

/**
 * Takes over the windows that are stored and not over.
 * @throws FaultlineError STATE_UNAVAILABLE
 */
export async function openMaintenance(deps: MaintenanceDeps): Promise<Maintenance> {
  const { db, clock, live } = deps
  const windows = createWindowStore()
  const book = createMaintenanceBook(await windows.current(db, clock.now()))
  const marks = createAlarmMarks(deps.storedAlarms)
  const desk = createWindowDesk({
    db,
    clock,
    windows,
    isElement: (id) => live.inventory.elements.has(id),
    newWindowId: deps.newWindowId ?? ((now) => newId('mw', now)),
    afterCommit: (window, event) => {
      book.put(window)
      deps.log.info({ window: window.id, change: event.type }, 'maintenance window')
      deps.publish('maintenance', window.id, event.type)
      deps.changed()
    },
  })

  let kept: readonly MaintenanceWindow[] = []
  const watch: MaintenanceWatch = {
    plannedWork: (now) => ({
      covers: book.coverage(live.topology(), now),
      services: live.inventory.services,
    }),
    marked: (changes, { covers }) => marks.marked(changes, deps.activeAlarms(), covers),
    async keep(tx, now) {
      const steps: WindowStep[] = []
      for (const { window: id, start, elements } of book.news(live.topology(), now)) {
        const before = await windows.get(tx, id)
        // It may have ended just now.
        if (before === undefined || occurrencesOf(before).at(now)?.start !== start) continue
        steps.push(stepOf(before, id, { type: 'covers', start, elements }, systemActor, now))
      }
      for (const step of steps) await windows.append(tx, step)
      kept = steps.map(({ window }) => window)
    },
    saved(changes, now) {
      for (const window of kept) book.put(window)
      kept = []
      marks.saved(changes)
      for (const { window, change } of book.turns(now)) deps.publish('maintenance', window, change)
    },
  }

  const access: MaintenanceAccess = {
    list: (filter) => windows.list(db, filter),
    get: (id) => windows.get(db, id),
    events: (id) => windows.events(db, id),
    plan: (plan, actor) => desk.plan(plan, actor),
    change: (id, change, actor, expectedVersion) => desk.change(id, change, actor, expectedVersion),
    times(window, now, count) {
      const occurrences = occurrencesOf(window)
      const current = occurrences.at(now)
      const over = (occurrences.over ?? Infinity) <= now
      return { ...(current ? { current } : {}), next: over ? [] : occurrences.next(now, count), over }
    },
    preview(plan, now, count) {
      const problem = desk.objection(plan)
      if (problem) throw problem
      return occurrencesOf(asWindow(plan)).next(Math.min(plan.start - 1, now), count)
    },
    covered(plan) {
      const underway = underwayOf({ id: '', ...plan }, { start: 0, end: 1 })
      const elements = new Set(coverageOf([underway], live.topology()).keys())
      const hit = live.inventory.services
        .values()
        .filter(({ element, endpoint }) => elements.has(element) || elements.has(endpoint))
        .toArray()
      return {
        elements: [...elements],
        services: hit.map(({ id }) => id),
        customers: new Set(hit.map(({ customer }) => customer)).size,
      }
    },
  }
  return { watch, access }
}

/** A plan as if it were stored. */
const asWindow = (plan: WindowPlan): MaintenanceWindow => ({
  ...plan,
  id: '',
  moved: [],
  createdBy: '',
  createdAt: 0,
  version: 0,
  updatedAt: 0,
})
