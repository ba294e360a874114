import { isDaily, type ValueRule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import type { WindowTest } from './rule-window.ts'
import { readerOf } from './sample-value.ts'
import { type Shown, sideOf, weigh } from './threshold.ts'
import { unitOf, valueText } from './value-text.ts'
import { good, type Verdict } from './verdict.ts'

/** Told what a sample says under a rule. A sample that is judged late, or with another one, is told when that is known. */
export type Tell = (sample: Sample, rule: ValueRule, verdict: Verdict) => void

/** Judges samples by one rule. What it keeps of them, if anything, is of one series. */
export interface SampleJudge {
  readonly rule: ValueRule
  judge(sample: Sample, tell: Tell): void
  /** What was seen before counts no more. */
  forget?(): void
}

/** By limits alone: one for all series of an element. */
export function limitJudge(rule: ValueRule, isOpen: WindowTest | undefined): SampleJudge {
  const read = readerOf(rule)
  const unit = unitOf(rule)
  // Of days there are several units, which the type of the alarm does not tell.
  const shownOf = (value: number): Shown => ({
    value,
    limit: rule.raise,
    ...(isDaily(rule) ? { detail: `${valueText(value, unit)}, limit ${valueText(rule.raise, unit)}` } : {}),
  })
  return {
    rule,
    judge(sample, tell) {
      const value = read(sample)
      if (Number.isNaN(value)) return
      if (sideOf(rule, value) < 0) tell(sample, rule, good)
      else tell(sample, rule, weigh(rule, value, isOpen?.(sample.at) ?? true, shownOf(value)))
    },
  }
}
