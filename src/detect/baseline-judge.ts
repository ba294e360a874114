import type { BaselineSettings, ValueRule } from '../model/rule.ts'
import type { Baseline } from './baseline.ts'
import type { WindowTest } from './rule-window.ts'
import type { SampleJudge } from './sample-judge.ts'
import { readerOf } from './sample-value.ts'
import { sideOf, weigh } from './threshold.ts'
import { unitOf, valueText } from './value-text.ts'
import { good } from './verdict.ts'

/**
 * By what is usual at this hour of the week. Limits are deviations: (value − median) / spread, with a spread so large
 * that the raise limit is not under the floor. Says nothing while the history is too short.
 */
export function baselineJudge(
  rule: ValueRule & { readonly baseline: BaselineSettings },
  baseline: Baseline,
  isOpen: WindowTest | undefined,
): SampleJudge {
  const read = readerOf(rule)
  const { side, floor } = rule.baseline
  const leastSpread = floor / rule.raise
  const sign = side === 'rise' ? 1 : -1
  const unit = unitOf(rule)
  return {
    rule,
    judge(sample, tell) {
      const value = read(sample)
      if (Number.isNaN(value)) return
      const usual = baseline.usualAt(sample.at)
      if (usual === undefined) return
      const spread = Math.max(usual.spread, leastSpread)
      const deviations = (sign * (value - usual.median)) / spread
      if (sideOf(rule, deviations) < 0) {
        tell(sample, rule, good)
        return
      }
      const shown = {
        value,
        limit: usual.median + sign * rule.raise * spread,
        detail: `${valueText(usual.median, unit)} is usual at this hour of the week`,
      }
      tell(sample, rule, weigh(rule, deviations, isOpen?.(sample.at) ?? true, shown))
    },
  }
}
