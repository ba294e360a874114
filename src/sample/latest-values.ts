import { type FieldOf, type Measurement, measurements } from '../model/measurements.ts'
import type { Sample } from '../model/sample.ts'

/** What probes measure. Roll-ups come later than the time that they are of, and events have no latest value. */
export const latestMeasurements = [
  'icmp',
  'stamp',
  'interface',
  'element',
  'sensor',
] as const satisfies readonly Measurement[]
export type LatestMeasurement = (typeof latestMeasurements)[number]

type Tags = Readonly<Record<string, string>>

/** The newest sample of some series, one a row, as it was when asked. */
export interface LatestRows<F extends string> {
  readonly tags: readonly Tags[]
  /** UTC epoch ms. */
  readonly at: Float64Array
  /** NaN: the newest sample lacks that field. */
  readonly values: Readonly<Record<F, Float64Array>>
}

/**
 * The newest sample of every series, held here because no store tells it quickly: 88 bytes a series of interfaces and
 * about as much to find it by. An older sample than the one that is held changes nothing.
 */
export interface LatestValues {
  accept(samples: readonly Sample[]): void
  /** Series with these tags; `tags` narrows, and may leave tags out. */
  count(measurement: LatestMeasurement, tags: Tags): number
  rows<M extends LatestMeasurement, F extends FieldOf<M>>(
    measurement: M,
    fields: readonly F[],
    tags: Tags,
  ): LatestRows<F>
  /** Lets go of series that have been silent since. */
  forget(before: number): void
  readonly size: number
}

export function createLatestValues(): LatestValues {
  const tables = new Map<string, LatestTable>(
    latestMeasurements.map((measurement) => [measurement, new LatestTable(measurement)]),
  )
  const tableOf = (measurement: LatestMeasurement): LatestTable =>
    tables.get(measurement) ?? new LatestTable(measurement)
  return {
    accept(samples) {
      for (const sample of samples) tables.get(sample.measurement)?.accept(sample)
    },
    count: (measurement, tags) => tableOf(measurement).count(tags),
    rows: (measurement, fields, tags) => tableOf(measurement).rows(fields, tags),
    forget(before) {
      for (const table of tables.values()) table.forget(before)
    },
    get size() {
      return tables.values().reduce((sum, { size }) => sum + size, 0)
    },
  }
}

/** A tree by the values of the tags in the table's order: no joined key is made for each sample. */
type Branch = Map<string, Branch | number>

const firstRoom = 256

class LatestTable {
  readonly #tagNames: readonly string[]
  readonly #fields: readonly string[]
  readonly #root: Branch = new Map()
  readonly #tags: Tags[] = []
  #at = new Float64Array(firstRoom)
  #columns: Float64Array[]

  constructor(measurement: LatestMeasurement) {
    this.#tagNames = measurements[measurement].tags
    this.#fields = Object.keys(measurements[measurement].fields)
    this.#columns = this.#fields.map(() => new Float64Array(firstRoom))
  }

  get size(): number {
    return this.#tags.length
  }

  accept({ tags, fields, at }: Sample): void {
    if (!Number.isFinite(at)) return
    const row = this.#rowOf(tags)
    const known = this.#at[row] ?? 0
    if (at < known) return
    for (let i = 0; i < this.#fields.length; i++) {
      const value = fields[this.#fields[i] ?? '']
      const column = this.#columns[i]
      if (column === undefined) continue
      if (value !== undefined) column[row] = Number(value)
      // Another part of the same sample keeps what the first part told.
      else if (at > known) column[row] = Number.NaN
    }
    this.#at[row] = at
  }

  count(tags: Tags): number {
    return this.#rowsWith(tags)?.length ?? this.size
  }

  rows<F extends string>(fields: readonly F[], tags: Tags): LatestRows<F> {
    const rows = this.#rowsWith(tags)
    const taken = (column: Float64Array) =>
      rows === undefined
        ? column.slice(0, this.size)
        : Float64Array.from(rows, (row) => column[row] ?? Number.NaN)
    const values = fields.map((field) => {
      const column = this.#columns[this.#fields.indexOf(field)]
      return [field, column === undefined ? new Float64Array() : taken(column)] as const
    })
    return {
      tags: rows === undefined ? [...this.#tags] : rows.map((row) => this.#tags[row] ?? {}),
      at: taken(this.#at),
      values: Object.fromEntries(values) as LatestRows<F>['values'],
    }
  }

  forget(before: number): void {
    for (let row = this.size - 1; row >= 0; row--) if ((this.#at[row] ?? 0) < before) this.#remove(row)
  }

  /** Undefined stands for all. Only the series of one element are looked at when it is named. */
  #rowsWith(tags: Tags): readonly number[] | undefined {
    const wanted = Object.entries(tags)
    if (wanted.length === 0) return undefined
    const element = tags[this.#tagNames[0] ?? '']
    const among = element === undefined ? [...this.#tags.keys()] : [...leavesOf(this.#root.get(element))]
    return among.filter((row) => wanted.every(([name, value]) => this.#tags[row]?.[name] === value))
  }

  #rowOf(tags: Tags): number {
    let branch = this.#root
    const last = this.#tagNames.length - 1
    for (let i = 0; i < last; i++) {
      const value = tags[this.#tagNames[i] ?? ''] ?? ''
      let next = branch.get(value)
      if (!(next instanceof Map)) {
        next = new Map()
        branch.set(value, next)
      }
      branch = next
    }
    const value = tags[this.#tagNames[last] ?? ''] ?? ''
    const known = branch.get(value)
    if (typeof known === 'number') return known
    const row = this.size
    branch.set(value, row)
    this.#tags.push(tags)
    if (row === this.#at.length) this.#grow()
    this.#at[row] = Number.NEGATIVE_INFINITY
    return row
  }

  /** The last row takes its place. */
  #remove(row: number): void {
    const tags = this.#tags[row]
    const lastTags = this.#tags.pop()
    if (tags === undefined || lastTags === undefined) return
    this.#place(tags, undefined)
    const last = this.size
    if (row === last) return
    this.#tags[row] = lastTags
    this.#at[row] = this.#at[last] ?? Number.NaN
    for (const column of this.#columns) column[row] = column[last] ?? Number.NaN
    this.#place(lastTags, row)
  }

  /** Where a series is found; undefined: nowhere any more. */
  #place(tags: Tags, row: number | undefined): void {
    const path = this.#tagNames.map((name) => tags[name] ?? '')
    const branches = [this.#root]
    for (const value of path.slice(0, -1)) {
      const next = branches.at(-1)?.get(value)
      if (next instanceof Map) branches.push(next)
    }
    for (let i = path.length - 1; i >= 0; i--) {
      const branch = branches[i]
      const value = path[i] ?? ''
      if (branch === undefined) return
      if (row !== undefined) {
        branch.set(value, row)
        return
      }
      branch.delete(value)
      if (branch.size > 0) return
    }
  }

  #grow(): void {
    const wider = (from: Float64Array) => {
      const to = new Float64Array(2 * from.length)
      to.set(from)
      return to
    }
    this.#at = wider(this.#at)
    this.#columns = this.#columns.map(wider)
  }
}

function* leavesOf(branch: Branch | number | undefined): Generator<number> {
  if (typeof branch === 'number') yield branch
  else if (branch !== undefined) for (const next of branch.values()) yield* leavesOf(next)
}
