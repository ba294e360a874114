import {
  type Aggregate,
  type EntitySensorRead,
  entitySensorColumns,
  type Oid,
  type ProfileRead,
  type SensorRead,
  type SensorUnit,
} from '../model/profile.ts'
import { fitsGlob } from './name-glob.ts'
import { type ChosenRow, type Columns, rowsOf } from './profile-rows.ts'

export interface SensorValue {
  /** Name within the element and the unit. Hostile text. */
  readonly sensor: string
  readonly unit: SensorUnit
  readonly value: number
}

interface FoundSensor extends SensorValue {
  readonly index: string
  /** How it counts for the element's temperature; absent when it does not. */
  readonly temperature?: { readonly read: ProfileRead; readonly of: Aggregate }
}

/** More sensors of one element than any chassis has are not kept. */
const mostSensors = 2_000

/** What is possible at all; a value outside is one of the many numbers by which agents say "none". */
const possible: Readonly<Record<SensorUnit, readonly [least: number, most: number]>> = {
  '°C': [-60, 200],
  dBm: [-60, 40],
  V: [-1_000, 100_000],
  A: [-1_000, 10_000],
  W: [-100_000, 1_000_000],
  Hz: [0, 1e12],
  '%': [0, 100],
  rpm: [0, 200_000],
}

/** entPhySensorType (RFC 3433); CISCO-ENTITY-SENSOR-MIB adds dBm as 14. The others are no quantities. */
const unitOfType: Readonly<Record<number, SensorUnit>> = {
  3: 'V',
  4: 'V',
  5: 'A',
  6: 'W',
  7: 'Hz',
  8: '°C',
  9: '%',
  10: 'rpm',
  14: 'dBm',
}
/** entPhySensorScale: units is 9, and each step is a factor of a thousand. Beyond tera the MIB itself is in doubt. */
const units = 9
const scales = { least: 1, most: 13 }
const statusOk = 1

/** Watts as dBm, to a thousandth; no power at all is -Infinity. */
const decibels = (watts: number): number => Math.round(10_000 * Math.log10(watts * 1_000)) / 1_000

/** One measured row before it is known whether it counts. */
interface Measured {
  readonly row: ChosenRow
  readonly column: Oid
  readonly raw: number
  readonly unit: SensorUnit
  readonly value: number
}

/** Without the digits that only binary fractions bring in. */
const tidy = (value: number): number => Number(value.toPrecision(12))

function measuredBy(columns: Columns, read: SensorRead): readonly Measured[] {
  for (const column of read.value) {
    const rows = rowsOf(columns, read, column).flatMap((row): readonly Measured[] => {
      const raw = columns.number(column, row.index)
      return raw === undefined ? [] : [{ row, column, raw, unit: read.unit, value: tidy(raw * read.scale) }]
    })
    if (rows.length > 0) return rows
  }
  return []
}

function measuredByEntity(columns: Columns, read: EntitySensorRead): readonly Measured[] {
  const { type, scale, precision, value: column, status } = entitySensorColumns(read.table)
  return rowsOf(columns, read, column).flatMap((row): readonly Measured[] => {
    const raw = columns.number(column, row.index)
    const unit = unitOfType[columns.number(type, row.index) ?? 0]
    const step = columns.number(scale, row.index) ?? units
    if (raw === undefined || unit === undefined || columns.number(status, row.index) !== statusOk) return []
    if (step < scales.least || step > scales.most) return []
    // Only a positive precision moves the point; a negative one tells how many digits are true (RFC 3433).
    const places = Math.max(0, columns.number(precision, row.index) ?? 0)
    return [{ row, column, raw, unit, value: tidy(raw * 10 ** ((step - units) * 3 - places)) }]
  })
}

/**
 * The sensors of an element, from the most special profile to the most general. A row that one read has used, or taken
 * for "none", is not looked at by those after it.
 */
export function sensorsOf(columns: Columns, reads: readonly ProfileRead[]): readonly FoundSensor[] {
  const claimed = new Set<string>()
  const found: FoundSensor[] = []
  for (const read of reads) {
    if (read.gives !== 'sensors' && read.gives !== 'entity-sensors') continue
    const measured = read.gives === 'sensors' ? measuredBy(columns, read) : measuredByEntity(columns, read)
    for (const one of measured) {
      const key = `${one.column} ${one.row.index}`
      if (claimed.has(key)) continue
      const isNone = read.skip.includes(one.raw)
      const sensor = isNone ? undefined : sensorFrom(one, read)
      if (isNone || sensor !== undefined) claimed.add(key)
      if (sensor !== undefined) found.push(sensor)
    }
  }
  return named(found).slice(0, mostSensors)
}

/** A scalar with a label needs no index. */
function nameOf({ index, name }: ChosenRow, read: SensorRead | EntitySensorRead): string {
  const label = read.gives === 'sensors' ? read.label : undefined
  if (label === undefined) return name || index
  return name === '' && index === '0' ? label : `${name || index} ${label}`
}

function sensorFrom(measured: Measured, read: SensorRead | EntitySensorRead): FoundSensor | undefined {
  const { row, unit: measuredUnit } = measured
  const asDecibels = read.as === 'dBm' && measuredUnit === 'W'
  const unit = asDecibels ? 'dBm' : measuredUnit
  const value = asDecibels ? decibels(measured.value) : measured.value
  const [least, most] = read.range ?? possible[unit]
  if (!(value >= least && value <= most)) return undefined
  const counts =
    unit === '°C' &&
    // An entity without a name may be anything, and is mostly a transceiver.
    (read.gives === 'sensors' || row.name !== '') &&
    !read.apart.some((glob) => fitsGlob(glob, row.name))
  return {
    index: row.index,
    sensor: nameOf(row, read),
    unit,
    value,
    ...(read.temperature !== undefined && counts ? { temperature: { read, of: read.temperature } } : {}),
  }
}

/** Gives sensors that would share a name their index behind it. The same sensor from two tables stays the first. */
function named(found: readonly FoundSensor[]): readonly FoundSensor[] {
  const keyOf = ({ sensor, unit }: FoundSensor) => `${unit} ${sensor}`
  const same = new Map(found.toReversed().map((one) => [`${one.index} ${keyOf(one)}`, one]))
  const single = found.filter((one) => same.get(`${one.index} ${keyOf(one)}`) === one)
  const uses = new Map<string, number>()
  for (const one of single) uses.set(keyOf(one), (uses.get(keyOf(one)) ?? 0) + 1)
  const isShared = (one: FoundSensor) => (uses.get(keyOf(one)) ?? 0) > 1
  const taken = new Set(single.filter((one) => !isShared(one)).map(keyOf))
  return single.map((one) => {
    if (!isShared(one)) return one
    let unique = one
    do unique = { ...unique, sensor: `${unique.sensor}#${one.index}` }
    while (taken.has(keyOf(unique)))
    taken.add(keyOf(unique))
    return unique
  })
}

/** The element's temperature: of the first read that gives any. */
export function temperatureOf(sensors: readonly FoundSensor[]): number | undefined {
  const first = sensors.find((one) => one.temperature !== undefined)?.temperature
  if (first === undefined) return undefined
  const values = sensors.filter((one) => one.temperature?.read === first.read).map(({ value }) => value)
  return first.of === 'max'
    ? Math.max(...values)
    : tidy(values.reduce((sum, value) => sum + value, 0) / values.length)
}
