import { describe, expect, it } from 'vitest'
import { sampleOf } from '../../../src/model/sample.ts'
import { createHistory, readRows } from '../../../src/wiring/rollup-history.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const signal = new AbortController().signal
const minute = 60_000
const tags = (port: string) => ({ element: 'agg1', interface: port })

describe('history', () => {
  it('is read whole when it has more points than one answer may have', async () => {
    const store = createMemoryStore()
    const count = 25_000
    store.offer(
      Array.from({ length: count }, (_, i) =>
        sampleOf('interface', tags(i % 3 === 0 ? 'a' : 'b'), { in_bps: i }, i * minute),
      ),
    )
    const series = await createHistory(
      store,
      signal,
    )({ measurement: 'interface', field: 'in_bps', tags: { element: 'agg1' }, from: 0, to: count * minute })
    expect(series.map(({ tags }) => tags.interface).sort()).toEqual(['a', 'b'])
    const values = series.flatMap(({ points }) => points.map(([, value]) => value))
    expect(values.length).toBe(count)
    expect(series[0]?.points.every(([at], i, all) => i === 0 || at > (all[i - 1]?.[0] ?? at))).toBe(true)
  })

  it('says what the store says', async () => {
    const store = createMemoryStore()
    store.away(true)
    const read = createHistory(store, signal)
    const query = { measurement: 'icmp', field: 'loss_ratio', tags: {}, from: 0, to: minute } as const
    await expect(read(query)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('puts fields of the same time together, and leaves out what was not measured', async () => {
    const store = createMemoryStore()
    store.offer([
      sampleOf('interface', tags('a'), { out_bps: 2 }, minute),
      sampleOf('interface', tags('a'), { in_bps: 1, out_bps: 3 }, 0),
    ])
    const rows = await readRows(
      createHistory(store, signal),
      { measurement: 'interface', tags: {}, from: 0, to: 2 * minute },
      ['in_bps', 'out_bps'],
    )
    expect(rows).toEqual([
      {
        tags: tags('a'),
        rows: [
          { at: 0, values: { in_bps: 1, out_bps: 3 } },
          { at: minute, values: { out_bps: 2 } },
        ],
      },
    ])
  })
})
