import type { Columns, SeriesRows } from '../../model/columns.ts'
import type { Sample } from '../../model/sample.ts'
import type { HourPart } from './rollup-book.ts'
import { hourMs, type RollupPlan, rollHour } from './rollup-plan.ts'
import { pageRows } from './row-pages.ts'
import { RowPool } from './row-pool.ts'
import { SampleRows } from './sample-rows.ts'

/** The fields that an hour is settled from. */
export const fieldsOfPlan = ({ columns, latest }: RollupPlan): readonly string[] =>
  latest === undefined ? columns : [...columns, latest]

/**
 * Everything that one hour of one measurement gives, series by series, from what is stored and what is in memory: of a
 * sample that is in both, memory counts, since a store keeps fewer decimals.
 */
export function* settleHour(
  plan: RollupPlan,
  hour: number,
  stored: Columns,
  parts: readonly HourPart[],
): Generator<readonly Sample[], void> {
  const left = Map.groupBy(parts, ({ tags }) => keyOf(tags))
  for (const rows of stored.series) {
    const key = keyOf(rows.tags)
    yield settled(plan, hour, rows.tags, left.get(key) ?? [], { stored, rows })
    left.delete(key)
  }
  for (const own of left.values()) yield settled(plan, hour, own[0]?.tags ?? {}, own)
}

const keyOf = ({ element, interface: port, vantage }: HourPart['tags']): string =>
  `${element} ${port ?? vantage}`

function settled(
  plan: RollupPlan,
  hour: number,
  tags: HourPart['tags'],
  parts: readonly HourPart[],
  found?: { readonly stored: Columns; readonly rows: SeriesRows },
): readonly Sample[] {
  const most = parts.reduce(
    (sum, part) => sum + part.rows.length,
    found === undefined ? 0 : found.rows.end - found.rows.start,
  )
  const rows = new SampleRows(new RowPool(plan.columns.length, Math.ceil(most / pageRows) + 1))
  let latest: number | undefined
  if (found !== undefined) {
    const { stored } = found
    for (let row = found.rows.start; row < found.rows.end; row++) {
      const offset = (stored.at[row] ?? 0) - hour
      if (offset < 0 || offset >= hourMs) continue
      const valueIn = (field: string) => {
        const value = stored.values[field]?.[row] ?? Number.NaN
        return Number.isNaN(value) ? undefined : value
      }
      const values = plan.columns.map(valueIn)
      if (values.some((value) => value !== undefined)) rows.put(offset, values)
      if (plan.latest !== undefined) latest = valueIn(plan.latest) ?? latest
    }
  }
  for (const part of parts) {
    for (const [offset, values] of part.rows.entries()) rows.put(offset, values)
    latest = part.latest ?? latest
  }
  return rollHour(plan, { tags, hour, rows, latest })
}
