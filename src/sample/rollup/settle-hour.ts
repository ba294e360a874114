import type { Sample } from '../../model/sample.ts'
import type { HourPart } from './rollup-book.ts'
import { hourMs, type RollupPlan, rollHour } from './rollup-plan.ts'
import { RowPool } from './row-pool.ts'
import { SampleRows } from './sample-rows.ts'

/** An hour of an element with some interfaces. */
const fewPages = 128

/** A field of some series as it was stored, in the order of time. */
export interface StoredField {
  readonly field: string
  readonly series: readonly {
    readonly tags: Readonly<Record<string, string>>
    readonly points: readonly (readonly [at: number, value: number])[]
  }[]
}

/** The fields that an hour is settled from. */
export const fieldsOfPlan = ({ columns, latest }: RollupPlan): readonly string[] =>
  latest === undefined ? columns : [...columns, latest]

/**
 * Everything that one hour of one measurement gives, from what is stored and what is in memory: of a sample that is in
 * both, memory counts, since a store keeps fewer decimals.
 */
export function settleHour(
  plan: RollupPlan,
  hour: number,
  stored: readonly StoredField[],
  parts: readonly HourPart[],
): readonly Sample[] {
  const found = new Map<string, HourRows>()
  const pool = new RowPool(plan.columns.length, fewPages)
  const rowsOf = (tags: HourPart['tags']): HourRows => {
    const key = `${tags.element} ${tags.interface ?? tags.vantage}`
    const known = found.get(key) ?? {
      tags,
      hour,
      rows: new SampleRows(pool),
      latest: undefined,
    }
    found.set(key, known)
    return known
  }
  for (const { field, series } of stored) {
    const column = plan.columns.indexOf(field)
    for (const { tags, points } of series) {
      const target = rowsOf(tags)
      const within = points.filter(([at]) => at >= hour && at < hour + hourMs)
      if (column >= 0) for (const [at, value] of within) target.rows.put(at - hour, only(column, value))
      else target.latest = within.at(-1)?.[1] ?? target.latest
    }
  }
  for (const { tags, rows, latest } of parts) {
    const target = rowsOf(tags)
    for (const [offset, values] of rows.entries()) target.rows.put(offset, values)
    target.latest = latest ?? target.latest
  }
  return [...found.values()].flatMap((series) => rollHour(plan, series))
}

interface HourRows {
  readonly tags: HourPart['tags']
  readonly hour: number
  readonly rows: SampleRows
  latest: number | undefined
}

function only(column: number, value: number): readonly (number | undefined)[] {
  const values: (number | undefined)[] = []
  values[column] = value
  return values
}
