import { describe, expect, it } from 'vitest'
import { columnOf } from '../../../src/model/columns.ts'
import { FaultlineError } from '../../../src/platform/errors.ts'
import type { SampleStore } from '../../../src/store/sample-store.ts'
import { createHistory } from '../../../src/wiring/rollup-history.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const signal = new AbortController().signal
const minute = 60_000

/** Has a row of two series each millisecond, whose values are the time and less, and of one more near the end. */
function createEndlessStore(lateFrom: number) {
  const answers: number[] = []
  const columns: SampleStore['columns'] = async ({ fields, from, to, limit }) => {
    const names = to > lateFrom ? ['late', 'b', 'a'] : ['a', 'b']
    const length = to - from
    if (names.length * length > limit) throw new FaultlineError('REQUEST_INVALID', 'too many')
    const at = Float64Array.from({ length: names.length * length }, (_, i) => from + (i % length))
    answers.push(at.length)
    const values = fields.map((field) => [field, field === 'in_bps' ? at : at.map((time) => -time)])
    return {
      series: names.map((name, i) => ({
        tags: { element: 'agg1', interface: name },
        start: i * length,
        end: (i + 1) * length,
      })),
      at,
      values: Object.fromEntries(values),
    }
  }
  return { columns, answers }
}

describe('history', () => {
  it('is read whole when it has more rows than one answer may have', async () => {
    const to = 250_000
    const store = createEndlessStore(200_000)
    const found = await createHistory(
      store,
      signal,
    )({ measurement: 'interface', fields: ['out_bps', 'in_bps'], tags: { element: 'agg1' }, from: 1, to })
    expect(store.answers.length).toBeGreaterThan(2)
    const byName = new Map(found.series.map((rows) => [rows.tags.interface, rows]))
    expect([...byName.keys()].sort()).toEqual(['a', 'b', 'late'])
    for (const [name, rows] of byName) {
      const first = name === 'late' ? (found.at[rows.start] ?? 0) : 1
      const received = columnOf(found, rows, 'in_bps')
      expect(received.length).toBe(to - first)
      const isWhole = received.every((value, i) => {
        const row = rows.start + i
        return value === first + i && found.at[row] === value && found.values.out_bps[row] === -value
      })
      expect(isWhole).toBe(true)
    }
    expect(byName.get('late')?.end).toBeGreaterThan(byName.get('late')?.start ?? 0)
  })

  it('says what the store says', async () => {
    const store = createMemoryStore()
    store.away(true)
    const read = createHistory(store, signal)
    const query = { measurement: 'icmp', fields: ['loss_ratio'], tags: {}, from: 0, to: minute } as const
    await expect(read(query)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('gives up on more rows in a minute than an answer may have', async () => {
    const store = createEndlessStore(0)
    const read = createHistory(store, signal)
    const query = { measurement: 'interface', fields: ['in_bps'], tags: {}, from: 0, to: 130_000 } as const
    await expect(read(query)).resolves.toBeDefined()
    const crowded = { columns: () => Promise.reject(new FaultlineError('REQUEST_INVALID')) }
    await expect(createHistory(crowded, signal)(query)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })
})
