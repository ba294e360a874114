import { FaultlineError } from '../platform/errors.ts'

const dayMs = 86_400_000
/** Longest span of one report. */
const longestDays = 400
/** Stores keep no sample of this year or after it. */
const lastYear = 2262

/** What was asked; UTC epoch ms. */
interface AskedRange {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

const refused = (message: string, field = 'from') => new FaultlineError('REQUEST_INVALID', message, { field })

/**
 * The range of a report, `to` exclusive: up to now and of the usual length where nothing else is asked.
 * @throws FaultlineError REQUEST_INVALID for an empty range, one of more than 400 days, and one after the year 2261.
 */
export function reportRange({ from: asked, to: until }: AskedRange, now: number, usualDays: number) {
  const to = until ?? now
  const from = asked ?? Math.max(0, to - usualDays * dayMs)
  if (to > Date.UTC(lastYear, 0)) throw refused(`must lie before the year ${lastYear}`, 'to')
  if (from >= to) throw refused('must lie before `to`')
  if (to - from > longestDays * dayMs) throw refused(`one report spans ${longestDays} days at most`)
  return { from, to }
}
