import { beforeEach, describe, expect, it } from 'vitest'
import {
  type ColumnValue,
  type ColumnWalk,
  createProfileReader,
  type ProfileReader,
} from '../../../src/collect/profile-reader.ts'
import type { Profile } from '../../../src/model/profile.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const choice = { names: ['1.3.9'], only: [], except: [] }
const rest = { scale: 1, skip: [], apart: [] }
const sensor = (value: string) =>
  ({ ...choice, ...rest, gives: 'sensors', unit: '°C', value: [value] }) as const
const profiles: readonly Profile[] = [
  { id: 'base', name: 'Base', match: 'any', reads: [sensor('1.3.1')] },
  { id: 'vendor', name: 'Vendor', match: ['1.3.6.1.4.1.9'], reads: [sensor('1.3.2')] },
  { id: 'family', name: 'Family', match: ['1.3.6.1.4.1.9.12'], reads: [sensor('1.3.3')] },
]

let clock: ManualClock
let reader: ProfileReader
let table: ColumnValue[]
let asked: (readonly string[])[]
let expected: number[]
const walk: ColumnWalk = async (columns, expectedRows) => {
  asked.push(columns)
  expected.push(expectedRows)
  return columns.flatMap((column) => table.filter(({ oid }) => oid.startsWith(`${column}.`)))
}
const read = (upTimeTicks = 100, objectId = '1.3.6.1.4.1.9.1.1') =>
  reader.read('agg1', { objectId, upTimeTicks }, walk)

beforeEach(() => {
  clock = new ManualClock()
  reader = createProfileReader({ profiles, clock })
  table = [
    { oid: '1.3.1.1', value: 20 },
    { oid: '1.3.1.10', value: 30 },
    { oid: '1.3.9.1', value: 'inlet' },
    { oid: '1.3.9.10', value: 'outlet' },
    { oid: '1.3.9.77', value: 'ge-0/0/77' },
  ]
  asked = []
  expected = []
})

describe('profiles of an agent', () => {
  it.for([
    ['1.3.6.1.4.1.9.12.3', ['family', 'vendor', 'base']],
    ['1.3.6.1.4.1.9', ['vendor', 'base']],
    ['1.3.6.1.4.1.99.1', ['base']],
    ['', ['base']],
  ] as const)('are those that %s begins with, the longest first', async ([objectId, ids]) => {
    expect((await read(1, objectId))?.profiles).toEqual(ids)
  })

  it('are none when none holds for it', async () => {
    reader = createProfileReader({ profiles: profiles.slice(1), clock })
    expect(await read(1, '1.3.6.1.4.1.99')).toBeUndefined()
    expect(asked).toEqual([])
  })
})

describe('a reading', () => {
  it('has rows by column, and names of those rows only', async () => {
    expect((await read())?.values).toEqual(
      new Map([
        [
          '1.3.9',
          [
            { index: '1', value: 'inlet' },
            { index: '10', value: 'outlet' },
          ],
        ],
        [
          '1.3.1',
          [
            { index: '1', value: 20 },
            { index: '10', value: 30 },
          ],
        ],
      ]),
    )
  })

  it('asks again for what moves only, and not for what the agent lacks', async () => {
    const first = await read()
    expect(asked).toEqual([['1.3.2', '1.3.1'], ['1.3.9']])
    asked = []
    expect(await read(200)).toEqual(first)
    expect(asked).toEqual([['1.3.1']])
  })

  it('reads columns side by side that had as many rows last time, and says how many', async () => {
    table.push({ oid: '1.3.2.1', value: 40 }, { oid: '1.3.2.2', value: 41 }, { oid: '1.3.3.7', value: 50 })
    const system = { objectId: '1.3.6.1.4.1.9.12.1', upTimeTicks: 1 }
    await reader.read('agg1', system, walk)
    expect(expected).toEqual([0, 0])
    asked = []
    expected = []
    await reader.read('agg1', system, walk)
    expect(asked).toEqual([['1.3.3'], ['1.3.2', '1.3.1']])
    expect(expected).toEqual([1, 2])
  })

  it('asks an agent that has none of it once an hour', async () => {
    table = []
    expect((await read())?.values.size).toBe(0)
    await read(200)
    await clock.advance(3_599_999)
    await read(300)
    expect(asked).toEqual([['1.3.2', '1.3.1']])
    await clock.advance(1)
    await read(400)
    expect(asked).toHaveLength(2)
  })

  it.for([
    ['when rows come or go', ['1.3.1.11'], 200],
    ['when the agent has restarted', [], 50],
  ] as const)('asks for names again %s', async ([, more, upTime]) => {
    await read()
    asked = []
    table.push(...more.map((oid) => ({ oid, value: 5 })))
    await read(upTime)
    expect(asked.at(-1)).toEqual(['1.3.9'])
  })

  it('asks for everything again after a walk that failed', async () => {
    await read()
    const failing: ColumnWalk = async () => {
      throw new Error('no answer')
    }
    const system = { objectId: '1.3.6.1.4.1.9.1.1', upTimeTicks: 200 }
    await expect(reader.read('agg1', system, failing)).rejects.toThrow('no answer')
    asked = []
    await read(300)
    expect(asked).toEqual([['1.3.2', '1.3.1'], ['1.3.9']])
  })

  it('takes other profiles when another box answers in its place', async () => {
    await read()
    expect((await read(200, '1.3.6.1.4.1.99'))?.profiles).toEqual(['base'])
  })

  it('keeps 2,000 rows of a column, and nothing that was not asked for', async () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => ({ oid: `1.3.1.${i + 1}`, value: i }))
    table = rows
    const strange: ColumnWalk = async (columns) => [...(await walk(columns, 0)), { oid: '1.4.1', value: 1 }]
    const reading = await reader.read('agg1', { objectId: '', upTimeTicks: 1 }, strange)
    expect(reading?.values.get('1.3.1')).toHaveLength(2_000)
    expect([...(reading?.values.keys() ?? [])]).toEqual(['1.3.1'])
  })

  it('forgets an element when told', async () => {
    await read()
    reader.forget('agg1')
    asked = []
    await read(200)
    expect(asked).toHaveLength(2)
  })
})
