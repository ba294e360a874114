import { isStateRule, type Rule, type SeverityBand } from '../model/rule.ts'
import type { Severity } from '../model/severity.ts'

/** What the samples of one series say under one rule. */
export interface Verdict {
  readonly raised: boolean
  readonly severity: Severity
  /** First bad sample of those that raised it. */
  readonly onsetAt: number
  /** First good sample of those that cleared it; 0 before. */
  readonly restoredAt: number
  /** Last value and the limit, where the indicator is a number. */
  readonly value?: number
  readonly limit?: number
}

export interface Evaluator {
  /** A later value of the series; one that comes late is ignored. */
  observe(value: number, at: number): void
  verdict(): Verdict
  /** Not raised, and no bad sample remembered: the same as a new one. */
  isIdle(): boolean
}

/** The limits of a rule; a state indicator counts as 1 when bad and 0 when good. */
export const limitsOf = (
  rule: Rule,
): { readonly raise: number; readonly clear: number; readonly bands: readonly SeverityBand[] } =>
  isStateRule(rule) ? { raise: 1, clear: 1, bands: [{ at: 1, severity: rule.severity }] } : rule

/**
 * Judges one series by one rule. Quiet until N of the last M samples are bad; then raised until `good` samples in a row
 * are good, whatever lies between neither. Severity is that of the value which N of the last M samples reached, so one
 * worse burst does not make it jump. After a gap longer than `gapMs` the samples before it count no more, neither
 * for nor against: nothing is raised or cleared out of a gap. A clock that is set back by more than that is a gap too.
 */
export function createEvaluator(
  rule: Rule,
  gapMs: number,
  standing?: { readonly severity: Severity; readonly onsetAt: number; readonly value?: number },
): Evaluator {
  const { raise, clear, bands } = limitsOf(rule)
  const ascending = bands.toSorted((one, other) => one.at - other.at)
  const { bad, of, good } = rule.samples
  const recent: { readonly value: number; readonly at: number }[] = []
  let lastAt = -Infinity
  let goods = 0
  let firstGoodAt = 0
  let raised = standing !== undefined
  let severity = standing?.severity ?? ascending[0]?.severity ?? 'indeterminate'
  let onsetAt = standing?.onsetAt ?? 0
  let restoredAt = 0
  let value = standing?.value ?? 0

  const gradeRecent = () => {
    const reached = recent.map((sample) => sample.value).sort((one, other) => other - one)[bad - 1]
    if (reached === undefined || reached < raise) return
    severity = ascending.findLast((band) => band.at <= reached)?.severity ?? severity
  }
  const whileQuiet = () => {
    const bads = recent.filter((sample) => sample.value >= raise)
    if (bads.length < bad) return
    raised = true
    onsetAt = bads[0]?.at ?? lastAt
    severity = ascending[0]?.severity ?? severity
    gradeRecent()
  }
  const whileRaised = () => {
    gradeRecent()
    if (value >= clear) {
      goods = 0
      return
    }
    if (goods++ === 0) firstGoodAt = lastAt
    if (goods < good) return
    raised = false
    restoredAt = firstGoodAt
    goods = 0
    recent.length = 0
  }

  return {
    observe(next, at) {
      if (at <= lastAt && lastAt - at <= gapMs) return
      if (Math.abs(at - lastAt) > gapMs) {
        recent.length = 0
        goods = 0
      }
      lastAt = at
      value = next
      recent.push({ value, at })
      if (recent.length > of) recent.shift()
      if (raised) whileRaised()
      else whileQuiet()
    },
    verdict: () => ({
      raised,
      severity,
      onsetAt,
      restoredAt,
      ...(isStateRule(rule) ? {} : { value, limit: raise }),
    }),
    isIdle: () => !raised && recent.every((sample) => sample.value < raise),
  }
}
