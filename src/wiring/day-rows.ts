import type { NetworkAlarm } from '../model/alarm.ts'
import type { Columns } from '../model/columns.ts'
import type { Measurement } from '../model/measurements.ts'
import type { ElementId } from '../model/network-element.ts'
import { isDaily, isStateRule, measurementOf, type Rule, type ValueRule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import { type History, isFieldOf } from './rollup-history.ts'

const dayMs = 86_400_000

/** The rules that judge days. */
export const dailyRules = (rules: readonly Rule[]): readonly ValueRule[] =>
  rules.filter((rule): rule is ValueRule => !isStateRule(rule) && isDaily(rule))

/** How many days such a rule may have to see before it says something. */
const daysOf = ({ samples, forMs, clearForMs }: ValueRule): number =>
  Math.ceil(Math.max(samples.of, samples.good, (forMs ?? 0) / dayMs + 1, (clearForMs ?? 0) / dayMs + 1))

/** Rows of a day as rules judge them: of the two directions of an interface, the one with the fuller peak hour. */
export function fullerDirections(rows: readonly Sample[]): readonly Sample[] {
  const kept = new Map<string, Sample>()
  for (const row of rows) {
    if (!row.measurement.endsWith('_peak_day')) continue
    const { element, interface: port, vantage } = row.tags
    const key = JSON.stringify([row.measurement, element, port ?? vantage, row.at])
    const other = kept.get(key)
    const isFuller = other === undefined || peakOf(row) > peakOf(other)
    if (isFuller) kept.set(key, row)
  }
  return [...kept.values()].sort((one, other) => one.at - other.at)
}

const peakOf = ({ fields }: Sample): number => Number(fields.peak_mean_bps ?? 0)

/**
 * The days before a restart, for rules about days in a row: of one element, the earliest first. What an alarm stands for
 * begins with its first bad day; days before that would only clear it.
 * @throws as a SampleStore's query does.
 */
export async function storedDays(
  history: History,
  element: ElementId,
  rules: readonly ValueRule[],
  standing: readonly NetworkAlarm[],
  now: number,
): Promise<readonly Sample[]> {
  const rows: Sample[] = []
  for (const [measurement, own] of Map.groupBy(rules, measurementOf)) {
    const fields = new Set(own.flatMap(fieldsOf)).values()
    const known = [...fields].filter((field) => isFieldOf(measurement, field))
    // The day that runs has no row yet, and the first one may have begun before.
    const days = Math.max(...own.map(daysOf)) + 2
    const span = { tags: { element }, from: now - days * dayMs, to: now }
    if (known.length > 0)
      rows.push(...samplesOf(measurement, await history({ measurement, fields: known, ...span })))
  }
  const onsets = standing.flatMap(({ resource, onsetAt, rule }) =>
    rules.some(({ id }) => id === rule) ? [{ resource, onsetAt }] : [],
  )
  return fullerDirections(rows).filter(({ tags, at }) =>
    onsets.every(
      ({ resource, onsetAt }) =>
        at >= onsetAt ||
        resource.element !== element ||
        resource.kind === 'sensor' ||
        (resource.kind === 'interface' && resource.interface !== tags.interface),
    ),
  )
}

/** The rows of columns as samples; what a row lacks is absent. */
function samplesOf<F extends string>(
  measurement: Measurement,
  { series, at, values }: Columns<F>,
): readonly Sample[] {
  const columns: [string, Float64Array][] = Object.entries(values)
  return series.flatMap(({ tags, start, end }) =>
    Array.from({ length: end - start }, (_, i) => {
      const there = columns.flatMap(([field, column]) => {
        const value = column[start + i] ?? Number.NaN
        return Number.isNaN(value) ? [] : [[field, value] as const]
      })
      return { measurement, tags, fields: Object.fromEntries(there), at: at[start + i] ?? 0 }
    }),
  )
}

const fieldsOf = ({ indicator }: ValueRule): readonly string[] =>
  typeof indicator === 'object' ? [indicator.field, 'peak_mean_bps'] : ['peak_mean_bps', 'speed_bps']
