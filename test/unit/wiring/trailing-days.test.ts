import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import { FaultlineError } from '../../../src/platform/errors.ts'
import { type Days, dayFields, type ReadDays, storedDaysOf } from '../../../src/wiring/busy-hour-reader.ts'
import { createTrailingDays } from '../../../src/wiring/trailing-days.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const signal = new AbortController().signal
const day = 86_400_000
const noon = Date.UTC(2026, 4, 1, 12)
const midnight = noon - (noon % day)
/** So many days before today. */
const daysAgo = (days: number) => midnight - days * day

const dayOf = (port: string, days: number, fields: Sample['fields']): Sample =>
  sampleOf('interface_peak_day', { element: 'agg1', interface: port, direction: 'in' }, fields, daysAgo(days))

/** What rows say, whatever the order of the series. */
const rowsOf = ({ series, at, values }: Days) =>
  new Map(
    series.map(({ tags, start, end }) => [
      JSON.stringify([tags.element, tags.interface, tags.direction]),
      Array.from({ length: end - start }, (_, i) => [
        at[start + i],
        ...dayFields.map((field) => values[field][start + i]),
      ]),
    ]),
  )

function opened() {
  const store = createMemoryStore()
  const stored = storedDaysOf(store)
  const reads: number[] = []
  const clock = new ManualClock(noon)
  const counted: ReadDays = (selection, own) => {
    reads.push(selection.from)
    return stored(selection, own)
  }
  return { store, stored, reads, clock, trailing: createTrailingDays(counted, clock) }
}
const month = { tags: {}, from: daysAgo(30), to: noon, limit: 1_000 }

describe('the trailing days', () => {
  it('are what the store would tell, whatever came before and after they were read', async () => {
    const row = fc
      .tuple(
        fc.constantFrom('a', 'b', 'c\\', 'd\n'),
        fc.integer({ min: 0, max: 45 }),
        fc.record(
          { peak_mean_bps: fc.nat(), speed_bps: fc.nat(), tcbh_hour: fc.integer({ min: 0, max: 23 }) },
          { requiredKeys: ['peak_mean_bps'] },
        ),
      )
      .map(([port, days, fields]) => dayOf(port, days, fields))
    const selection = fc
      .tuple(
        fc.nat({ max: 45 }),
        fc.nat({ max: 45 }),
        fc.constantFrom({}, { interface: 'a' }, { interface: ['b', 'c'] }),
      )
      .map(([one, other, tags]) => ({
        tags,
        from: daysAgo(Math.max(one, other)),
        to: daysAgo(Math.min(one, other)) + 1,
        limit: 1_000,
      }))
    const batch = fc.array(row, { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        batch,
        fc.array(fc.tuple(batch, selection), { maxLength: 6 }),
        async (first, steps) => {
          const { store, stored, trailing } = opened()
          // The store cleans tags, which the one of tests does not.
          const cleaned = (rows: readonly Sample[]) =>
            rows.map((one) => ({
              ...one,
              tags: { ...one.tags, interface: one.tags.interface?.replace(/[\\\n]/g, '') ?? '' },
            }))
          store.offer(cleaned(first))
          for (const [rows, asked] of steps) {
            store.offer(cleaned(rows))
            trailing.accept(rows)
            expect(rowsOf(await trailing.read(asked, signal))).toEqual(rowsOf(await stored(asked, signal)))
          }
        },
      ),
    )
  })

  it('are read from the store once, for the first report', async () => {
    const { store, reads, trailing } = opened()
    store.offer([dayOf('a', 3, { peak_mean_bps: 5 })])
    expect(reads).toEqual([])
    const first = await Promise.all([trailing.read(month, signal), trailing.read(month, signal)])
    expect(first.map((days) => days.at[0])).toEqual([daysAgo(3), daysAgo(3)])
    await trailing.read({ ...month, tags: { interface: 'b' } }, signal)
    expect(reads).toHaveLength(1)
  })

  it('miss nothing that comes while they are read', async () => {
    const { store, stored, clock } = opened()
    const { promise, resolve } = Promise.withResolvers<void>()
    const trailing = createTrailingDays(async (selection, own) => {
      const found = await stored(selection, own)
      await promise
      return found
    }, clock)
    const reading = trailing.read(month, signal)
    await new Promise(setImmediate)
    const late = [dayOf('a', 1, { peak_mean_bps: 7 })]
    store.offer(late)
    trailing.accept(late)
    resolve()
    expect(rowsOf(await reading)).toEqual(rowsOf(await stored(month, signal)))
  })

  it('are read again after an hour, since others may write to the store', async () => {
    const { store, reads, clock, trailing } = opened()
    await trailing.read(month, signal)
    store.offer([dayOf('a', 3, { peak_mean_bps: 5 })])
    await clock.advance(3_590_000)
    expect((await trailing.read(month, signal)).series).toEqual([])
    await clock.advance(20_000)
    expect((await trailing.read(month, signal)).series).toHaveLength(1)
    expect(reads).toHaveLength(2)
  })

  it('leave older ranges, and networks too large for memory, to the store', async () => {
    const { reads, trailing } = opened()
    await trailing.read({ ...month, from: daysAgo(50) }, signal)
    expect(reads).toEqual([daysAgo(50)])

    const asked: number[] = []
    const large = createTrailingDays(async ({ limit }) => {
      asked.push(limit)
      if (limit > 1_000) throw new FaultlineError('REQUEST_INVALID', 'too many')
      return {
        series: [],
        at: new Float64Array(),
        values: await trailing.read(month, signal).then((days) => days.values),
      }
    }, new ManualClock(noon))
    await large.read(month, signal)
    await large.read(month, signal)
    expect(asked).toEqual([400_000, 1_000, 1_000])
  })

  it('say what the store says, and are tried again', async () => {
    const { store, trailing } = opened()
    store.away(true)
    await expect(trailing.read(month, signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    store.away(false)
    expect((await trailing.read(month, signal)).series).toEqual([])
  })

  it('refuse more rows than were asked for', async () => {
    const { store, trailing } = opened()
    store.offer([1, 2, 3].map((days) => dayOf('a', days, { peak_mean_bps: 5 })))
    await expect(trailing.read({ ...month, limit: 2 }, signal)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })
})
