import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Columns } from '../../src/model/columns.ts'
import { measurements } from '../../src/model/measurements.ts'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import type { ColumnsQuery, SampleStore, Series, SeriesQuery } from '../../src/store/sample-store.ts'

const quarterPastEight = Date.UTC(2026, 2, 1, 8, 15)
const minute = 60_000

/** What every SampleStore must do, whatever keeps the samples. Each test uses an element of its own. */
export function describeSampleStore(
  name: string,
  open: () => Promise<SampleStore>,
  close: () => Promise<void>,
  possible = true,
) {
  describe.skipIf(!possible)(`${name} sample store`, () => {
    let store: SampleStore
    beforeAll(async () => {
      store = await open()
    })
    afterAll(close)

    const signal = new AbortController().signal
    const write = (...samples: Sample[]) => store.write(samples, signal)
    const traffic = (element: string, at: number, fields: Record<string, number | bigint>, port = 'Gi0/1') =>
      sampleOf('interface', { element, interface: port }, fields, at)
    const ask = (element: string, rest: Partial<SeriesQuery> = {}): Promise<readonly Series[]> =>
      store.query(
        {
          measurement: 'interface',
          field: 'in_bps',
          tags: { element },
          from: quarterPastEight,
          to: quarterPastEight + 60 * minute,
          limit: 1_000,
          ...rest,
        },
        signal,
      )
    const points = async (element: string, rest: Partial<SeriesQuery> = {}) =>
      (await ask(element, rest)).map((series) => series.points)

    it('gives back what was written, by series and in the order of time', async () => {
      const later = quarterPastEight + 5 * minute
      expect(
        await write(
          traffic('plain', later, { in_bps: 2, in_pps: 0.25 }),
          traffic('plain', quarterPastEight, { in_bps: 1, in_pps: 1e21 }),
          traffic('plain', quarterPastEight, { in_bps: 7 }, 'Gi0/2'),
        ),
      ).toEqual({ written: 3, refused: 0 })
      expect(await ask('plain')).toEqual([
        {
          tags: { element: 'plain', interface: 'Gi0/1' },
          points: [
            [quarterPastEight, 1],
            [later, 2],
          ],
        },
        { tags: { element: 'plain', interface: 'Gi0/2' }, points: [[quarterPastEight, 7]] },
      ])
      expect(await points('plain', { field: 'in_pps' })).toEqual([
        [
          [quarterPastEight, 1e21],
          [later, 0.25],
        ],
      ])
      expect(await points('plain', { tags: { element: 'plain', interface: 'Gi0/2' } })).toEqual([
        [[quarterPastEight, 7]],
      ])
    })

    it('takes the range without its end', async () => {
      await write(
        traffic('range', quarterPastEight, { in_bps: 1 }),
        traffic('range', quarterPastEight + 1, { in_bps: 2 }),
      )
      expect(await points('range', { to: quarterPastEight + 1 })).toEqual([[[quarterPastEight, 1]]])
      expect(await points('range', { from: quarterPastEight + 1 })).toEqual([[[quarterPastEight + 1, 2]]])
    })

    it('overwrites on the same series and time, and keeps fields that the new sample lacks', async () => {
      await write(traffic('again', quarterPastEight, { in_bps: 1, out_bps: 5 }))
      for (const _ of ['first', 'retry']) await write(traffic('again', quarterPastEight, { in_bps: 3 }))
      expect(await points('again')).toEqual([[[quarterPastEight, 3]]])
      expect(await points('again', { field: 'out_bps' })).toEqual([[[quarterPastEight, 5]]])
    })

    it('crosses midnight without a seam', async () => {
      const midnight = Date.UTC(2026, 2, 2)
      const times = [midnight - minute, midnight, midnight + minute]
      await write(...times.map((at, i) => traffic('midnight', at, { in_bps: i })))
      const range = { from: midnight - 60 * minute, to: midnight + 60 * minute }
      expect(await points('midnight', range)).toEqual([times.map((at, i) => [at, i])])
      expect(await points('midnight', { ...range, step: 11 * minute, aggregate: 'max' })).toEqual([
        [[Math.floor(midnight / (11 * minute)) * 11 * minute, 2]],
      ])
    })

    it('leaves out buckets without values', async () => {
      await write(
        traffic('gaps', quarterPastEight, { in_bps: 4 }),
        traffic('gaps', quarterPastEight + 2 * minute, { in_bps: 6 }),
        traffic('gaps', quarterPastEight + 20 * minute, { in_bps: 8 }),
      )
      expect(await points('gaps', { step: 5 * minute, aggregate: 'mean' })).toEqual([
        [
          [quarterPastEight, 5],
          [quarterPastEight + 20 * minute, 8],
        ],
      ])
    })

    it.each([1, 2, 9, 10, 11, 19, 20, 21, 29, 30, 31, 100])(
      'agrees on mean, max and p95 of %i values',
      async (count) => {
        const element = `aggregate-${count}`
        const values = Array.from({ length: count }, (_, i) => ((i * 37) % count) + 1)
        await write(
          ...values.map((value, i) => traffic(element, quarterPastEight + i * 100, { in_bps: value })),
        )
        const step = { step: 5 * minute }
        expect(await points(element, { ...step, aggregate: 'mean' })).toEqual([
          [[quarterPastEight, (count + 1) / 2]],
        ])
        expect(await points(element, { ...step, aggregate: 'max' })).toEqual([[[quarterPastEight, count]]])
        // Values are 1..n in some order, so the value is the rank.
        const rank = Math.max(1, Math.floor((count * 95) / 100 + 0.5))
        expect(await points(element, { ...step, aggregate: 'p95' })).toEqual([[[quarterPastEight, rank]]])
      },
    )

    it.each([
      ['a comma, an equals sign and a space', 'a, b=c d'],
      ['quotes and backslashes', `"a" 'b' \\"c\\" \\, \\\\x`],
      ['an attempt at another statement', "' OR 1=1; DROP DATABASE x; --"],
      ['line protocol of its own', 'x v=1 1\\nevil v=2'],
      ['letters of other scripts', '上海-核心 ß 🚧'],
    ])('keeps a tag with %s as it is', async (_, hostile) => {
      await write(traffic('tags', quarterPastEight, { in_bps: 9 }, hostile))
      const tags = { element: 'tags', interface: hostile }
      expect(await ask('tags', { tags })).toEqual([{ tags, points: [[quarterPastEight, 9]] }])
    })

    it('keeps a tag of 4,096 characters whole, and refuses a longer one', async () => {
      const long = '核'.repeat(4_096)
      expect(await write(traffic('long', quarterPastEight, { in_bps: 9 }, long))).toEqual({
        written: 1,
        refused: 0,
      })
      expect(await ask('long')).toEqual([
        { tags: { element: 'long', interface: long }, points: [[quarterPastEight, 9]] },
      ])
      expect(await write(traffic('long', quarterPastEight, { in_bps: 9 }, `${long}x`))).toMatchObject({
        refused: 1,
      })
    })

    it.each([
      ['a line feed becomes a space', 'up\nlink v=1 1', 'up link v=1 1'],
      ['a trailing backslash goes', 'C:\\', 'C:'],
      ['so does what control characters leave at the ends', '\r\n uplink\u0000\u0085 ', 'uplink'],
      ['half a surrogate pair becomes the replacement character', 'a\ud800b', 'a\ufffdb'],
    ])('in a tag %s, and the old text still finds it', async (_, hostile, kept) => {
      await write(traffic('cleaned', quarterPastEight, { in_bps: 9 }, hostile))
      const asked = { tags: { element: 'cleaned', interface: hostile } }
      expect(await ask('cleaned', asked)).toEqual([
        { tags: { element: 'cleaned', interface: kept }, points: [[quarterPastEight, 9]] },
      ])
    })

    it('refuses a sample that holds nothing storable, and takes the rest of the batch', async () => {
      const result = await write(
        traffic('refused', quarterPastEight, { in_pps: Number.NaN }),
        traffic('refused', quarterPastEight, { in_pps: Number.POSITIVE_INFINITY, in_bps: 1.5 }),
        traffic('refused', quarterPastEight, { in_bps: 2n ** 63n }),
        traffic('refused', Number.NaN, { in_bps: 1 }),
        traffic('', quarterPastEight, { in_bps: 1 }),
        traffic('refused', quarterPastEight + 1, { in_bps: 11, in_pps: Number.NaN }),
      )
      expect(result).toMatchObject({ written: 1, refused: 5, reason: expect.any(String) })
      expect(await points('refused')).toEqual([[[quarterPastEight + 1, 11]]])
      expect(await points('refused', { field: 'in_pps' })).toEqual([])
    })

    it('takes integers over the whole signed 64 bits', async () => {
      const values = [-(2n ** 63n), 2n ** 53n + 1n, 2n ** 63n - 1n, 1e18]
      expect(
        await write(...values.map((value, i) => traffic('wide', quarterPastEight + i, { in_bps: value }))),
      ).toEqual({ written: 4, refused: 0 })
      expect(await points('wide')).toEqual([values.map((value, i) => [quarterPastEight + i, Number(value)])])
    })

    it('keeps text beside numbers', async () => {
      const tags = { element: 'text', interface: '-', type: 'packet-loss', severity: 'major' }
      const text = 'loss of 12 % on "uplink"\\\n, x=1'
      expect(await write(sampleOf('alarm', tags, { id: 'al-1', text, active: 1 }, quarterPastEight))).toEqual(
        { written: 1, refused: 0 },
      )
      const asked = { measurement: 'alarm', tags: { element: 'text' } } as const
      expect(await ask('text', { ...asked, field: 'active' })).toEqual([
        { tags, points: [[quarterPastEight, 1]] },
      ])
      await expect(ask('text', { ...asked, field: 'text' })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      })
    })

    const askColumns = (element: string | readonly string[], rest: Partial<ColumnsQuery> = {}) =>
      store.columns(
        {
          measurement: 'interface',
          fields: ['in_bps', 'in_pps'],
          tags: { element },
          from: quarterPastEight,
          to: quarterPastEight + 60 * minute,
          limit: 1_000,
          ...rest,
        },
        signal,
      )
    /** Rows by series, sorted: time, then the values in the order asked for. */
    const rowsOf = ({ series, at, values }: Columns) =>
      series
        .map(({ tags, start, end }): readonly unknown[] => [
          Object.entries(tags)
            .toSorted()
            .map(([, value]) => value)
            .join(' '),
          ...[...at.subarray(start, end)].map((time, i) => [
            time,
            ...Object.values(values).map((column) => column[start + i]),
          ]),
        ])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))

    it('gives several fields of many series as columns, in one reading', async () => {
      const later = quarterPastEight + 5 * minute
      const missing = Number.NaN
      await write(
        traffic('columns', later, { in_bps: 2 }),
        traffic('columns', quarterPastEight, { in_bps: 1, in_pps: 0.25, out_bps: 9 }),
        traffic('columns', later, { in_pps: -1.5 }, 'Gi0/2'),
        traffic('columns', later, { out_bps: 5 }, 'Gi0/3'),
        traffic('columns', quarterPastEight + 60 * minute, { in_bps: 4 }, 'Gi0/2'),
      )
      const found = await askColumns('columns')
      expect(rowsOf(found)).toEqual([
        ['columns Gi0/1', [quarterPastEight, 1, 0.25], [later, 2, missing]],
        ['columns Gi0/2', [later, missing, -1.5]],
      ])
      expect(Object.keys(found.values)).toEqual(['in_bps', 'in_pps'])
      expect(rowsOf(await askColumns('columns', { fields: ['out_bps'] }))).toEqual([
        ['columns Gi0/1', [quarterPastEight, 9]],
        ['columns Gi0/3', [later, 5]],
      ])
    })

    it('finds any of several values of a tag', async () => {
      const elements = ['any-1', "any-2' OR '1'='1", 'any-3']
      await write(...elements.map((element, i) => traffic(element, quarterPastEight, { in_bps: i })))
      const two = elements.slice(1)
      expect(rowsOf(await askColumns(two)).map(([name]) => name)).toEqual([
        "any-2' OR '1'='1 Gi0/1",
        'any-3 Gi0/1',
      ])
      const byPort = await ask('any-1', { tags: { element: elements, interface: 'Gi0/1' } })
      expect(byPort.map(({ points: [point] }) => point?.[1])).toEqual([0, 1, 2])
      for (const tags of [{ element: [] }, { element: Array.from({ length: 1_001 }, (_, i) => `${i}`) }])
        await expect(askColumns('', { tags })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    })

    it('gives a few rows of each of very many series, whatever they are called', async () => {
      const midnight = Date.UTC(2026, 2, 1)
      const dayMs = 24 * 60 * minute
      const nameOf = (i: number) => `${String(i).padStart(4, '0')} "a", 'b'\\=名😀`
      const days = Array.from({ length: 3 }, (_, day) =>
        Array.from({ length: 7_000 }, (_, i) => ({ at: midnight + day * dayMs, i })).filter(
          // Not every series has every day, and the last ones begin on the last day.
          ({ i }) => (i + day) % 5 > 0 && (i < 6_900 || day === 2),
        ),
      ).flat()
      for (const hundred of Map.groupBy(days, ({ i }) => i % 10).values())
        await write(
          ...hundred.map(({ at, i }) => {
            // The first field is absent now and then, and rows of others only are none.
            const fields = i % 7 === 0 ? {} : { judged: i % 2 }
            const tags = { service: nameOf(i), class: 'many', area: 'urban' }
            const other = i % 11 === 0 ? { rtt_avg_ms: 5 } : { coverage: i / 8_000 }
            return sampleOf('service_peak', tags, { ...fields, ...other }, at)
          }),
        )
      const asked = {
        measurement: 'service_peak',
        fields: ['judged', 'coverage'],
        tags: { class: 'many' },
        from: midnight,
        to: midnight + 3 * dayMs,
        limit: 20_000,
      } as const
      const missing = Number.NaN
      const expected = [...Map.groupBy(days, ({ i }) => i)]
        .filter(([i]) => i % 77 > 0)
        .map(([i, own]) => [
          `urban many ${nameOf(i)}`,
          ...own.map(({ at }) => [at, i % 7 === 0 ? missing : i % 2, i % 11 === 0 ? missing : i / 8_000]),
        ])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
      expect(rowsOf(await store.columns(asked, signal))).toEqual(expected)
      const rows = expected.reduce((sum, [, ...own]) => sum + own.length, 0)
      expect(rows).toBeGreaterThan(15_000)
      expect((await store.columns({ ...asked, limit: rows }, signal)).at).toHaveLength(rows)
      await expect(store.columns({ ...asked, limit: rows - 1 }, signal)).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      })
    })

    it('puts the days of a series together, also of what has one row a day', async () => {
      const midnight = Date.UTC(2026, 2, 1)
      const days = Array.from({ length: 50 }, (_, i) => midnight + (i - 20) * 24 * 60 * minute)
      const peak = (direction: 'in' | 'out', at: number, i: number) =>
        sampleOf(
          'interface_peak_day',
          { element: 'days', interface: 'Gi0/1', direction },
          { peak_mean_bps: i, coverage: Math.abs(i) / 100 },
          at,
        )
      await write(...days.flatMap((at, i) => [peak('out', at, -i), peak('in', at, i)]))
      const asked = {
        measurement: 'interface_peak_day',
        fields: ['coverage', 'peak_mean_bps'],
        from: days[1] ?? 0,
        to: days.at(-1) ?? 0,
      } as const
      const expected = days.slice(1, -1)
      expect(rowsOf(await askColumns('days', asked))).toEqual([
        ['in days Gi0/1', ...expected.map((at, i) => [at, (i + 1) / 100, i + 1])],
        ['out days Gi0/1', ...expected.map((at, i) => [at, (i + 1) / 100, -i - 1])],
      ])
      const { measurement, from, to } = asked
      const tags = { element: 'days', interface: 'Gi0/1', direction: 'in' }
      expect(await points('days', { measurement, field: 'peak_mean_bps', tags, from, to })).toEqual([
        expected.map((at, i) => [at, i + 1]),
      ])
    })

    it('gives many rows whole and in order', async () => {
      const times = Array.from({ length: 11_000 }, (_, i) => quarterPastEight + 317 * i)
      await write(
        ...times.map((at, i) => traffic('many', at, { in_bps: i })),
        ...times.map((at, i) => traffic('many', at, { in_bps: -i, in_pps: i }, 'Gi0/2')),
      )
      expect(rowsOf(await askColumns('many', { limit: 22_000 }))).toEqual([
        ['many Gi0/1', ...times.map((at, i) => [at, i, Number.NaN])],
        ['many Gi0/2', ...times.map((at, i) => [at, 0 - i, i])],
      ])
    })

    it('says so when there are more rows than the limit, and refuses names that the table lacks', async () => {
      await write(
        ...[0, 1, 2].flatMap((i) => [
          traffic('row-limits', quarterPastEight + i, { in_bps: i }),
          traffic('row-limits', quarterPastEight + i, { in_pps: i }, 'Gi0/2'),
        ]),
      )
      const invalid = { code: 'REQUEST_INVALID' }
      expect((await askColumns('row-limits', { limit: 6 })).at).toHaveLength(6)
      await expect(askColumns('row-limits', { limit: 5 })).rejects.toMatchObject(invalid)
      const one = { element: 'row-limits', interface: 'Gi0/1' }
      expect((await askColumns('', { tags: one, limit: 3 })).at).toHaveLength(3)
      await expect(askColumns('', { tags: one, limit: 2 })).rejects.toMatchObject(invalid)
      for (const wrong of [{ fields: [] }, { fields: ['in_bps") FROM "x'] }, { measurement: 'users"; --' }])
        await expect(askColumns('names', wrong as Partial<ColumnsQuery>)).rejects.toMatchObject(invalid)
      expect(rowsOf(await askColumns('nobody'))).toEqual([])
    })

    it('says so when there are more points than the limit, over all series', async () => {
      const samples = ['Gi0/1', 'Gi0/2'].flatMap((port) =>
        [0, 1, 2].map((i) => traffic('limits', quarterPastEight + i * minute, { in_bps: i }, port)),
      )
      await write(...samples)
      const tooMany = { code: 'REQUEST_INVALID' }
      const one = { tags: { element: 'limits', interface: 'Gi0/1' } }
      expect((await points('limits', { limit: 6 })).flat()).toHaveLength(6)
      await expect(ask('limits', { limit: 5 })).rejects.toMatchObject(tooMany)
      expect((await points('limits', { ...one, limit: 3 })).flat()).toHaveLength(3)
      await expect(ask('limits', { ...one, limit: 2 })).rejects.toMatchObject(tooMany)
      const wide = { step: 60 * minute, aggregate: 'max' } as const
      expect((await points('limits', { ...wide, limit: 2 })).flat()).toHaveLength(2)
      await expect(ask('limits', { ...wide, limit: 1 })).rejects.toMatchObject(tooMany)
    })

    it.each([
      ['a measurement', { measurement: 'users"; DROP DATABASE x; --' }],
      ['a field', { field: 'in_bps") FROM "x' }],
      ['an inherited field', { field: 'constructor' }],
      ['a tag', { tags: { "element' OR '1'='1": 'x' } }],
    ])('refuses %s that the table lacks', async (_, wrong) => {
      await expect(ask('names', wrong as Partial<SeriesQuery>)).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      })
    })

    it.each([
      ['an empty range', { to: quarterPastEight }],
      ['a time that is not a number', { from: Number.NaN }],
      ['a step of half a millisecond', { step: 0.5 }],
      ['a limit of none', { limit: 0 }],
      ['an aggregate without a step', { aggregate: 'max' as const }],
    ])('refuses %s', async (_, wrong) => {
      await expect(ask('ranges', wrong)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    })

    it('knows every measurement and field of the table', async () => {
      for (const [measurement, { tags, fields }] of Object.entries(measurements)) {
        const sample = {
          measurement,
          tags: Object.fromEntries(tags.map((tag) => [tag, `every-${tag}`])),
          fields: Object.fromEntries(
            Object.entries(fields).map(([field, { type }]) => [field, type === 'string' ? 'words' : 1]),
          ),
          at: quarterPastEight,
        } as Sample
        expect(await write(sample), measurement).toEqual({ written: 1, refused: 0 })
      }
    })

    it('answers a ping, and an empty batch', async () => {
      await store.ping(signal)
      expect(await write()).toEqual({ written: 0, refused: 0 })
    })

    it('ends early when the signal aborts', async () => {
      await expect(store.ping(AbortSignal.abort())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    })
  })
}
