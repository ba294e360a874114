import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BulkPace } from '../../../src/collect/snmp/bulk-pace.ts'
import { numberAt } from '../../../src/collect/snmp/codec/ber-number.ts'
import { MessageReader } from '../../../src/collect/snmp/codec/message-reader.ts'
import { oidRange, oidText } from '../../../src/collect/snmp/codec/oid.ts'
import type { RequestPdu } from '../../../src/collect/snmp/codec/request-pdu.ts'
import type { Asking, Requests } from '../../../src/collect/snmp/snmp-session.ts'
import { type WalkOptions, walkColumns } from '../../../src/collect/snmp/walk-columns.ts'
import { WalkSteps } from '../../../src/collect/snmp/walk-steps.ts'
import { type ResponseVarbind, response, unsigned } from '../../support/snmp-responder.ts'

/** For each column, which rows have a value in it. */
type Table = readonly (readonly number[])[]

const entry = '1.3.6.1.2.1.2.2.1'
const columnName = (place: number) => `${entry}.${place + 1}`
const endOfMib = Buffer.from([0x82, 0])
const cell = (place: number, index: number) => unsigned(2, place * 1_000 + index)

/** What follows a name, column by column, as in any MIB. */
function nextOf(table: Table, name: string): ResponseVarbind {
  const arcs = name.slice(entry.length + 1).split('.')
  const from = Number(arcs[0]) - 1
  const after = arcs[1] === undefined ? -1 : Number(arcs[1])
  for (let place = from; place < table.length; place++) {
    const index = table[place]?.find((row) => place > from || row > after)
    if (index !== undefined) return [`${columnName(place)}.${index}`, cell(place, index)]
  }
  return [name, endOfMib]
}

/** The values that a GETBULK gets, as many as the agent likes to give. */
function bulkAnswer(table: Table, pdu: RequestPdu, most: number): readonly ResponseVarbind[] {
  let names = pdu.names.map(({ bytes, start, end }) => oidText(bytes, start, end))
  const values: ResponseVarbind[] = []
  for (let row = 0; row < (pdu.maxRepetitions ?? 1) && values.length < most; row++) {
    const next = names.map((name) => nextOf(table, name))
    values.push(...next)
    names = next.map(([name]) => name)
  }
  return values.slice(0, most)
}

/** How many values an answer may have: always, or by how many requests there were. */
type Room = number | ((requests: number) => number)

/** Asks a table in this process. */
function requestsTo(table: Table, room: Room) {
  const reader = new MessageReader()
  const asked: RequestPdu[] = []
  const begin = <T extends object | number>(asking: Asking<T>): void => {
    const pdu = asking.pdu(0)
    asked.push(pdu)
    const request = { bytes: Buffer.alloc(0), version: 1, community: '', type: 0xa5, id: 1 }
    const values = bulkAnswer(table, pdu, typeof room === 'number' ? room : room(asked.length))
    reader.read(response({ ...request, nonRepeaters: 0, repetitions: 0, oids: [] }, values))
    const value = asking.answered(reader, 0)
    queueMicrotask(() => asking.resolve(value))
  }
  const unused = () => Promise.reject(new Error('not asked for by a walk without scalars'))
  const requests: Requests = {
    version: '2c',
    answered: true,
    once: false,
    begin,
    ask: unused,
    get: unused,
    next: unused,
    count: () => asked.length,
  }
  return { asked, requests }
}

/** Walks the table. Returns what was found of each column, in order. */
async function walked(table: Table, room: Room, options: Partial<WalkOptions> = {}) {
  const found: [index: number, value: number][][] = table.map(() => [])
  const { asked, requests } = requestsTo(table, room)
  const rows = await walkColumns(requests, {
    columns: table.map((_, place) => oidRange(columnName(place))),
    sink: {
      take(column, index, row, { bytes, tag, valueStart, valueEnd }) {
        expect(row).toBe(found[column]?.length)
        found[column]?.push([index, numberAt(bytes, tag, valueStart, valueEnd)])
      },
    },
    pace: new BulkPace(4),
    expectedRows: undefined,
    maxRows: 1_000,
    ...options,
  })
  expect(rows).toEqual(found.map(({ length }) => length))
  return { found, asked }
}

const told = (table: Table) =>
  table.map((rows, place) => rows.map((index) => [index, place * 1_000 + index] as const))

const indexes = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 12 })
const inOrder = (rows: readonly number[]) => [...rows].sort((a, b) => a - b)
/** All columns have the same rows, but for some cells. */
const tables = fc
  .record({
    rows: indexes,
    width: fc.integer({ min: 1, max: 6 }),
    holes: fc.array(fc.tuple(fc.nat(5), fc.nat(11)), { maxLength: 3 }),
    extra: fc.option(fc.tuple(fc.nat(5), fc.integer({ min: 0, max: 400 }))),
  })
  .map(({ rows, width, holes, extra }): Table => {
    const dense = inOrder(rows)
    return Array.from({ length: width }, (_, place) => {
      const kept = dense.filter((_row, at) => !holes.some(([column, row]) => column === place && row === at))
      return extra?.[0] === place ? inOrder([...new Set([...kept, extra[1]])]) : kept
    })
  })

describe('a walk over columns', () => {
  it('finds each value once, whatever is missing and wherever answers are cut off', async () => {
    await fc.assert(
      fc.asyncProperty(
        tables,
        fc.integer({ min: 1, max: 40 }),
        fc.option(fc.nat(13), { nil: undefined }),
        fc.boolean(),
        async (table, most, expectedRows, isKept) => {
          const steps = isKept
            ? new WalkSteps(table.map((_, place) => oidRange(columnName(place))))
            : undefined
          expect((await walked(table, most, { expectedRows, steps })).found).toEqual(told(table))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('finds the same when the first columns show the end of all, where all have the same rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        indexes,
        fc.integer({ min: 3, max: 6 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: -1, max: 1 }),
        async (rows, width, most, off) => {
          const table = Array.from({ length: width }, () => inOrder(rows))
          const expectedRows = Math.max(0, rows.length + off)
          const { found } = await walked(table, most, { expectedRows, endShownBy: 3 })
          expect(found).toEqual(told(table))
        },
      ),
      { numRuns: 300 },
    )
  })

  const ports = (count: number) => Array.from({ length: count }, (_, row) => row + 1)
  const wide = (count: number, width = 6): Table => Array.from({ length: width }, () => ports(count))
  const knownPace = (rows = 4) => {
    const pace = new BulkPace()
    pace.fits(rows)
    return pace
  }

  it('asks no more when what is left of the last answer shows the end', async () => {
    // Four rows of six and three more values fit.
    const usual = { expectedRows: 8, pace: knownPace() }
    expect((await walked(wide(8), 27, usual)).asked).toHaveLength(3)
    const { asked, found } = await walked(wide(8), 27, { ...usual, endShownBy: 3 })
    expect(asked.map(({ maxRepetitions }) => maxRepetitions)).toEqual([4, 5])
    expect(found).toEqual(told(wide(8)))
    // Two do not tell.
    expect((await walked(wide(8), 26, { ...usual, endShownBy: 3 })).asked).toHaveLength(3)
  })

  it('sees a row that is new at the end', async () => {
    const { found } = await walked(wide(9), 27, { expectedRows: 8, pace: knownPace(), endShownBy: 3 })
    expect(found).toEqual(told(wide(9)))
  })

  it('reads on when the first columns end before the rows that were expected', async () => {
    const table = wide(8).map((rows, place) => (place < 3 ? rows.slice(0, 7) : rows))
    const usual = { expectedRows: 8, pace: knownPace(2), endShownBy: 3 }
    const { found } = await walked(table, (requests) => (requests < 4 ? 12 : 9), usual)
    expect(found).toEqual(told(table))
  })

  it('asks for no row more than went well of an agent that may not answer at all then', async () => {
    const pace = new BulkPace(8)
    pace.shrink({ rows: 8, columns: 6 })
    const { asked } = await walked(wide(8), 1_000, { expectedRows: 8, pace, endShownBy: 3 })
    expect(asked.map(({ maxRepetitions }) => maxRepetitions)).toEqual([4, 4, 1])
  })
})
