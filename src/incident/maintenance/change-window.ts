import type {
  MaintenanceWindow,
  Recurrence,
  WindowChange,
  WindowEventBody,
  WindowPlan,
  WindowPlanChange,
} from '../../model/maintenance-window.ts'
import { FaultlineError } from '../../platform/errors.ts'
import { durationLimits, type PlanChecks, planProblems } from './check-plan.ts'
import { replanned } from './fold-window.ts'
import { occurrencesOf } from './occurrences.ts'

const conflict = (window: MaintenanceWindow, why: string) =>
  new FaultlineError('CONFLICT', why, { window: window.id })

/**
 * Keys of a plan that say when and what. Once it has begun they stand: what was covered then is what clocks left out, and
 * customers were told.
 */
const settled = ['elements', 'includeDownstream', 'start', 'durationMs', 'timeZone'] as const

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Only occurrences that have not begun may be taken out of, or put back into, a window that has begun. */
function recurrenceObjection(
  before: Recurrence | undefined,
  after: Recurrence | null,
  now: number,
): string | undefined {
  if (after === null || before?.rule !== after.rule) return 'the rule of a window that has begun stands'
  const changed = new Set([...before.exclude, ...after.exclude]).difference(
    new Set(before.exclude).intersection(new Set(after.exclude)),
  )
  return [...changed].some((at) => at <= now) ? 'an occurrence that has begun stays as it was' : undefined
}

function replan(
  window: MaintenanceWindow,
  plan: WindowPlanChange,
  checks: PlanChecks,
): WindowEventBody | FaultlineError | undefined {
  const has = (key: keyof WindowPlanChange) => plan[key] !== undefined && !isSame(plan[key], window[key])
  const keys = (Object.keys(plan) as (keyof WindowPlanChange)[])
    .filter(has)
    .filter((key) => plan[key] !== null || window[key] !== undefined)
  if (keys.length === 0) return undefined
  const change: WindowPlanChange = Object.fromEntries(keys.map((key) => [key, plan[key]]))
  const begun = window.start <= checks.now
  const fixed = begun ? settled.find((key) => keys.includes(key)) : undefined
  if (fixed !== undefined)
    return conflict(window, 'the window has begun: end it and plan another one for what is different')
  if (begun && change.recurrence !== undefined) {
    const why = recurrenceObjection(window.recurrence, change.recurrence, checks.now)
    if (why !== undefined) return conflict(window, why)
  }
  const problems = planProblems(replanned(window, change), checks, begun || change.start === undefined)
  return problems.length > 0 ? invalidPlan(problems) : { type: 'replanned', plan: change }
}

function moveEnd(
  window: MaintenanceWindow,
  endsAt: number | 'now',
  now: number,
): WindowEventBody | FaultlineError {
  const occurrences = occurrencesOf(window)
  const current = occurrences.at(now)
  if (!current) return conflict(window, 'no occurrence of the window is under way')
  const end = endsAt === 'now' ? now : endsAt
  const invalid = (why: string) => new FaultlineError('REQUEST_INVALID', why, { field: 'endsAt' })
  if (end < now) return invalid('lies in the past: an end can be moved to "now" or later')
  if (end > current.start + durationLimits.mostMs) return invalid('a window lasts 31 days at most')
  const [next] = occurrences.next(now, 1)
  if (next && end > next.start) return invalid('the next occurrence of the window begins before that')
  return { type: 'endMoved', start: current.start, end }
}

const invalidPlan = (errors: ReturnType<typeof planProblems>) =>
  new FaultlineError('REQUEST_INVALID', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), {
    errors,
  })

/** REQUEST_INVALID, with each key that is wrong, for a plan that cannot be. */
export function planObjection(plan: WindowPlan, checks: PlanChecks): FaultlineError | undefined {
  const problems = planProblems(plan, checks)
  return problems.length > 0 ? invalidPlan(problems) : undefined
}

/**
 * What a person's change adds to the log of a window; undefined when it says nothing new. Returns, and does not throw,
 * CONFLICT when the state does not allow it, REQUEST_INVALID for a plan that cannot be.
 */
export function changeWindow(
  window: MaintenanceWindow,
  change: WindowChange,
  checks: PlanChecks,
): WindowEventBody | FaultlineError | undefined {
  if (window.cancelledAt !== undefined) return conflict(window, 'the window was cancelled')
  if (hasEnded(window, checks.now)) return conflict(window, 'the window is over')
  switch (change.type) {
    case 'replan':
      return replan(window, change.plan, checks)
    case 'moveEnd':
      return moveEnd(window, change.endsAt, checks.now)
    case 'cancel':
      return { type: 'cancelled' }
  }
}

/** No occurrence is under way, and none will be. */
export const hasEnded = (window: MaintenanceWindow, now: number): boolean =>
  (occurrencesOf(window).over ?? Infinity) <= now
