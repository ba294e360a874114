import type { z } from 'zod'
import type { AlarmType } from '../model/alarm.ts'
import {
  type BaselineSettings,
  measurementOf,
  type PathParts,
  type RelativeTo,
  type Rule,
  type RuleWindow,
  type StateIndicator,
  stateIndicators,
  type ValueIndicator,
  type ValueRule,
  voiceFields,
} from '../model/rule.ts'
import type { Path } from './problem.ts'
import type { writtenRule } from './rules.ts'

type Written = z.output<typeof writtenRule>
type Wrong = (path: Path, message: string) => void

/** What alarms of a type may be raised for: `measurement.field`, with `*` for the rest, or a word. */
const indicatorsOf: Readonly<Record<Written['type'], readonly string[]>> = {
  unreachable: ['reachability'],
  'agent-silent': ['agent'],
  'packet-loss': ['icmp.loss*', 'stamp.loss*'],
  'high-latency': ['icmp.rtt*', 'stamp.rtt*'],
  'high-jitter': ['icmp.jitter_ms', 'icmp.rtt_stddev_ms', 'stamp.jitter*', 'stamp.rtt_stddev_ms'],
  'path-quality': ['icmp.r_factor', 'icmp.mos', 'stamp.r_factor', 'stamp.mos'],
  'high-utilisation': ['utilisation'],
  'busy-hour-over-limit': ['busy-hour-utilisation', 'interface_peak_day.*', 'icmp_peak_day.*'],
  'unusual-latency': ['icmp.rtt_avg_ms', 'stamp.rtt_avg_ms'],
  'unusual-loss': ['icmp.loss_ratio', 'stamp.loss_ratio'],
  'unusual-traffic': ['interface.in_bps', 'interface.out_bps'],
  congestion: ['discard-ratio'],
  'interface-down': ['interface-status', 'interface.oper_up'],
  'interface-errors': ['error-ratio'],
  'high-cpu': ['element.cpu_ratio'],
  'high-memory': ['element.memory_ratio'],
  'high-temperature': ['element.temperature_c', 'sensor.value'],
  'low-optical-power': ['sensor.value'],
  'high-optical-power': ['sensor.value'],
  'sensor-low': ['sensor.value'],
  'sensor-high': ['sensor.value'],
}

/** Units of sensors that an alarm may be about. The others: any. */
const unitsOf: Readonly<Record<string, string>> = {
  'high-temperature': '°C',
  'low-optical-power': 'dBm',
  'high-optical-power': 'dBm',
}

/** Fields that have roll-ups of each hour, which baselines are learned from. */
const learnable = [
  'icmp.rtt_avg_ms',
  'icmp.loss_ratio',
  'icmp.jitter_ms',
  'stamp.rtt_avg_ms',
  'stamp.loss_ratio',
  'stamp.jitter_ms',
  'interface.in_bps',
  'interface.out_bps',
]

const nameOf = (indicator: Written['indicator']): string =>
  typeof indicator === 'string' ? indicator : `${indicator.measurement}.${indicator.field}`

const fits = (name: string, pattern: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern

const isState = (indicator: Written['indicator']): indicator is StateIndicator =>
  stateIndicators.some((known) => known === indicator)

/** Puts a rule together, and says what does not go together. */
export function ruleFrom(written: Written, wrong: Wrong): Rule {
  const { id, type, indicator, scope, forMs, clearForMs } = { ...written, ...durationsOf(written) }
  const wanted = indicatorsOf[type]
  const name = nameOf(indicator)
  if (!wanted.some((pattern) => fits(name, pattern)))
    wrong(['type'], `is raised for ${wanted.join(', ')}; this rule is about ${name}`)
  sensorParts(written, wrong)
  const common = {
    id,
    type: type satisfies AlarmType,
    ...(scope === undefined ? {} : { scope }),
    samples: samplesOf(written, wrong),
    ...(forMs === undefined ? {} : { forMs }),
    ...(clearForMs === undefined ? {} : { clearForMs }),
    ...windowOf(written, wrong),
  }
  return isState(indicator)
    ? { ...common, indicator, ...stateParts(written, wrong) }
    : { ...common, indicator, ...valueParts(written, indicator, wrong) }
}

/** A limit without a unit says nothing of a sensor, and what is called low must lie below. */
function sensorParts({ type, indicator, scope = {}, direction, relativeTo }: Written, wrong: Wrong): void {
  const { sensors, unit, interfaces } = scope
  if (nameOf(indicator) !== 'sensor.value') {
    if (sensors !== undefined) wrong(['scope', 'sensors'], 'belongs to rules about sensors')
    if (unit !== undefined) wrong(['scope', 'unit'], 'belongs to rules about sensors')
    return
  }
  const wanted = unitsOf[type]
  if (unit === undefined) wrong(['scope'], 'needs "unit": that of the sensors, and of the limits')
  else if (wanted !== undefined && unit !== wanted)
    wrong(['scope', 'unit'], `must be ${wanted} for alarms of this type`)
  if (interfaces !== undefined) wrong(['scope', 'interfaces'], 'does not go with sensors; use "sensors"')
  if (relativeTo !== undefined) wrong(['relativeTo'], 'does not go with sensors')
  const isLow = type === 'low-optical-power' || type === 'sensor-low'
  if (isLow !== (direction === 'below'))
    wrong(['direction'], `must be ${isLow ? 'below' : 'above'} for alarms of this type`)
}

const durationsOf = (written: Written) => ({ forMs: written.for, clearForMs: written.clearFor })

/** Where a duration stands in place of a count, the count is 1 and not asked. */
function samplesOf({ samples, for: forMs, clearFor }: Written, wrong: Wrong): Rule['samples'] {
  const { bad, of, good } = samples ?? {}
  if (forMs !== undefined) {
    if (bad !== undefined || of !== undefined)
      wrong(['for'], 'stands in place of samples.bad and samples.of; use one')
  } else if (bad === undefined || of === undefined)
    wrong(['samples'], 'needs "bad" and "of", unless there is "for"')
  if (clearFor !== undefined) {
    if (good !== undefined) wrong(['clearFor'], 'stands in place of samples.good; use one')
  } else if (good === undefined) wrong(['samples'], 'needs "good", unless there is "clearFor"')
  if (bad !== undefined && of !== undefined && bad > of)
    wrong(['samples', 'bad'], 'must not be more than "of"')
  return { bad: bad ?? 1, of: of ?? 1, good: good ?? 1 }
}

function windowOf({ window, indicator }: Written, wrong: Wrong): { readonly window?: RuleWindow } {
  if (window === undefined || window === 'always') return {}
  if (nameOf(indicator).startsWith('busy-hour') || nameOf(indicator).includes('_peak_day.'))
    wrong(['window'], 'does not go with a busy hour, of which there is one a day')
  return { window }
}

const valueKeys = ['direction', 'raise', 'clear', 'bands', 'relativeTo', 'baseline', 'parts'] as const

function stateParts(written: Written, wrong: Wrong) {
  const { severity, ignoreUnused, indicator } = written
  for (const key of valueKeys)
    if (written[key] !== undefined) wrong([key], 'belongs to rules about a value, and this is about a state')
  if (severity === undefined) wrong(['severity'], 'is missing')
  if (ignoreUnused !== undefined && indicator !== 'interface-status')
    wrong(['ignoreUnused'], 'belongs to rules about interface-status')
  return { severity: severity ?? 'indeterminate', ...(ignoreUnused ? { ignoreUnused } : {}) }
}

function valueParts(
  written: Written,
  indicator: ValueIndicator,
  wrong: Wrong,
): Omit<ValueRule, 'id' | 'type' | 'samples' | 'indicator'> {
  const { severity, ignoreUnused, direction = 'above', raise, clear, bands } = written
  if (severity !== undefined) wrong(['severity'], 'belongs to rules about a state; use bands')
  if (ignoreUnused !== undefined) wrong(['ignoreUnused'], 'belongs to rules about interface-status')
  for (const key of ['raise', 'clear', 'bands'] as const)
    if (written[key] === undefined) wrong([key], 'is missing')
  const sign = direction === 'below' ? -1 : 1
  if (raise !== undefined && clear !== undefined && sign * clear > sign * raise)
    wrong(['clear'], `must not be ${direction} "raise"`)
  const astray = (bands ?? []).findIndex((band, index) => {
    const before = bands?.[index - 1]
    return before !== undefined && sign * band.at <= sign * before.at
  })
  if (astray > 0) wrong(['bands', astray, 'at'], `must lie ${direction} the band before it`)
  return {
    ...(written.direction === undefined ? {} : { direction }),
    raise: raise ?? 0,
    clear: clear ?? 0,
    bands: bands ?? [],
    ...relativeOf(written, indicator, wrong),
    ...baselineOf(written, wrong),
    ...partsOf(written, wrong),
  }
}

function relativeOf(
  { relativeTo, baseline }: Written,
  indicator: ValueIndicator,
  wrong: Wrong,
): { readonly relativeTo?: RelativeTo } {
  if (relativeTo === undefined) return {}
  const measurement = measurementOf({ indicator })
  if (baseline !== undefined) wrong(['relativeTo'], 'does not go with a baseline; use one')
  if (measurement.endsWith('_peak_day')) wrong(['relativeTo'], 'does not go with a busy hour')
  const isOfInterface = measurement === 'interface'
  if (isOfInterface && relativeTo.interface === undefined)
    wrong(['relativeTo', 'interface'], 'is missing: the indicator is of interfaces')
  if (!isOfInterface && relativeTo.interface !== undefined)
    wrong(['relativeTo', 'interface'], 'belongs to indicators of interfaces')
  return { relativeTo }
}

function baselineOf(
  { baseline, indicator, direction, raise }: Written,
  wrong: Wrong,
): { readonly baseline?: BaselineSettings } {
  if (baseline === undefined) return {}
  if (!learnable.includes(nameOf(indicator)))
    wrong(['baseline'], `is learned for ${learnable.join(', ')} only`)
  if (direction !== undefined) wrong(['direction'], 'does not go with a baseline, which has "side"')
  if (raise !== undefined && raise <= 0) wrong(['raise'], 'must be above 0: it is a deviation from the usual')
  const { minHistory, ...rest } = baseline
  if (minHistory > baseline.weeks * 7 * 86_400_000)
    wrong(['baseline', 'minHistory'], 'must not be longer than "weeks"')
  if (baseline.minHours > baseline.weeks) wrong(['baseline', 'minHours'], 'must not be more than "weeks"')
  return { baseline: { ...rest, minHistoryMs: minHistory } }
}

function partsOf({ parts, indicator }: Written, wrong: Wrong): { readonly parts?: PathParts } {
  if (parts === undefined) return {}
  if (typeof indicator === 'string' || !voiceFields.some((field) => field === indicator.field))
    wrong(['parts'], `belong to rules about ${voiceFields.join(' or ')}`)
  const { loss, latency, jitter, load } = parts
  return {
    parts: {
      ...(loss === undefined ? {} : { lossRatio: loss }),
      ...(latency === undefined ? {} : { rttMs: latency }),
      ...(jitter === undefined ? {} : { jitterMs: jitter }),
      ...(load === undefined ? {} : { loadRatio: load }),
    },
  }
}
