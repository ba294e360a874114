import type { AlarmType } from './alarm.ts'
import type { FieldOf, Measurement } from './measurements.ts'
import type { ElementId } from './network-element.ts'
import type { SensorUnit } from './profile.ts'
import type { Severity } from './severity.ts'

/** What is good or bad without a number: does the element answer, does its agent, is its port up. */
export const stateIndicators = ['reachability', 'agent', 'interface-status'] as const
export type StateIndicator = (typeof stateIndicators)[number]

/**
 * Numbers that are made of several fields of one sample, as ratios. Of a poll, in the worse direction: traffic / speed,
 * and packets discarded or with errors / all packets. Of a day: mean of the peak hour / speed in the fuller direction.
 */
export const ratioIndicators = [
  'utilisation',
  'discard-ratio',
  'error-ratio',
  'busy-hour-utilisation',
] as const
export type RatioIndicator = (typeof ratioIndicators)[number]

/** What a burst of probe packets is worth to a voice call: R of ITU-T G.107, 0..93.2, and MOS, 1..4.5. Lower is worse. */
export const voiceFields = ['r_factor', 'mos'] as const
export type VoiceField = (typeof voiceFields)[number]

/** A number that is compared with limits: a field of the table of measurements, or made of such fields. */
export type ValueIndicator =
  | RatioIndicator
  | { readonly measurement: 'icmp' | 'stamp'; readonly field: VoiceField }
  | { readonly [M in Measurement]: { readonly measurement: M; readonly field: FieldOf<M> } }[Measurement]

/** What a rule holds for. Every part that is given must fit; an empty scope holds for all. */
export interface RuleScope {
  readonly roles?: readonly string[]
  /** Makers, as `vendor` of the element says or its sysObjectID tells. */
  readonly vendors?: readonly string[]
  readonly elements?: readonly ElementId[]
  readonly sites?: readonly string[]
  /** One of these is enough. */
  readonly tags?: readonly string[]
  /** Glob on the interface's name, with `*` and `?`: `to-*`, `ge-0/0/?`. */
  readonly interfaces?: string
  /** Of rules about sensors: the same on the sensor's name, and the unit that limits are in. */
  readonly sensors?: string
  readonly unit?: SensorUnit
  /** Ends of services of one of these classes, and the ports that carry one. */
  readonly services?: readonly string[]
}

/** Severity from this value on (upwards, or downwards where lower is worse), in the unit of `raise`. */
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

/** When a rule may raise: in the busy hours of each day, or while a calendar is open. */
export type RuleWindow = 'peak' | { readonly calendar: string }

/** The same indicator on another path at the same time: what is compared with the limits is what is left of it. */
export interface RelativeTo {
  readonly element: ElementId
  /** For indicators of interfaces. */
  readonly interface?: string
  /** Value minus, or divided by, that of the reference. */
  readonly by: 'difference' | 'ratio'
  /** A value below this, in the indicator's own unit, is good whatever the reference says. */
  readonly floor?: number
}

/** What is usual at this hour of the week, learned from the roll-ups of the hours. */
export interface BaselineSettings {
  /** Bad is what is above the usual, or below it. */
  readonly side: 'rise' | 'drop'
  /** Differences smaller than this, in the indicator's own unit, are never unusual. */
  readonly floor: number
  /** How many weeks are looked back on. */
  readonly weeks: number
  /** Nothing is unusual before the series is that old, ms, and has that many such hours. */
  readonly minHistoryMs: number
  readonly minHours: number
}

/**
 * Limits of the parts of a path's grade, each in the unit of its field: a burst is bad when one is reached, at the
 * severity of the lowest band, and a part is good below 80 % of its limit.
 */
export interface PathParts {
  readonly lossRatio?: number
  readonly rttMs?: number
  readonly jitterMs?: number
  /** Of the fullest port on the way, where it was measured of late. */
  readonly loadRatio?: number
}

interface RuleBase {
  readonly id: string
  readonly type: AlarmType
  readonly scope?: RuleScope
  readonly samples: SampleCounts
  /** In place of `bad` and `of`: raise when all samples of so long were bad, ms by the times of the samples. */
  readonly forMs?: number
  /** In place of `good`: clear when all samples of so long were good, ms. */
  readonly clearForMs?: number
  /** Absent: always. Outside of it a bad sample counts as neither; a good one clears as ever. */
  readonly window?: RuleWindow
}

export interface StateRule extends RuleBase {
  readonly indicator: StateIndicator
  readonly severity: Severity
  /** Leave out ports that were not up since they are watched, unless a link or a service names them. */
  readonly ignoreUnused?: boolean
}

export interface ValueRule extends RuleBase {
  readonly indicator: ValueIndicator
  /** Which side is worse; default: above. */
  readonly direction?: 'above' | 'below'
  /**
   * A sample is bad from `raise` on and good short of `clear`; between them it is neither. With `baseline` both are
   * deviations from the usual, with `relativeTo` what the reference leaves, else the indicator's own unit.
   */
  readonly raise: number
  readonly clear: number
  /** At least one, from the mildest on. Short of the first its severity holds. */
  readonly bands: readonly SeverityBand[]
  readonly relativeTo?: RelativeTo
  readonly baseline?: BaselineSettings
  readonly parts?: PathParts
}

/**
 * When an alarm is raised, how grave it is and when it is cleared. Rules of one file are read in order: of those with
 * the same type, indicator, window and kind of comparison the first whose scope fits holds, so the special ones stand
 * before the general one. Rules of one type that differ in any of these add up: the worst counts, and the alarm clears
 * when none is bad.
 */
export type Rule = StateRule | ValueRule

export const isStateRule = (rule: Rule): rule is StateRule => 'severity' in rule

/** The measurement whose samples a rule judges. */
export function measurementOf({ indicator }: Pick<ValueRule, 'indicator'>): Measurement {
  if (typeof indicator === 'object') return indicator.measurement
  return indicator === 'busy-hour-utilisation' ? 'interface_peak_day' : 'interface'
}

/** Judges days and not polls. */
export const isDaily = (rule: Pick<ValueRule, 'indicator'>): boolean =>
  measurementOf(rule).endsWith('_peak_day')
