import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type {
  CpuRead,
  EntitySensorRead,
  MemoryRead,
  Profile,
  ProfileRead,
  ProfileReading,
  ProfileRow,
  SensorRead,
} from '../../../src/model/profile.ts'
import { profileValues } from '../../../src/sample/profile-values.ts'

type Table = Readonly<Record<string, Readonly<Record<string, ProfileRow['value']>>>>

const rows = { names: [], only: [], except: [] }
const cpu = (read: Partial<CpuRead> = {}): CpuRead => ({
  ...rows,
  gives: 'cpu',
  value: ['1.1'],
  scale: 0.01,
  idle: false,
  of: 'max',
  ...read,
})
const memory = (read: Partial<MemoryRead> = {}): MemoryRead => ({
  ...rows,
  gives: 'memory',
  value: [],
  scale: 0.01,
  free: [],
  cached: [],
  of: 'max',
  ...read,
})
const sensors = (read: Partial<SensorRead> = {}): SensorRead => ({
  ...rows,
  gives: 'sensors',
  value: ['1.1'],
  unit: '°C',
  scale: 1,
  skip: [],
  apart: [],
  ...read,
})
const entities = (read: Partial<EntitySensorRead> = {}): EntitySensorRead => ({
  ...rows,
  gives: 'entity-sensors',
  table: '9',
  skip: [],
  apart: [],
  ...read,
})

const readingOf = (table: Table, profiles: readonly string[]): ProfileReading => ({
  profiles,
  values: new Map(
    Object.entries(table).map(([oid, column]) => [
      oid,
      Object.entries(column).map(([index, value]) => ({ index, value })),
    ]),
  ),
})

/** What one profile with these reads makes of a table: columns, and in them values by index. */
const of = (table: Table, ...reads: readonly ProfileRead[]) =>
  profileValues([{ id: 'p', name: 'P', match: 'any', reads }], readingOf(table, ['p']))

describe('processor load', () => {
  it('is the busiest row, or their mean', () => {
    const table = { '1.1': { 1: 20, 2: 60 } }
    expect(of(table, cpu()).cpuRatio).toBe(0.6)
    expect(of(table, cpu({ of: 'mean' })).cpuRatio).toBe(0.4)
  })

  it('may be told as what is idle', () => {
    expect(of({ '1.1': { 0: 79 } }, cpu({ idle: true })).cpuRatio).toBe(0.21)
  })

  it('comes from the first column with a usable row', () => {
    const read = cpu({ value: ['1.1', '1.2', '1.3'] })
    expect(of({ '1.2': { 1: 4_294_967_295 }, '1.3': { 1: 7 } }, read).cpuRatio).toBe(0.07)
  })

  it('is absent, and not 0, where no row is usable', () => {
    expect(of({ '1.1': { 1: 101, 2: 2_147_483_647, 3: 'n/a', 4: -5 } }, cpu()).cpuRatio).toBeUndefined()
    expect(of({}, cpu())).toEqual({ sensors: [] })
  })

  it('may be a number in a text, or of 64 bits', () => {
    expect(of({ '1.1': { 1: ' 42 %' } }, cpu()).cpuRatio).toBe(0.42)
    expect(of({ '1.1': { 1: 42n } }, cpu()).cpuRatio).toBe(0.42)
  })

  it('counts only rows that hold a value in another column, or do not', () => {
    const table = { '1.1': { 1: 90, 2: 10, 3: 99 }, '1.2': { 1: 0, 2: 512 } }
    expect(of(table, cpu({ when: { oid: '1.2', not: [0] } })).cpuRatio).toBe(0.1)
    expect(of(table, cpu({ when: { oid: '1.2', is: [0] } })).cpuRatio).toBe(0.9)
  })

  it('is of the most special profile that gives any', () => {
    const profiles: readonly Profile[] = [
      { id: 'any', name: 'Any', match: 'any', reads: [cpu({ value: ['1.1'] })] },
      { id: 'own', name: 'Own', match: ['1.3.6'], reads: [cpu({ value: ['1.2'] })] },
    ]
    const told = readingOf({ '1.1': { 1: 10 }, '1.2': { 1: 20 } }, ['own', 'any'])
    const lacking = readingOf({ '1.1': { 1: 10 }, '1.2': { 1: 65_535 } }, ['own', 'any'])
    expect(profileValues(profiles, told).cpuRatio).toBe(0.2)
    expect(profileValues(profiles, lacking).cpuRatio).toBe(0.1)
    expect(profileValues([], told)).toEqual({ sensors: [] })
  })
})

describe('memory', () => {
  it.for([
    ['used and free', { used: '1.1', free: ['1.2'] }],
    ['used and total', { used: '1.1', total: '1.3' }],
    ['free and total', { free: ['1.2'], total: '1.3' }],
  ] as const)('is known by what is %s', ([, sizes]) => {
    const table = { '1.1': { 1: 30 }, '1.2': { 1: 70 }, '1.3': { 1: 100 } }
    expect(of(table, memory(sizes)).memoryRatio).toBe(0.3)
  })

  it('is of a pool by name', () => {
    const table = { '1.1': { 1: 30, 2: 99 }, '1.2': { 1: 70, 2: 1 }, '1.9': { 1: 'Processor', 2: 'I/O' } }
    const read = memory({ used: '1.1', free: ['1.2'], names: ['1.9'], only: ['proc*'] })
    expect(of(table, read).memoryRatio).toBe(0.3)
  })

  it('counts buffers and cache as free, where parts of what is free are told or lacking', () => {
    const read = memory({ free: ['1.1', '1.2', '1.4'], total: '1.3' })
    expect(of({ '1.1': { 0: 10 }, '1.2': { 0: 20 }, '1.3': { 0: 100 } }, read).memoryRatio).toBe(0.7)
    expect(of({ '1.2': { 0: 20 }, '1.3': { 0: 100 } }, read).memoryRatio).toBeUndefined()
  })

  it('is absent when the numbers cannot be', () => {
    const read = memory({ used: '1.1', total: '1.2' })
    expect(of({ '1.1': { 1: 5 }, '1.2': { 1: 0 } }, read).memoryRatio).toBeUndefined()
    expect(of({ '1.1': { 1: -5 }, '1.2': { 1: 10 } }, read).memoryRatio).toBeUndefined()
    expect(of({ '1.1': { 1: 50 }, '1.2': { 1: 10 } }, read).memoryRatio).toBeUndefined()
  })
})

describe('a sensor', () => {
  it('is called by its row and what the read adds; a scalar by that alone', () => {
    const names = { '1.9': { 7: ' Slot 1 ' } }
    const read = sensors({ names: ['1.8', '1.9'], label: 'inlet' })
    expect(of({ '1.1': { 7: 30, 8: 31 }, ...names }, read).sensors).toEqual([
      { sensor: 'Slot 1 inlet', unit: '°C', value: 30 },
      { sensor: '8 inlet', unit: '°C', value: 31 },
    ])
    expect(of({ '1.1': { 0: 30 } }, read).sensors).toEqual([{ sensor: 'inlet', unit: '°C', value: 30 }])
  })

  it('gets its index behind a name that others have too, unless the unit tells them apart', () => {
    const table = {
      '1.1': { 1: 30, 2: 31, 3: 32 },
      '1.2': { 1: 12 },
      '1.9': { 1: 'fan', 2: 'fan', 3: 'fan#1' },
    }
    const named = { names: ['1.9'] }
    const made = of(table, sensors(named), sensors({ ...named, value: ['1.2'], unit: 'V' })).sensors
    expect(made.map(({ sensor, unit }) => `${sensor} ${unit}`)).toEqual([
      'fan#1#1 °C',
      'fan#2 °C',
      'fan#1 °C',
      'fan V',
    ])
  })

  it('is none where its value is skipped, or not possible', () => {
    const table = { '1.1': { 1: 0, 2: 65_535, 3: -58_889, 4: 25, 5: 'absent', 6: 2_147_483_647 } }
    expect(of(table, sensors({ skip: [0] })).sensors.map(({ sensor }) => sensor)).toEqual(['4'])
    expect(of({ '1.1': { 1: -58_889, 2: -1_850 } }, sensors({ unit: 'dBm', scale: 0.01 })).sensors).toEqual([
      { sensor: '2', unit: 'dBm', value: -18.5 },
    ])
    expect(
      of({ '1.1': { 1: 1_755 } }, sensors({ unit: 'dBm', scale: 0.01, range: [-50, 5] })).sensors,
    ).toEqual([])
  })

  it('is read once from a column, however many profiles read it, and not again where it was none', () => {
    const twice = of({ '1.1': { 1: 30, 2: 0 } }, sensors({ skip: [0] }), sensors({ label: 'again' }))
    expect(twice.sensors).toEqual([{ sensor: '1', unit: '°C', value: 30 }])
  })

  it('that two tables tell by one name and index is told once', () => {
    const table = { '1.1': { 1: 30 }, '1.2': { 1: 31 } }
    expect(of(table, sensors(), sensors({ value: ['1.2'] })).sensors).toHaveLength(1)
  })

  it('of no power at all has no decibels', () => {
    const read = sensors({ unit: 'W', scale: 1e-6, as: 'dBm' })
    expect(of({ '1.1': { 1: 500, 2: 0 } }, read).sensors).toEqual([
      { sensor: '1', unit: 'dBm', value: -3.01 },
    ])
  })

  it('of an entity has the unit, scale and precision that its row tells', () => {
    const table = {
      '9.1': { 1: 8, 2: 4, 3: 5, 4: 14, 5: 12, 6: 8, 7: 8, 8: 10 },
      '9.2': { 1: 9, 2: 8, 3: 8, 4: 9, 5: 9, 6: 9, 7: 17, 8: 9 },
      '9.3': { 1: 1, 2: 0, 3: 2, 4: 1, 5: 0, 6: 0, 7: 0, 8: -3 },
      '9.4': { 1: 419, 2: 3_300, 3: 509, 4: -60, 5: 1, 6: 40, 7: 40, 8: 5_000 },
      '9.5': { 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 3, 7: 1, 8: 1 },
    }
    expect(of(table, entities()).sensors.map(({ sensor, unit, value }) => [sensor, unit, value])).toEqual([
      ['1', '°C', 41.9],
      ['2', 'V', 3.3],
      ['3', 'A', 0.00509],
      ['4', 'dBm', -6],
      ['8', 'rpm', 5_000],
    ])
  })

  it('never comes with more than 2,000 others', () => {
    const column = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [i + 1, 20]))
    expect(of({ '1.1': column }, sensors()).sensors).toHaveLength(2_000)
  })
})

describe('the temperature of an element', () => {
  it('is the highest of the first table that counts, without what stands apart', () => {
    const table = {
      '1.1': { 1: 30, 2: 60, 3: 35 },
      '1.2': { 1: 90 },
      '1.9': { 1: 'inlet', 2: 'SFP 2', 3: 'cpu' },
    }
    const read = { names: ['1.9'], temperature: 'max', apart: ['sfp*'] } as const
    const values = of(table, sensors({ ...read }), sensors({ ...read, value: ['1.2'], label: 'x' }))
    expect(values.temperatureC).toBe(35)
    expect(values.sensors).toHaveLength(4)
    expect(of(table, sensors({ ...read, temperature: 'mean' })).temperatureC).toBe(32.5)
  })

  it('is not made of entities without a name, which are mostly transceivers', () => {
    const row = { '9.1': { 1: 8 }, '9.2': { 1: 9 }, '9.3': { 1: 0 }, '9.4': { 1: 66 }, '9.5': { 1: 1 } }
    const read = entities({ temperature: 'max', names: ['1.9'] })
    expect(of(row, read).temperatureC).toBeUndefined()
    expect(of({ ...row, '1.9': { 1: 'cpu' } }, read).temperatureC).toBe(66)
  })
})

describe('whatever an agent tells', () => {
  const value = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.bigInt())
  const column = fc.dictionary(fc.constantFrom('0', '1', '2', '1.5'), value)
  const table = fc.dictionary(fc.constantFrom('1.1', '1.2', '1.9', '9.1', '9.2', '9.3', '9.4', '9.5'), column)

  it('ratios stay within 0..1, values are numbers, and names are single', () => {
    fc.assert(
      fc.property(table, (told) => {
        const {
          cpuRatio = 0,
          memoryRatio = 0,
          temperatureC = 0,
          sensors: made,
        } = of(
          told,
          cpu({ names: ['1.9'] }),
          memory({ used: '1.1', total: '1.2' }),
          sensors({ names: ['1.9'], temperature: 'mean' }),
          entities({ names: ['1.9'], temperature: 'max' }),
        )
        expect(cpuRatio >= 0 && cpuRatio <= 1 && memoryRatio >= 0 && memoryRatio <= 1).toBe(true)
        expect([temperatureC, ...made.map((one) => one.value)].every(Number.isFinite)).toBe(true)
        expect(made.every(({ sensor }) => sensor !== '')).toBe(true)
        expect(new Set(made.map(({ sensor, unit }) => `${unit} ${sensor}`)).size).toBe(made.length)
      }),
    )
  })
})
