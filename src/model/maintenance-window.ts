import type { ElementId } from './network-element.ts'

export type MaintenanceWindowId = string

/** From `start`, to `end` exclusive; UTC epoch ms. */
export interface Interval {
  readonly start: number
  readonly end: number
}

/** Which days it takes place again (RFC 5545). */
export interface Recurrence {
  /** The value of an RRULE (§3.3.10), without `RRULE:`. DAILY, WEEKLY, MONTHLY or YEARLY. */
  readonly rule: string
  /** Starts of occurrences that do not take place (EXDATE, §3.8.5.1); UTC epoch ms. */
  readonly exclude: readonly number[]
}

/** What people plan. */
export interface WindowPlan {
  /** The number of the work in the planner's own system; the same again is the same window. */
  readonly externalId?: string
  readonly title: string
  readonly description?: string
  readonly elements: readonly ElementId[]
  /** With what hangs on them: each element all whose paths to the gateways lead through covered ones. */
  readonly includeDownstream: boolean
  /** Start of the first occurrence. UTC epoch milliseconds, in whole seconds. */
  readonly start: number
  /**
   * How long each occurrence lasts, ms. Whole days in it are days of the local calendar, of 23 or 25 hours when the
   * clocks change, and the rest is exact: 26 h is P1DT2H of RFC 5545 §3.3.6.
   */
  readonly durationMs: number
  /** Absent: it takes place once. */
  readonly recurrence?: Recurrence
  /** IANA zone of its calendar: an occurrence is at the same local time in summer and in winter. */
  readonly timeZone: string
}

/**
 * A planned period of work. Alarms of the elements that it covers are kept and marked; customers are sent no outage
 * message for what it explains, and clocks leave it out.
 */
export interface MaintenanceWindow extends WindowPlan {
  readonly id: MaintenanceWindowId
  /** Occurrences that a person ended early or extended. */
  readonly moved: readonly Interval[]
  /** What the last occurrence that began turned out to cover; it stays covered, whatever the topology says meanwhile. */
  readonly covers?: { readonly start: number; readonly elements: readonly ElementId[] }
  readonly createdBy: string
  readonly createdAt: number
  /** Nothing takes place after this; an occurrence under way ended with it. */
  readonly cancelledAt?: number
  /** Counts the log rows; it is the ETag of optimistic concurrency. */
  readonly version: number
  readonly updatedAt: number
}

/** What can happen to a window. Its state is a fold of these (`incident/maintenance/fold-window.ts`). */
export type WindowEventBody =
  | { readonly type: 'planned'; readonly plan: WindowPlan }
  /** Keys that changed; null takes one away. */
  | { readonly type: 'replanned'; readonly plan: WindowPlanChange }
  /** The occurrence that began at `start` ends at `end`: earlier or later than planned. */
  | { readonly type: 'endMoved'; readonly start: number; readonly end: number }
  | { readonly type: 'cancelled' }
  /** The occurrence that began at `start` covers these, besides what it covered before. */
  | { readonly type: 'covers'; readonly start: number; readonly elements: readonly ElementId[] }

export type WindowPlanChange = Partial<Omit<WindowPlan, 'externalId' | 'description' | 'recurrence'>> & {
  readonly description?: string | null
  readonly recurrence?: Recurrence | null
}

/** A row of the append-only log. */
export type WindowEvent = WindowEventBody & {
  readonly window: MaintenanceWindowId
  /** 1, 2, 3 … within the window. */
  readonly sequence: number
  readonly at: number
  readonly actor: string
}

/** What a person may do to a window. `endsAt` is that of the occurrence under way. */
export type WindowChange =
  | { readonly type: 'replan'; readonly plan: WindowPlanChange }
  | { readonly type: 'moveEnd'; readonly endsAt: number | 'now' }
  | { readonly type: 'cancel' }
