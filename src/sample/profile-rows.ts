import type { Oid, ProfileReading, ProfileRow, RowChoice } from '../model/profile.ts'
import { fitsGlob } from './name-glob.ts'

/** The largest and smallest of 32 bits stand for "none" in more MIBs than for themselves. */
const none: ReadonlySet<number> = new Set([2_147_483_647, 2_147_483_646, -2_147_483_648, 4_294_967_295])

/** The columns of a reading, ready to be asked for single values. */
export interface Columns {
  indexes(column: Oid): readonly string[]
  raw(column: Oid, index: string): ProfileRow['value'] | undefined
  /** A number, or the number that a text begins with; undefined for what means "none" in any MIB. */
  number(column: Oid, index: string): number | undefined
}

export function createColumns({ values }: ProfileReading): Columns {
  const columns = new Map<Oid, ReadonlyMap<string, ProfileRow['value']>>()
  const columnOf = (oid: Oid) => {
    const known = columns.get(oid)
    if (known !== undefined) return known
    const column = new Map((values.get(oid) ?? []).map(({ index, value }) => [index, value]))
    columns.set(oid, column)
    return column
  }
  return {
    indexes: (oid) => [...columnOf(oid).keys()],
    raw: (oid, index) => columnOf(oid).get(index),
    number(oid, index) {
      const number = numberIn(columnOf(oid).get(index))
      return number === undefined || none.has(number) ? undefined : number
    },
  }
}

function numberIn(value: ProfileRow['value'] | undefined): number | undefined {
  if (typeof value !== 'string') return value === undefined ? undefined : Number(value)
  const text = /^\s*([-+]?\d{1,15}(?:\.\d{1,15})?)/.exec(value)?.[1]
  return text === undefined ? undefined : Number(text)
}

export interface ChosenRow {
  readonly index: string
  /** Empty when the agent tells none. */
  readonly name: string
}

/** The rows of a column that a read is about. */
export function rowsOf(columns: Columns, choice: RowChoice, column: Oid): readonly ChosenRow[] {
  const { names, only, except, when } = choice
  const nameOf = (index: string): string => {
    for (const oid of names) {
      const name = columns.raw(oid, index)
      if (typeof name === 'string' && name.trim() !== '') return name.trim()
    }
    return ''
  }
  const holds = (index: string): boolean => {
    if (when === undefined) return true
    const value = columns.raw(when.oid, index)
    if (value === undefined) return false
    const isOneOf = (wanted: readonly (string | number)[]) =>
      wanted.some((one) => String(one) === String(value))
    return (when.is === undefined || isOneOf(when.is)) && !(when.not !== undefined && isOneOf(when.not))
  }
  return columns
    .indexes(column)
    .filter(holds)
    .map((index) => ({ index, name: nameOf(index) }))
    .filter(
      ({ name }) =>
        (only.length === 0 || only.some((glob) => fitsGlob(glob, name))) &&
        !except.some((glob) => fitsGlob(glob, name)),
    )
}
