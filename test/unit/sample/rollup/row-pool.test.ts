import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowPool } from '../../../../src/sample/rollup/row-pool.ts'

const hourMs = 3_600_000
/** What fits in four bytes, what just does not, and what is no whole number at all. */
const value = fc.option(
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 2 ** 32 - 2 }) },
    { weight: 1, arbitrary: fc.constantFrom(2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 4e11, -1, 2 ** 53) },
    {
      weight: 1,
      arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0)),
    },
  ),
  { nil: undefined },
)
const rows = fc.array(
  fc.record({
    list: fc.nat({ max: 6 }),
    at: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: hourMs - 1 })),
    values: fc.tuple(value, value),
  }),
  { maxLength: 250 },
)

describe('rows of many series', () => {
  it('are what was put in, in the order of time, whatever the values and however they come', () => {
    fc.assert(
      fc.property(
        rows,
        fc.boolean(),
        fc.nat({ max: hourMs }),
        fc.nat({ max: 60 }),
        (stream, inOrder, from, width) => {
          const pool = new RowPool(2, 3)
          const lists = Array.from({ length: 7 }, () => pool.newList())
          const plain = lists.map(() => new Map<number, readonly (number | undefined)[]>())
          for (const { list, at, values } of inOrder ? stream.toSorted((a, b) => a.at - b.at) : stream) {
            pool.put(lists[list] ?? -1, at, values)
            const before = plain[list]?.get(at) ?? []
            plain[list]?.set(at, [values[0] ?? before[0], values[1] ?? before[1]])
          }
          const to = from % 2 === 0 ? from + width : hourMs
          for (const [list, known] of plain.entries()) {
            const expected = [...known].sort(([a], [b]) => a - b)
            const within = expected.filter(([at]) => at >= from && at < to)
            expect([...pool.entries(list)]).toEqual(expected)
            expect(pool.length(list)).toBe(expected.length)
            expect(pool.count(list, from, to)).toBe(within.length)
            for (const column of [0, 1])
              expect(pool.values(list, column, from, to)).toEqual(
                within.map(([, values]) => values[column]).filter((one) => one !== undefined),
              )
          }
        },
      ),
    )
  })

  it('take four bytes a value while a series has only whole numbers below 2^32, and 8 once it has another', () => {
    const bytesOf = (rate: number) => {
      const before = process.memoryUsage().arrayBuffers
      const pool = new RowPool(2)
      for (let series = 0; series < 4_096; series++) {
        const list = pool.newList()
        for (let row = 0; row < 8; row++) pool.put(list, row, [rate, 7])
      }
      const held = process.memoryUsage().arrayBuffers - before
      pool.release()
      expect(process.memoryUsage().arrayBuffers).toBeLessThan(before + held / 2)
      return held / (8 * 4_096)
    }
    expect(bytesOf(4e9)).toBeLessThan(16)
    expect(bytesOf(1e11)).toBeLessThan(2 * 20)
  })
})
