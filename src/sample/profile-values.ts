import {
  type Aggregate,
  type CpuRead,
  type MemoryRead,
  type Oid,
  type Profile,
  type ProfileRead,
  type ProfileReading,
  profilesOf,
} from '../model/profile.ts'
import { type Columns, createColumns, rowsOf } from './profile-rows.ts'
import { type SensorValue, sensorsOf, temperatureOf } from './profile-sensors.ts'

/** What profiles make of one poll. What the agent did not tell, or not plausibly, is absent. */
export interface ProfileValues {
  /** 0..1. */
  readonly cpuRatio?: number
  /** 0..1; buffers and cache count as free where the agent tells them apart. */
  readonly memoryRatio?: number
  /** °C; of the box, without its transceivers. */
  readonly temperatureC?: number
  /** Each with a name of its own within its unit. */
  readonly sensors: readonly SensorValue[]
}

/** The values that a reading holds. Of several profiles the most special that gives a value wins; sensors add up. */
export function profileValues(all: readonly Profile[], reading: ProfileReading): ProfileValues {
  const columns = createColumns(reading)
  const reads = profilesOf(all, reading).flatMap((profile) => profile.reads)
  const cpuRatio = firstOf(reads, (read) => (read.gives === 'cpu' ? loadOf(columns, read) : undefined))
  const memoryRatio = firstOf(reads, (read) =>
    read.gives === 'memory' ? memoryOf(columns, read) : undefined,
  )
  const sensors = sensorsOf(columns, reads)
  const temperatureC = temperatureOf(sensors)
  return {
    ...(cpuRatio === undefined ? {} : { cpuRatio: rounded(cpuRatio) }),
    ...(memoryRatio === undefined ? {} : { memoryRatio: rounded(memoryRatio) }),
    ...(temperatureC === undefined ? {} : { temperatureC }),
    sensors: sensors.map(({ sensor, unit, value }) => ({ sensor, unit, value })),
  }
}

/** The first value that any read gives; those after it are not looked at. */
function firstOf<T>(
  reads: readonly ProfileRead[],
  give: (read: ProfileRead) => T | undefined,
): T | undefined {
  for (const read of reads) {
    const value = give(read)
    if (value !== undefined) return value
  }
  return undefined
}

const isRatio = (value: number): boolean => value >= 0 && value <= 1

/** A millionth is more than any agent knows. */
const rounded = (ratio: number): number => Math.round(ratio * 1e6) / 1e6

/** One value of many; undefined of none. */
function aggregate(values: readonly number[], of: Aggregate): number | undefined {
  if (values.length === 0) return undefined
  if (of === 'max') return Math.max(...values)
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The ratios of the first column with a usable row. */
function ratiosOf(
  columns: Columns,
  { value, ...choice }: CpuRead | MemoryRead,
  ratioOf: (raw: number) => number,
): readonly number[] {
  for (const column of value) {
    const ratios = rowsOf(columns, choice, column)
      .map(({ index }) => columns.number(column, index))
      .filter((raw) => raw !== undefined)
      .map(ratioOf)
      .filter(isRatio)
    if (ratios.length > 0) return ratios
  }
  return []
}

const loadOf = (columns: Columns, read: CpuRead): number | undefined =>
  aggregate(
    ratiosOf(columns, read, (raw) => (read.idle ? 1 - raw * read.scale : raw * read.scale)),
    read.of,
  )

function memoryOf(columns: Columns, read: MemoryRead): number | undefined {
  if (read.value.length > 0)
    return aggregate(
      ratiosOf(columns, read, (raw) => raw * read.scale),
      read.of,
    )
  const pools = poolsOf(columns, read)
  if (read.cached.length === 0)
    return aggregate(pools.map(({ used, total }) => used / total).filter(isRatio), read.of)
  const used = pools.reduce((sum, pool) => sum + pool.used, 0) - cachedOf(columns, read)
  const total = pools.reduce((sum, pool) => sum + pool.total, 0)
  return total > 0 && isRatio(used / total) ? used / total : undefined
}

/** Used and total size of each row, in one unit. */
function poolsOf(
  columns: Columns,
  read: MemoryRead,
): readonly { readonly used: number; readonly total: number }[] {
  const sizeOf = sizeIn(columns, read)
  const choice = { ...read, except: [...read.except, ...read.cached] }
  return rowsOf(columns, choice, read.used ?? read.total ?? '').flatMap(({ index }) => {
    // Free memory is known when its first part is; an agent may lack the others.
    const parts = read.free.map((oid) => sizeOf(oid, index))
    const free =
      parts[0] === undefined ? undefined : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)
    const told = sizeOf(read.total, index)
    const used =
      sizeOf(read.used, index) ?? (told === undefined || free === undefined ? undefined : told - free)
    const total = told ?? (used === undefined || free === undefined ? undefined : used + free)
    return used === undefined || total === undefined || total <= 0 ? [] : [{ used, total }]
  })
}

const sizeIn =
  (columns: Columns, { units }: MemoryRead) =>
  (oid: Oid | undefined, index: string): number | undefined => {
    const size = oid === undefined ? undefined : columns.number(oid, index)
    const unit = units === undefined ? 1 : columns.number(units, index)
    return size === undefined || size < 0 || unit === undefined ? undefined : size * unit
  }

/** What of the used memory is free on demand, as rows of their own tell. */
function cachedOf(columns: Columns, read: MemoryRead): number {
  const { used = '', names, cached } = read
  const sizeOf = sizeIn(columns, read)
  return rowsOf(columns, { names, only: cached, except: [] }, used).reduce(
    (sum, { index }) => sum + (sizeOf(used, index) ?? 0),
    0,
  )
}
