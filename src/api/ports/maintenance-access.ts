import type { Actor } from '../../model/incident-event.ts'
import type {
  Interval,
  MaintenanceWindow,
  MaintenanceWindowId,
  WindowChange,
  WindowEvent,
  WindowPlan,
} from '../../model/maintenance-window.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { ServiceId } from '../../model/service.ts'
import type { Page } from '../../platform/db/cursor.ts'
import type { PageFilter } from './page-filter.ts'

/** Changes write their own audit rows, and throw NOT_FOUND, CONFLICT, PRECONDITION_FAILED or REQUEST_INVALID. */
export interface MaintenanceAccess {
  list(
    filter: PageFilter & { readonly state?: 'current' | 'over'; readonly now: number },
  ): Promise<Page<MaintenanceWindow>>
  get(id: MaintenanceWindowId): Promise<MaintenanceWindow | undefined>
  events(id: MaintenanceWindowId): Promise<readonly WindowEvent[]>
  /** `created` is false when the same external id had the same plan before. */
  plan(plan: WindowPlan, actor: Actor): Promise<MaintenanceWindow & { readonly created: boolean }>
  change(
    id: MaintenanceWindowId,
    change: WindowChange,
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MaintenanceWindow>
  /** The occurrence under way and up to `count` that follow. */
  times(
    window: MaintenanceWindow,
    now: number,
    count: number,
  ): { readonly current?: Interval; readonly next: readonly Interval[]; readonly over: boolean }
  /** The first occurrences of a plan; throws REQUEST_INVALID for one that cannot be. */
  preview(plan: WindowPlan, now: number, count: number): readonly Interval[]
  /** What a plan covers in the network as it is now. */
  covered(plan: Pick<WindowPlan, 'elements' | 'includeDownstream'>): {
    readonly elements: readonly ElementId[]
    readonly services: readonly ServiceId[]
    readonly customers: number
  }
}
