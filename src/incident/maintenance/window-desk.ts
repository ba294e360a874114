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
import type { StateDb } from '../../platform/db/state-db.ts'
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
  plan(plan: WindowPlan, actor: Actor): Promise<MaintenanceWindow>
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
    id: MaintenanceWindowId | undefined,
    decide: (
      before: MaintenanceWindow | undefined,
      now: number,
    ) => WindowEventBody | FaultlineError | undefined,
    action: string,
    actor: Actor,
  ): Promise<MaintenanceWindow> => {
    const { window, event } = await db.transaction().execute(async (tx) => {
      const before = id === undefined ? undefined : await windows.get(tx, id)
      if (id !== undefined && !before)
        throw new FaultlineError('NOT_FOUND', `there is no maintenance window ${id}`, { window: id })
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
    return window
  }

  return {
    objection: (plan) => planObjection(plan, { isElement, now: clock.now() }),
    plan: (plan, actor) =>
      act(
        undefined,
        (_, now) => planObjection(plan, { isElement, now }) ?? { type: 'planned', plan },
        'plan',
        actor,
      ),
    change: (id, change, actor, expectedVersion) =>
      act(
        id,
        (before, now) => {
          if (!before) return undefined
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
      ),
  }
}

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
