import type { WindowPlan } from '../../model/maintenance-window.ts'
import { messageOf } from '../../platform/errors.ts'
import { endAfter, type Starts, startsOf } from './recurrence.ts'
import { dearPart, readRule } from './rule-text.ts'

export interface PlanProblem {
  /** The key of the plan that is wrong: `start`, `recurrence.rule`. */
  readonly path: string
  readonly message: string
}

const minuteMs = 60_000
const dayMs = 86_400_000

/** Shorter than a poll it would cover nothing; longer than a month it is no maintenance. */
export const durationLimits = { leastMs: minuteMs, mostMs: 31 * dayMs }
/** What has happened is not made planned afterwards; this much is for clocks that differ, and for slow typing. */
const lateMs = 15 * minuteMs
const aheadMs = 2 * 366 * dayMs
/** The last start of a rule is looked for day by day, whenever its window is shown. */
const longestMs = 10 * 366 * dayMs
/** So many occurrences are held against each other. */
const compared = 400
/** Looked for in steps: a rule with 24 starts a day has them all in the first, and is not worked out for years. */
const comparedWithinMs = [32 * dayMs, 200 * dayMs, 1_000 * dayMs]

/** Whether elements and zones are known is for who has the inventory to say. */
export interface PlanChecks {
  readonly isElement: (element: string) => boolean
  readonly now: number
}

const isZone = (name: string): boolean => {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** All that is wrong with a plan, in words for who made it. `keepsStart`: it may have begun already. */
export function planProblems(
  plan: WindowPlan,
  { isElement, now }: PlanChecks,
  keepsStart = false,
): readonly PlanProblem[] {
  const problems: PlanProblem[] = []
  const wrong = (path: string, message: string) => problems.push({ path, message })
  plan.elements.forEach((element, index) => {
    if (!isElement(element)) wrong(`elements.${index}`, `there is no element ${JSON.stringify(element)}`)
  })
  if (plan.elements.length === 0) wrong('elements', 'at least one element is needed')
  const { leastMs, mostMs } = durationLimits
  if (plan.durationMs < leastMs || plan.durationMs > mostMs) wrong('duration', 'must be 1 minute to 31 days')
  if (!keepsStart && plan.start < now - lateMs)
    wrong('start', 'is in the past: what has happened cannot be planned afterwards')
  if (plan.start > now + aheadMs) wrong('start', 'is more than two years ahead')
  if (!isZone(plan.timeZone)) wrong('timeZone', 'is no IANA time zone such as Europe/Berlin')
  return problems.length > 0 || plan.recurrence === undefined ? problems : recurrenceProblems(plan)
}

function recurrenceProblems(plan: WindowPlan): readonly PlanProblem[] {
  const { rule = '', exclude = [] } = plan.recurrence ?? {}
  const atRule = (message: string) => [{ path: 'recurrence.rule', message }]
  const read = readRule(rule)
  if ('problem' in read) return atRule(read.problem)
  const dear = dearPart(read.local)
  if (dear !== undefined) return atRule(dear)
  if (read.until !== undefined && read.until > plan.start + longestMs)
    return atRule('UNTIL is more than ten years after the start; a rule without UNTIL has no end')
  let starts: Starts
  let first: readonly number[]
  try {
    starts = startsOf(plan)
    if (starts.between(plan.start, plan.start).length === 0)
      return atRule('the start is no occurrence of this rule')
    // The library tells of some rules only when it is asked for days, and of some only when it is asked for the last.
    first = firstOf(starts, plan.start)
    if (read.count !== undefined && (starts.last ?? 0) > plan.start + longestMs)
      return atRule('COUNT leads to more than ten years after the start; a rule without COUNT has no end')
  } catch (error) {
    const why = messageOf(error)
    return atRule(/iterations/.test(why) ? 'takes place too seldom for its last start to be found' : why)
  }
  const overlaps = first.some(
    (start, index) =>
      index > 0 && start < endAfter(first[index - 1] ?? start, plan.durationMs, plan.timeZone),
  )
  if (overlaps) return atRule('its occurrences overlap: it takes place again before it is over')
  return exclude.flatMap((at, index) =>
    starts.between(at, at).length === 1
      ? []
      : [{ path: `recurrence.exclude.${index}`, message: 'is not the start of an occurrence' }],
  )
}

function firstOf(starts: Starts, from: number): readonly number[] {
  let found: readonly number[] = []
  for (const ahead of comparedWithinMs) {
    found = starts.between(from, from + ahead).slice(0, compared)
    if (found.length === compared) break
  }
  return found
}
