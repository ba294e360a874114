import type { AlarmType } from './alarm.ts'
import type { FieldOf, Measurement } from './measurements.ts'
import type { ElementId } from './network-element.ts'
import type { Severity } from './severity.ts'

/** What is good or bad without a number: does the element answer, does its agent, is its port up. */
export const stateIndicators = ['reachability', 'agent', 'interface-status'] as const
export type StateIndicator = (typeof stateIndicators)[number]

/** A number that is compared with limits: a field of the table, or `utilisation` = max(in, out) / speed, a ratio. */
export type ValueIndicator =
  | 'utilisation'
  | { readonly [M in Measurement]: { readonly measurement: M; readonly field: FieldOf<M> } }[Measurement]

/** What a rule holds for. Every part that is given must fit; an empty scope holds for all. */
export interface RuleScope {
  readonly roles?: readonly string[]
  readonly elements?: readonly ElementId[]
  readonly sites?: readonly string[]
  /** One of these is enough. */
  readonly tags?: readonly string[]
  /** Glob on the interface's name, with `*` and `?`: `to-*`, `ge-0/0/?`. */
  readonly interfaces?: string
}

/** Severity from this value upwards, in the indicator's own unit. */
export interface SeverityBand {
  readonly at: number
  readonly severity: Severity
}

/** Raise when `bad` of the last `of` samples are bad (1 ≤ bad ≤ of); clear after `good` good ones in a row (≥ 1). */
export interface SampleCounts {
  readonly bad: number
  readonly of: number
  readonly good: number
}

/**
 * When an alarm is raised, how grave it is and when it is cleared. Rules of one file are read in order: of those with
 * the same type and indicator the first whose scope fits holds, so the special ones stand before the general one.
 * Rules of one type with different indicators add up: the worst counts, and the alarm clears when none is bad.
 */
export type Rule = {
  readonly id: string
  readonly type: AlarmType
  readonly scope?: RuleScope
  readonly samples: SampleCounts
} & (
  | { readonly indicator: StateIndicator; readonly severity: Severity }
  | {
      readonly indicator: ValueIndicator
      /** A sample is bad from `raise` upwards and good below `clear`; between them it is neither. clear ≤ raise. */
      readonly raise: number
      readonly clear: number
      /** At least one. Below the lowest band its severity holds. */
      readonly bands: readonly SeverityBand[]
    }
)

export type ValueRule = Extract<Rule, { readonly raise: number }>
export type StateRule = Exclude<Rule, ValueRule>

export const isStateRule = (rule: Rule): rule is StateRule => 'severity' in rule
