import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import { LineEncoder } from '../../../src/store/line-encoder.ts'
import type { RefusalReason } from '../../../src/store/refusal.ts'
import { fieldText, tagText } from '../../../src/store/tag-text.ts'
import { parseLines } from '../../support/parse-line-protocol.ts'

const at = 1_772_352_000_000

function encoded(...samples: Sample[]) {
  const refusals: RefusalReason[] = []
  const encoder = new LineEncoder((reason) => refusals.push(reason))
  const refused = samples.filter((sample) => !encoder.append(sample)).length
  const { bytes, rows } = encoder.take()
  expect(rows).toBe(samples.length - refused)
  // Every line is ended; the tests compare what is in between.
  expect(bytes.length === 0 || bytes.at(-1) === 10).toBe(true)
  return { text: bytes.toString().slice(0, -1), refused, refusals }
}

const traffic = (
  fields: Record<string, number | bigint | string>,
  tags = { element: 'agg1', interface: 'Gi0/1' },
) => sampleOf('interface', tags, fields, at)

describe('the line encoder', () => {
  it('writes integers with an i, floats without, and the time in milliseconds', () => {
    expect(encoded(traffic({ in_bps: 5, out_bps: 2n ** 63n - 1n, in_pps: 0.1 })).text).toBe(
      `interface,element=agg1,interface=Gi0/1 in_bps=5i,out_bps=9223372036854775807i,in_pps=0.1 ${at}`,
    )
  })

  it('writes a number above 2^53 as the integer that it is', () => {
    expect(encoded(traffic({ in_bps: 1e18, in_pps: 1e21 })).text).toContain(
      'in_bps=1000000000000000000i,in_pps=1e+21',
    )
  })

  it('escapes commas, equals signs and spaces in tags, quotes and backslashes in text', () => {
    expect(encoded(traffic({ in_bps: 1 }, { element: 'a b', interface: 'x,y=z\\' })).text).toBe(
      `interface,element=a\\ b,interface=x\\,y\\=z in_bps=1i ${at}`,
    )
    const tags = { element: 'e', interface: '-', type: 't', severity: 's' }
    expect(encoded(sampleOf('alarm', tags, { text: 'a "b" c\\' }, at)).text).toContain(
      String.raw`text="a \"b\" c\\"`,
    )
  })

  it.each<[RefusalReason, Sample]>([
    ['not-finite', traffic({ in_pps: Number.NaN })],
    ['not-finite', traffic({ in_bps: Number.NEGATIVE_INFINITY })],
    ['not-an-integer', traffic({ in_bps: 0.5 })],
    ['out-of-range', traffic({ in_bps: 2n ** 63n })],
    ['out-of-range', traffic({ in_bps: -(2n ** 63n) - 1n })],
    ['out-of-range', traffic({ in_bps: 2 ** 63 })],
    ['wrong-type', traffic({ in_bps: '1' })],
    ['wrong-type', traffic({ in_pps: 1n })],
    [
      'wrong-type',
      sampleOf('alarm', { element: 'e', interface: '-', type: 't', severity: 's' }, { text: 1 }, at),
    ],
    ['unknown-field', traffic({ 'x=1 1\nevil': 1 })],
  ])('leaves out a field that is %s, and refuses a sample without any left', (reason, sample) => {
    expect(encoded(sample)).toEqual({ text: '', refused: 1, refusals: [reason, 'no-fields'] })
    const withMore = encoded({ ...sample, fields: { ...sample.fields, ...goodField(sample) } })
    expect(withMore).toMatchObject({ refused: 0, refusals: [reason] })
  })

  it.each<[RefusalReason, Sample]>([
    ['empty-tag', traffic({ in_bps: 1 }, { element: '', interface: 'Gi0/1' })],
    ['empty-tag', traffic({ in_bps: 1 }, { element: ' \n\\', interface: 'Gi0/1' })],
    ['long-tag', traffic({ in_bps: 1 }, { element: 'a'.repeat(4_097), interface: 'Gi0/1' })],
    ['missing-tag', { ...traffic({ in_bps: 1 }), tags: { element: 'agg1' } }],
    ['unknown-tag', { ...traffic({ in_bps: 1 }), tags: { element: 'a', interface: 'b', customer: 'c' } }],
    ['unknown-measurement', { ...traffic({ in_bps: 1 }), measurement: 'm v=1 1\nx' as 'interface' }],
    ['bad-time', { ...traffic({ in_bps: 1 }), at: 1.5 }],
    ['bad-time', { ...traffic({ in_bps: 1 }), at: -1 }],
    ['bad-time', { ...traffic({ in_bps: 1 }), at: Number.NaN }],
    ['bad-time', { ...traffic({ in_bps: 1 }), at: 9_223_372_036_855 }],
    ['no-fields', traffic({})],
  ])('refuses a sample for %s, and says so once', (reason, sample) => {
    expect(encoded(sample, traffic({ in_bps: 1 }))).toMatchObject({ refused: 1, refusals: [reason] })
  })

  it('cuts long text and never a tag', () => {
    const tags = { element: 'e', interface: '-', type: 't', severity: 's' }
    expect(encoded(sampleOf('alarm', tags, { text: 'a'.repeat(5_000) }, at)).text).toContain(
      `"${'a'.repeat(4_096)}"`,
    )
  })

  it('tells series apart whose tags would run together', () => {
    const { text } = encoded(
      traffic({ in_bps: 1 }, { element: 'a|1:b', interface: 'c' }),
      traffic({ in_bps: 1 }, { element: 'a', interface: '1:b|c' }),
    )
    expect(new Set(parseLines(text).map(({ tags }) => JSON.stringify(tags)))).toHaveLength(2)
  })

  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({
      unit: fc.constantFrom(',', '=', ' ', '\\', '\n', '\r', '"', 'a', '\u0000', '\ud800'),
      maxLength: 12,
    }),
  )

  it('is read back by another parser as what went in, line by line, whatever the text holds', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            tags: fc.record({ element: hostile, interface: hostile, type: hostile, severity: hostile }),
            text: hostile,
            active: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
          }),
          { maxLength: 8 },
        ),
        (alarms) => {
          const samples = alarms.map(({ tags, text, active }) =>
            sampleOf('alarm', tags, { text, active }, at),
          )
          const kept = alarms.filter(({ tags }) =>
            Object.values(tags).every((value) => tagText(value) !== ''),
          )
          const { text, refused } = encoded(...samples)
          expect(refused).toBe(alarms.length - kept.length)
          expect(parseLines(text)).toEqual(
            kept.map((alarm) => ({
              measurement: 'alarm',
              tags: Object.fromEntries(
                Object.entries(alarm.tags).map(([name, value]) => [name, tagText(value)]),
              ),
              fields: { text: fieldText(alarm.text), active: alarm.active },
              at: BigInt(at),
            })),
          )
        },
      ),
    )
  })

  it('keeps every finite float exactly', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const [line] = parseLines(
          encoded(sampleOf('element', { element: 'e' }, { cpu_ratio: value }, at)).text,
        )
        expect(line?.fields.cpu_ratio).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  it('keeps rates and times to a thousandth, as short as can be', () => {
    const { text } = encoded(traffic({ in_pps: 1234.56789, out_pps: 0.1, in_errors_per_s: 2.0004 }))
    expect(text).toContain('in_errors_per_s=2,in_pps=1234.568,out_pps=0.1 ')
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const [line] = parseLines(encoded(traffic({ in_pps: value })).text)
        const kept = Math.abs(value) < 2 ** 53 / 1_000 ? Math.round(value * 1_000) / 1_000 : value
        expect(line?.fields.in_pps).toBe(kept === 0 ? 0 : kept)
      }),
    )
  })

  it('prints every integer as JavaScript does', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(encoded(traffic({ in_bps: value })).text).toContain(`in_bps=${value}i `)
      }),
    )
    for (const value of [0, 9, 10, 999_999_999, 1e9, 1e9 + 1, 2 ** 53 - 1, -(2 ** 53 - 1), -1e9])
      expect(encoded(traffic({ in_bps: value })).text).toContain(`in_bps=${value}i `)
  })

  it('gives what came since it was last asked, however much', () => {
    const encoder = new LineEncoder(() => {})
    const tags = { element: 'e', interface: '-', type: 't', severity: 's' }
    const long = sampleOf('alarm', tags, { id: '"'.repeat(4_096), text: '核'.repeat(4_096), active: 1 }, at)
    for (let i = 0; i < 20; i++) encoder.append(long)
    const first = encoder.take()
    encoder.append(traffic({ in_bps: 1 }))
    expect(first.rows).toBe(20)
    expect(parseLines(first.bytes.toString().slice(0, -1))).toHaveLength(20)
    expect(encoder.take().bytes.toString()).toBe(`interface,element=agg1,interface=Gi0/1 in_bps=1i ${at}\n`)
    expect(encoder.take()).toMatchObject({ rows: 0 })
  })
})

const goodField = ({ measurement }: Sample) => (measurement === 'alarm' ? { active: 1 } : { out_bps: 1 })
