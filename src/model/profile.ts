/** Dotted numbers, without a dot in front. */
export type Oid = string

/** How several rows become one value of the element. */
export type Aggregate = 'max' | 'mean'

export const sensorUnits = ['°C', 'dBm', 'V', 'A', 'W', 'Hz', '%', 'rpm'] as const
export type SensorUnit = (typeof sensorUnits)[number]

/**
 * Which rows of a table count. Every OID is a column; rows of one table have the same index in all of them. A scalar is
 * a column with one row, whose index is 0, and stands here without its `.0`.
 */
export interface RowChoice {
  /** Columns with the name of a row; the first that is not empty. */
  readonly names: readonly Oid[]
  /** Globs on the name, with `*` and `?`, in any case. Empty: every row. */
  readonly only: readonly string[]
  readonly except: readonly string[]
  /** Rows whose value in this column is, or is not, one of these; a row that lacks the column does not count. */
  readonly when?: {
    readonly oid: Oid
    readonly is?: readonly (string | number)[]
    readonly not?: readonly (string | number)[]
  }
}

export interface CpuRead extends RowChoice {
  readonly gives: 'cpu'
  /** Load; of several columns, the first with a usable row. */
  readonly value: readonly Oid[]
  /** Makes 0..1 of a raw value. */
  readonly scale: number
  /** The value is what is idle, not what is busy. */
  readonly idle: boolean
  readonly of: Aggregate
}

/** Either `value`, or two of `used`, `free` and `total` in the same unit. */
export interface MemoryRead extends RowChoice {
  readonly gives: 'memory'
  readonly value: readonly Oid[]
  readonly scale: number
  readonly used?: Oid
  /** Several add up: free memory, buffers and cache. */
  readonly free: readonly Oid[]
  readonly total?: Oid
  /** Size of the unit that the row counts in (hrStorageAllocationUnits). */
  readonly units?: Oid
  /** Globs on names of rows that tell a part of `used` which is free on demand: buffers, cache. */
  readonly cached: readonly string[]
  readonly of: Aggregate
}

/** What sensors of both kinds have in common. */
interface SensorRows extends RowChoice {
  /** Raw values that mean "none", besides those that no sensor can have. */
  readonly skip: readonly number[]
  /** A value outside is none. Default: what is possible at all in that unit. */
  readonly range?: readonly [least: number, most: number]
  /** Watts told as dBm, as optical power is. */
  readonly as?: 'dBm'
  /** Makes the element's temperature of the rows in °C. */
  readonly temperature?: Aggregate
  /** Globs on names that are no part of the element's temperature, though they are sensors: transceivers. */
  readonly apart: readonly string[]
}

export interface SensorRead extends SensorRows {
  readonly gives: 'sensors'
  readonly value: readonly Oid[]
  readonly unit: SensorUnit
  readonly scale: number
  /** Follows the name: "rx power". */
  readonly label?: string
}

/** entPhySensorTable (RFC 3433), or CISCO-ENTITY-SENSOR-MIB, which has the same columns: each row says its unit and scale. */
export interface EntitySensorRead extends SensorRows {
  readonly gives: 'entity-sensors'
  /** The entry: columns 1 to 5 are type, scale, precision, value and status. */
  readonly table: Oid
}

export type ProfileRead = CpuRead | MemoryRead | SensorRead | EntitySensorRead

/** What to read of a kind of element besides its interfaces. */
export interface Profile {
  readonly id: string
  readonly name: string
  /** sysObjectID is one of these or begins with it; `any` holds for every agent, after all others. */
  readonly match: readonly Oid[] | 'any'
  readonly reads: readonly ProfileRead[]
}

export interface ProfileRow {
  /** What follows the column in the OID; 0 for a scalar. */
  readonly index: string
  /** Texts are cleaned and OIDs are text; still hostile. */
  readonly value: number | bigint | string
}

/** What one poll read for profiles, as the agent told it. */
export interface ProfileReading {
  /** Ids of the profiles that hold for the element, the most special first. */
  readonly profiles: readonly string[]
  /** Rows by column; columns that the agent lacks are absent. */
  readonly values: ReadonlyMap<Oid, readonly ProfileRow[]>
}

/** Columns of an entity sensor table. */
export const entitySensorColumns = (table: Oid) => ({
  type: `${table}.1`,
  scale: `${table}.2`,
  precision: `${table}.3`,
  value: `${table}.4`,
  status: `${table}.5`,
})

/** Columns that a read asks for: those that move, and those that stay as they are while the rows are the same. */
export function columnsOf(read: ProfileRead): {
  readonly moving: readonly Oid[]
  readonly still: readonly Oid[]
} {
  const { moving, still } = ownColumnsOf(read)
  const when = read.when === undefined || still.includes(read.when.oid) ? [] : [read.when.oid]
  return { moving: [...moving, ...when], still: [...still, ...read.names] }
}

function ownColumnsOf(read: ProfileRead): ReturnType<typeof columnsOf> {
  if (read.gives === 'entity-sensors') {
    const { type, scale, precision, value, status } = entitySensorColumns(read.table)
    return { moving: [value, status], still: [type, scale, precision] }
  }
  if (read.gives !== 'memory') return { moving: read.value, still: [] }
  const sizes = [read.used, ...read.free, read.total].filter((oid) => oid !== undefined)
  return { moving: [...read.value, ...sizes], still: read.units === undefined ? [] : [read.units] }
}

const prefixLength = ({ match }: Profile, objectId: Oid): number | undefined => {
  if (match === 'any') return 0
  const fitting = match.filter((prefix) => objectId === prefix || objectId.startsWith(`${prefix}.`))
  return fitting.length === 0 ? undefined : Math.max(...fitting.map((prefix) => prefix.length))
}

/** The profiles that hold for an agent, by its sysObjectID: the longest prefix first, those for any agent last. */
export const profilesFor = (profiles: readonly Profile[], objectId: Oid): readonly Profile[] =>
  profiles
    .flatMap((profile) => {
      const length = prefixLength(profile, objectId)
      return length === undefined ? [] : [{ profile, length }]
    })
    .toSorted((one, other) => other.length - one.length || (one.profile.id < other.profile.id ? -1 : 1))
    .map(({ profile }) => profile)

/** The profiles of a reading, in its order. Those that are not known any more are left out. */
export const profilesOf = (all: readonly Profile[], reading: ProfileReading): readonly Profile[] =>
  reading.profiles.flatMap((id) => all.find((profile) => profile.id === id) ?? [])
