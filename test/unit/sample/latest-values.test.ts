import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import { createLatestValues } from '../../../src/sample/latest-values.ts'
import { latestSamples } from '../../../src/wiring/latest-samples.ts'

const traffic = (element: string, port: string, fields: Record<string, number | bigint>, at: number) =>
  sampleOf('interface', { element, interface: port }, fields, at)

/** What is held of interfaces, by the names of their tags. */
function held(latest: ReturnType<typeof createLatestValues>, tags: Readonly<Record<string, string>> = {}) {
  const { tags: found, at, values } = latest.rows('interface', ['in_bps', 'out_bps'], tags)
  return Object.fromEntries(
    found.map((own, row) => [
      `${own.element} ${own.interface}`,
      [at[row], values.in_bps[row], values.out_bps[row]],
    ]),
  )
}

describe('the latest values', () => {
  it('are those of the newest sample of each series, whatever comes later', () => {
    const latest = createLatestValues()
    latest.accept([
      traffic('a', 'x', { in_bps: 1, out_bps: 2 }, 10),
      traffic('a', 'y', { in_bps: 3n }, 10),
      traffic('a', 'x', { in_bps: 5 }, 20),
      traffic('a', 'x', { in_bps: 9, out_bps: 9 }, 15),
      traffic('a', 'y', { out_bps: 4 }, 10),
      sampleOf('interface_5min', { element: 'a', interface: 'z' }, { in_bps: 7 }, 30),
      traffic('a', 'never', { in_bps: 1 }, Number.NaN),
    ])
    expect(held(latest)).toEqual({ 'a x': [20, 5, Number.NaN], 'a y': [10, 3, 4] })
    expect(latest.size).toBe(2)
  })

  it('are found by element, by any other tag, and by all of them', () => {
    const latest = createLatestValues()
    for (const element of ['a', 'b'])
      for (const port of ['x', 'y']) latest.accept([traffic(element, port, { in_bps: 1 }, 1)])
    expect(Object.keys(held(latest, { element: 'b' }))).toEqual(['b x', 'b y'])
    expect(Object.keys(held(latest, { interface: 'y' }))).toEqual(['a y', 'b y'])
    expect(Object.keys(held(latest, { element: 'b', interface: 'y' }))).toEqual(['b y'])
    expect(held(latest, { element: 'c' })).toEqual({})
    expect(latest.count('interface', { element: 'b' })).toBe(2)
    const sensor = { element: 'a', sensor: 'Rx', unit: 'dBm' }
    latest.accept([sampleOf('sensor', sensor, { value: -7.5 }, 1)])
    expect(latest.rows('sensor', ['value'], { unit: 'dBm' })).toMatchObject({ tags: [sensor] })
  })

  it('stay as they were when asked', () => {
    const latest = createLatestValues()
    latest.accept([traffic('a', 'x', { in_bps: 1 }, 1)])
    const before = latest.rows('interface', ['in_bps'], {})
    latest.accept([traffic('a', 'x', { in_bps: 2 }, 2), traffic('b', 'x', { in_bps: 3 }, 2)])
    expect([...before.values.in_bps]).toEqual([1])
    expect(before.tags).toHaveLength(1)
  })

  it('refuse more series than asked for', () => {
    const latest = createLatestValues()
    latest.accept(['x', 'y'].map((port) => traffic('a', port, { in_bps: 1 }, 1)))
    const query = { measurement: 'interface', fields: ['in_bps'], tags: {} } as const
    expect(latestSamples(latest, { ...query, limit: 2 }).tags).toHaveLength(2)
    expect(() => latestSamples(latest, { ...query, limit: 1 })).toThrow('there are 2 series; name an element')
  })

  it('hold what a plain map would, through samples in any order and silent series that go', () => {
    const sample = fc.record({
      element: fc.constantFrom('a', 'b', 'c'),
      port: fc.constantFrom('w', 'x', 'y', 'z'),
      at: fc.integer({ min: 1, max: 50 }),
      bps: fc.nat(1_000),
    })
    fc.assert(
      fc.property(
        fc.array(fc.oneof(sample, fc.record({ forget: fc.integer({ min: 1, max: 50 }) })), { maxLength: 80 }),
        (steps) => {
          const latest = createLatestValues()
          const expected = new Map<string, Sample>()
          for (const step of steps) {
            if ('forget' in step) {
              latest.forget(step.forget)
              for (const [key, { at }] of expected) if (at < step.forget) expected.delete(key)
              continue
            }
            const { element, port, at, bps } = step
            const one = traffic(element, port, { in_bps: bps, out_bps: 1 }, at)
            latest.accept([one])
            const key = `${element} ${port}`
            if (at >= (expected.get(key)?.at ?? 0)) expected.set(key, one)
          }
          const plain = [...expected].map(([key, { at, fields }]) => [key, [at, fields.in_bps, 1]])
          expect(held(latest)).toEqual(Object.fromEntries(plain))
          expect(latest.size).toBe(expected.size)
          for (const element of ['a', 'b', 'c'])
            expect(Object.keys(held(latest, { element })).sort()).toEqual(
              [...expected.keys()].filter((key) => key.startsWith(element)).sort(),
            )
        },
      ),
    )
  })

  it('grow with the network', () => {
    const latest = createLatestValues()
    for (let i = 0; i < 3_000; i++) latest.accept([traffic(`e${i % 7}`, `p${i}`, { in_bps: i }, 1)])
    const { values } = latest.rows('interface', ['in_bps'], {})
    expect([...values.in_bps]).toEqual(Array.from({ length: 3_000 }, (_, i) => i))
  })
})
