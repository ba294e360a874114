import { isDeepStrictEqual } from 'node:util'
import type { Actor } from '../../model/incident-event.ts'
import type {
  MaintenanceWindow,
  MaintenanceWindowId,
  WindowChange,
  WindowEvent,
  WindowEventBody,
  WindowPlan,
} from '../../model/maintenance-window.ts'
import type { Clock } from '../../platform/clock.ts'
import type { StateDb, StateTx } from '../../platform/db/state-db.ts'
import { FaultlineError } from '../../platform/errors.ts'
import { changeWindow, planObjection } from './change-window.ts'
import type { PlanChecks } from './check-plan.ts'
import { afterWindowEvent } from './fold-window.ts'
import type { WindowStep, WindowStore } from './window-store.ts'

export interface WindowDeskDeps {
  readonly db: StateDb
  readonly clock: Clock
  readonly windows: WindowStore
  readonly isElement: PlanChecks['isElement']
  readonly newWindowId: (now: number) => MaintenanceWindowId
  /** Told once the change is on disk. */
  readonly afterCommit: (window: MaintenanceWindow, event: WindowEvent) => void
}

/**
 * What people do with maintenance windows: log row, state and audit row in one transaction, so that a window is stored
 * whole or refused. Changes throw REQUEST_INVALID, and those of a window that is there NOT_FOUND, CONFLICT or
 * PRECONDITION_FAILED too; nothing is changed then.
 */
export interface WindowDesk {
  /** What would be wrong with such a plan. */
  objection(plan: WindowPlan): FaultlineError | undefined
  /**
   * The same external id and plan again give the window of the first time as it is now, with `created` false.
   * @throws FaultlineError CONFLICT when the external id belongs to a window that was planned otherwise.
   */
  plan(plan: WindowPlan, actor: Actor): Promise<MaintenanceWindow & { readonly created: boolean }>
  change(
    id: MaintenanceWindowId,
    change: WindowChange,
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MaintenanceWindow>
}

export function createWindowDesk({
  db,
  clock,
  windows,
  isElement,
  newWindowId,
  afterCommit,
}: WindowDeskDeps): WindowDesk {
  const act = async (
    find: (tx: StateTx) => Promise<MaintenanceWindow | undefined>,
    decide: (
      before: MaintenanceWindow | undefined,
      now: number,
    ) => WindowEventBody | FaultlineError | undefined,
    action: string,
    actor: Actor,
  ): Promise<{ readonly window: MaintenanceWindow; readonly created: boolean }> => {
    const { window, event } = await db.transaction().execute(async (tx) => {
      const before = await find(tx)
      const now = clock.now()
      const body = decide(before, now)
      if (body instanceof FaultlineError) throw body
      const step = body && stepOf(before, before?.id ?? newWindowId(now), body, actor, now)
      if (!step) return { window: before, event: undefined }
      await windows.append(tx, step)
      const { version } = step.window
      await tx
        .insertInto('audit')
        .values({
          at: now,
          actor,
          action: `maintenance.${action}`,
          subject: step.window.id,
          details_json: JSON.stringify({ version }),
        })
        .execute()
      return step
    })
    if (!window) throw new Error('a maintenance window was neither found nor made')
    if (event) afterCommit(window, event)
    return { window, created: event?.sequence === 1 }
  }

  /** As it was planned, whatever became of it since: that is what is asked for again. */
  const plannedAs = async (tx: StateTx, window: MaintenanceWindow, plan: WindowPlan): Promise<void> => {
    const [first] = await windows.events(tx, window.id)
    if (first?.type !== 'planned' || !isDeepStrictEqual(comparable(first.plan), comparable(plan)))
      throw new FaultlineError('CONFLICT', 'this externalId belongs to a window that was planned otherwise', {
        window: window.id,
      })
  }

  return {
    objection: (plan) => planObjection(plan, { isElement, now: clock.now() }),
    async plan(plan, actor) {
      const { window, created } = await act(
        async (tx) => {
          const { externalId } = plan
          const known = externalId === undefined ? undefined : await windows.byExternalId(tx, externalId)
          if (known) await plannedAs(tx, known, plan)
          return known
        },
        (before, now) =>
          before ? undefined : (planObjection(plan, { isElement, now }) ?? { type: 'planned', plan }),
        'plan',
        actor,
      )
      return { ...window, created }
    },
    async change(id, change, actor, expectedVersion) {
      const { window } = await act(
        (tx) => windows.get(tx, id),
        (before, now) => {
          if (!before)
            return new FaultlineError('NOT_FOUND', `there is no maintenance window ${id}`, { window: id })
          if (expectedVersion !== undefined && expectedVersion !== before.version)
            return new FaultlineError(
              'PRECONDITION_FAILED',
              `the maintenance window is at version ${before.version}, and not at ${expectedVersion}`,
              { window: id, version: before.version },
            )
          return changeWindow(before, change, { isElement, now })
        },
        change.type,
        actor,
      )
      return window
    },
  }
}

/** Neither the order of elements nor that of excluded days says anything. */
const comparable = ({ elements, recurrence, ...plan }: WindowPlan) => ({
  ...plan,
  elements: elements.toSorted(),
  recurrence: recurrence && { rule: recurrence.rule, exclude: recurrence.exclude.toSorted() },
})

/** What one event makes of a window. */
export function stepOf(
  before: MaintenanceWindow | undefined,
  id: MaintenanceWindowId,
  body: WindowEventBody,
  actor: Actor,
  now: number,
): WindowStep {
  const event: WindowEvent = {
    ...body,
    window: id,
    sequence: (before?.version ?? 0) + 1,
    at: Math.max(now, before?.updatedAt ?? now),
    actor,
  }
  return { window: afterWindowEvent(before, event), ...(before ? { before } : {}), event }
}
