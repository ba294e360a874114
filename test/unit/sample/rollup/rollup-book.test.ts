import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../../../src/model/measurements.ts'
import { type Sample, sampleOf } from '../../../../src/model/sample.ts'
import { createRollupBook } from '../../../../src/sample/rollup/rollup-book.ts'
import { rollupPlans } from '../../../../src/sample/rollup/rollup-plan.ts'
import { fieldsOfPlan, settleHour } from '../../../../src/sample/rollup/settle-hour.ts'
import { isFieldOf } from '../../../../src/wiring/rollup-history.ts'
import { exactFigures, merged, spansOf } from '../../../support/exact-rollups.ts'
import { createMemoryStore } from '../../../support/memory-store.ts'

const minute = 60_000
const hour = 60 * minute
const graceMs = 90_000
const noon = Date.UTC(2026, 2, 1, 12)

const traffic = (at: number, fields: Record<string, number>, port = 'Gi0/1') =>
  sampleOf('interface', { element: 'agg1', interface: port }, fields, at)
const ping = (at: number, fields: Record<string, number>) =>
  sampleOf('icmp', { element: 'agg1', vantage: 'nms' }, fields, at)

/** Everything that a book tells until that time. */
const told = (book: ReturnType<typeof createRollupBook>, now: number) => [...book.due(now)].flat()

const unfinished = (book: ReturnType<typeof createRollupBook>, now: number) =>
  [...book.takeUnfinished(now)].flat()

describe('roll-ups from the stream', () => {
  it('tell 5 minutes once they and their grace are over', () => {
    const book = createRollupBook({ startedAt: noon, graceMs })
    book.accept([0, 1, 2, 3, 4].map((i) => traffic(noon + i * minute, { in_bps: 10 * i, out_bps: 7 })))
    expect(told(book, noon + 5 * minute + graceMs - 1)).toEqual([])
    expect(told(book, noon + 5 * minute + graceMs)).toEqual([
      sampleOf(
        'interface_5min',
        { element: 'agg1', interface: 'Gi0/1' },
        { in_bps: 20, in_bps_max: 40, out_bps: 7, out_bps_max: 7, samples: 5 },
        noon,
      ),
    ])
    expect(told(book, noon + 6 * minute + graceMs)).toEqual([])
  })

  it('tell quarters and the hour, and forget it then', () => {
    const book = createRollupBook({ startedAt: noon, graceMs })
    book.accept(
      Array.from({ length: 60 }, (_, i) =>
        traffic(noon + i * minute, { in_bps: i + 1, speed_bps: 1_000, oper_up: 1 }),
      ),
    )
    const samples = told(book, noon + hour + graceMs)
    const count = (name: Measurement) => samples.filter(({ measurement }) => measurement === name).length
    expect([count('interface_5min'), count('interface_15min'), count('interface_hour')]).toEqual([12, 4, 1])
    expect(samples.at(-1)).toEqual(
      sampleOf(
        'interface_hour',
        { element: 'agg1', interface: 'Gi0/1' },
        {
          in_bps_count: 60,
          in_bps_mean: 31,
          in_bps_p50: 30,
          in_bps_p95: 57,
          in_bps_max: 60,
          speed_bps: 1_000,
        },
        noon,
      ),
    )
    expect(book.size().samples).toBe(0)
  })

  it('have no round-trip time where every packet was lost, and no row where nothing was measured', () => {
    const book = createRollupBook({ startedAt: noon, graceMs })
    book.accept([ping(noon, { sent: 5, received: 0, loss_ratio: 1 }), traffic(noon, { oper_up: 0 })])
    const samples = told(book, noon + hour + graceMs)
    expect(samples.map(({ measurement }) => measurement)).toEqual(['icmp_5min', 'icmp_hour'])
    expect(samples[0]?.fields).toEqual({ loss_ratio: 1, samples: 1, answered: 0 })
  })

  it('tell 5 minutes again when a sample for them comes before the hour is closed', () => {
    const book = createRollupBook({ startedAt: noon, graceMs })
    book.accept([traffic(noon, { in_bps: 10 })])
    told(book, noon + 10 * minute)
    book.accept([traffic(noon + minute, { in_bps: 20 })])
    expect(told(book, noon + 10 * minute)[0]).toMatchObject({ at: noon, fields: { in_bps: 15, samples: 2 } })
  })

  it('leave the hour of the start to the store, and tell what began after it', () => {
    const book = createRollupBook({ startedAt: noon + 7 * minute, graceMs })
    book.accept(Array.from({ length: 53 }, (_, i) => traffic(noon + (7 + i) * minute, { in_bps: i })))
    const starts = told(book, noon + hour + graceMs).map(({ measurement, at }) => [measurement, at])
    expect(starts.filter(([name]) => name === 'interface_5min')[0]).toEqual([
      'interface_5min',
      noon + 10 * minute,
    ])
    expect(starts.filter(([name]) => name === 'interface_15min')[0]).toEqual([
      'interface_15min',
      noon + 15 * minute,
    ])
    expect(starts.some(([name]) => name === 'interface_hour')).toBe(false)
    expect(unfinished(book, noon + hour + graceMs - 1)).toEqual([])
    expect(unfinished(book, noon + hour + graceMs)).toMatchObject([
      { hour: noon, everySeries: true, parts: [] },
      { hour: noon, everySeries: false, parts: [{ tags: { interface: 'Gi0/1' } }] },
    ])
    expect(unfinished(book, noon + hour + graceMs)).toEqual([])
  })

  it('forget a series that was silent for an hour, and tell nothing of it as another one', () => {
    const book = createRollupBook({ startedAt: noon, graceMs })
    book.accept([traffic(noon, { in_bps: 1, speed_bps: 1_000 }, 'a'), ping(noon, { loss_ratio: 0 })])
    expect(book.size()).toEqual({ series: 2, samples: 2 })
    told(book, noon + hour + graceMs)
    expect(book.size()).toEqual({ series: 0, samples: 0 })
    expect(book.state().hours).toBe(0)
    book.accept([traffic(noon + 61 * minute, { in_bps: 5e10 }, 'b')])
    book.accept([traffic(noon + 62 * minute, { in_bps: 2 }, 'a')])
    const hours = told(book, noon + 2 * hour + graceMs).filter((one) => one.measurement === 'interface_hour')
    expect(hours.map(({ tags, fields }) => [tags.interface, fields.in_bps_max, fields.speed_bps])).toEqual([
      ['b', 5e10, undefined],
      ['a', 2, undefined],
    ])
  })

  it('go on when the clock is set back', () => {
    const book = createRollupBook({ startedAt: noon, graceMs })
    book.accept([traffic(noon + 24 * hour, { in_bps: 1 })])
    told(book, noon + 25 * hour)
    book.accept([traffic(noon + minute, { in_bps: 5 })])
    told(book, noon + hour + graceMs)
    expect(unfinished(book, noon + hour + graceMs)).toMatchObject([{ hour: noon, everySeries: false }])
  })

  it('never make anybody wait for more than some series', () => {
    const book = createRollupBook({ startedAt: noon + minute, graceMs })
    const ports = Array.from({ length: 1_234 }, (_, i) => `Gi0/${i}`)
    for (let i = 1; i < 60; i += 7)
      book.accept(ports.map((port) => traffic(noon + i * minute, { in_bps: i }, port)))
    const end = noon + hour + graceMs
    const seriesIn = (batch: readonly { readonly tags: Sample['tags'] }[]) =>
      new Set(batch.map(({ tags }) => tags.interface)).size
    const ended = [...book.due(end)].map(seriesIn)
    expect(Math.max(...ended)).toBe(50)
    const parts = [...book.takeUnfinished(end)].map((found) => found.flatMap((one) => one.parts))
    expect(Math.max(...parts.map(seriesIn))).toBe(500)
    expect(parts.flat()).toHaveLength(ports.length)
    expect(book.earliest()).toBeUndefined()
  })

  it('keep what comes between two parts of what is unfinished', () => {
    const book = createRollupBook({ startedAt: noon + minute, graceMs })
    const ports = Array.from({ length: 1_001 }, (_, i) => `Gi0/${i}`)
    book.accept(ports.map((port) => traffic(noon + 30 * minute, { in_bps: 1 }, port)))
    const end = noon + hour + graceMs
    told(book, end)
    const found: number[] = []
    for (const part of book.takeUnfinished(end)) {
      if (found.length === 1)
        book.accept([traffic(noon + 40 * minute, { in_bps: 2 }), traffic(end, { in_bps: 3 })])
      found.push(part.flatMap(({ parts }) => parts).length)
    }
    expect(found).toEqual([0, 500, 500, 1])
    expect(book.earliest()).toBe(noon)
    expect(unfinished(book, end)).toMatchObject([{ hour: noon, parts: [{ tags: { interface: 'Gi0/1' } }] }])
    expect(book.earliest()).toBe(noon + hour)
  })
})

/** Some hours of polls: when they were, whether they came late, what they said. */
const polls = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 4 * hour - 1 }),
    lateMs: fc.oneof(
      { weight: 8, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * hour }) },
    ),
    port: fc.constantFrom('Gi0/1', 'Gi0/2'),
    in: fc.option(fc.integer({ min: 0, max: 400_000_000_000 }), { nil: undefined }),
    out: fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }),
    rtt: fc.option(fc.integer({ min: 0, max: 900_000 }), { nil: undefined }),
  }),
  { maxLength: 300 },
)

describe('roll-ups of any stream', () => {
  it('are what an exact computation gives, with gaps, late samples and restarts', () => {
    fc.assert(
      fc.property(
        polls,
        fc.array(fc.integer({ min: 0, max: 5 * hour }), { maxLength: 3 }),
        (stream, restarts) => {
          const samples = stream
            .toSorted((a, b) => a.at + a.lateMs - (b.at + b.lateMs))
            .flatMap(({ at, lateMs, port, in: received, out, rtt }) => [
              {
                arrives: noon + at + lateMs,
                sample: traffic(
                  noon + at,
                  {
                    ...(received === undefined ? {} : { in_bps: received }),
                    ...(out === undefined ? {} : { out_bps: out }),
                  },
                  port,
                ),
              },
              {
                arrives: noon + at + lateMs,
                sample: ping(noon + at, {
                  loss_ratio: rtt === undefined ? 1 : 0,
                  ...(rtt === undefined ? {} : { rtt_avg_ms: rtt / 1_000 }),
                }),
              },
            ])
          const { rows } = runThrough(
            samples,
            restarts.map((at) => noon + at),
          )
          expectExact(merged(samples.map(({ sample }) => sample)), rows)
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** Lets a book run over the samples minute by minute, with a store beside it; at a restart memory is lost. */
function runThrough(
  samples: readonly { readonly arrives: number; readonly sample: Sample }[],
  restarts: readonly number[],
) {
  const store = createMemoryStore()
  let book = createRollupBook({ startedAt: noon, graceMs })
  const waiting = samples.toSorted((a, b) => a.arrives - b.arrives)
  for (let now = noon; now <= noon + 8 * hour; now += minute) {
    if (restarts.some((at) => at > now - minute && at <= now)) {
      // The hours that a mark would name: every one that may not be settled.
      for (let earlier = noon; earlier < now - (now % hour); earlier += hour) settle(earlier, [])
      book = createRollupBook({ startedAt: now, graceMs })
    }
    while ((waiting[0]?.arrives ?? Number.POSITIVE_INFINITY) <= now) {
      const sample = waiting.shift()?.sample
      if (sample === undefined) break
      store.offer([sample])
      book.accept([sample])
    }
    for (const batch of book.due(now)) store.offer(batch)
    for (const { hour: at, parts } of unfinished(book, now)) settle(at, parts)
  }

  function settle(at: number, parts: Parameters<typeof settleHour>[3]) {
    for (const plan of rollupPlans) {
      const { raw } = plan
      const fields = fieldsOfPlan(plan).filter((field) => isFieldOf(raw, field))
      const range = { from: at, to: at + hour, limit: 1e6 }
      const stored = store.columnsNow({ measurement: raw, fields, tags: {}, ...range })
      const own = parts.filter((part) => part.plan === plan)
      for (const told of settleHour(plan, at, stored, own)) store.offer(told)
    }
  }
  return store
}

function expectExact(samples: readonly Sample[], rows: (name: Measurement) => readonly Sample[]) {
  const series = [
    { raw: 'interface', tag: 'interface', values: ['Gi0/1', 'Gi0/2'], fields: ['in_bps', 'out_bps'] },
    { raw: 'icmp', tag: 'vantage', values: ['nms'], fields: ['rtt_avg_ms', 'loss_ratio'] },
  ] as const
  for (const { raw, tag, values, fields } of series)
    for (const value of values) {
      const own = samples.filter(
        ({ measurement, tags, fields: f }) =>
          measurement === raw && tags[tag] === value && fields.some((field) => f[field] !== undefined),
      )
      const rowsOf = (name: Measurement) =>
        new Map(
          rows(name)
            .filter(({ tags }) => tags[tag] === value)
            .map((row) => [row.at, row.fields]),
        )
      const close = (exact: number | undefined) =>
        exact === undefined ? undefined : raw === 'interface' ? Math.round(exact) : expect.closeTo(exact, 6)

      const hours = rowsOf(`${raw}_hour`)
      const spans = spansOf(own, hour)
      expect([...hours.keys()].sort()).toEqual([...spans.keys()].sort())
      for (const [at, found] of spans)
        for (const field of fields) {
          const exact = exactFigures(found, field)
          for (const figure of ['count', 'mean', 'p50', 'p95', 'max'] as const)
            expect(hours.get(at)?.[`${field}_${figure}`], `${at} ${field} ${figure}`).toEqual(
              close(exact?.[figure]),
            )
        }
      const widths = raw === 'interface' ? ([5, 15] as const) : ([5] as const)
      for (const width of widths) {
        const means = rowsOf(raw === 'interface' ? `interface_${width}min` : 'icmp_5min')
        const bins = spansOf(own, width * minute)
        expect([...means.keys()].sort()).toEqual([...bins.keys()].sort())
        for (const [at, found] of bins)
          for (const field of fields)
            expect(means.get(at)?.[field], `${at} ${field}`).toEqual(close(exactFigures(found, field)?.mean))
      }
    }
}
