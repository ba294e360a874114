import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../../src/model/measurements.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import { LineDecoder } from '../../../src/store/embedded/line-decoder.ts'
import { keyFactor } from '../../../src/store/embedded/sample-tables.ts'
import type { StoredValue } from '../../../src/store/embedded/worker-messages.ts'
import { LineEncoder } from '../../../src/store/line-encoder.ts'
import { fieldsOf } from '../../../src/store/measurement-fields.ts'
import { fieldText, tagText } from '../../../src/store/tag-text.ts'

const at = 1_772_352_000_000
const day = Math.floor(at / 86_400_000)

function decoded(lines: Buffer, keepFromDay = 0) {
  const series: string[] = []
  const rows: { measurement: Measurement; tags: string; at: number; fields: Record<string, StoredValue> }[] =
    []
  const decoder = new LineDecoder({
    seriesId: (measurement, tags) => series.push(`${measurement} ${tags}`) - 1,
    insert: (measurement, of, [key, ...values]) => {
      const fields = [...fieldsOf(measurement).keys()].map((name, i) => [name, values[i] ?? null] as const)
      rows.push({
        measurement,
        tags: series[Math.floor(Number(key) / keyFactor)] ?? '',
        at: of * 86_400_000 + (Number(key) % keyFactor),
        fields: Object.fromEntries(fields.filter(([, value]) => value !== null)),
      })
    },
  })
  return { rows, count: decoder.decode(lines, keepFromDay), series }
}

const encoded = (...samples: Sample[]): Buffer => {
  const encoder = new LineEncoder(() => {})
  for (const sample of samples) encoder.append(sample)
  return encoder.take().bytes
}

const traffic = (fields: Record<string, number | bigint>) =>
  sampleOf('interface', { element: 'agg1', interface: 'Gi0/1' }, fields, at)
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(',', '=', ' ', '\\', '\n', '"', 'a', '核', '\ud800'), maxLength: 10 }),
)

describe('the line decoder', () => {
  it('gives rows in the order of the table, rates and times as whole thousandths', () => {
    const { rows, count } = decoded(
      encoded(traffic({ out_bps: 7, in_pps: 1.5, out_pps: -0.25, in_bps: 10n })),
    )
    expect(rows).toEqual([
      {
        measurement: 'interface',
        tags: 'interface {"element":"agg1","interface":"Gi0/1"}',
        at,
        fields: { in_bps: 10, out_bps: 7, in_pps: 1_500, out_pps: -250 },
      },
    ])
    expect(count).toEqual({ kept: 1, tooOld: 0, malformed: 0 })
  })

  it('gives back what the encoder was given, whatever the text holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ tag: hostile, text: hostile, active: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) })),
        (alarms) => {
          const kept = alarms.filter(({ tag }) => tagText(tag) !== '')
          const lines = encoded(
            ...alarms.map(({ tag, text, active }) =>
              sampleOf(
                'alarm',
                { element: 'e', interface: '-', type: tag, severity: 's' },
                { text, active },
                at,
              ),
            ),
          )
          const { rows, count } = decoded(lines)
          expect(count).toEqual({ kept: kept.length, tooOld: 0, malformed: 0 })
          expect(
            rows.map(({ tags, fields }) => ({
              tags,
              text: fields.text,
              active: BigInt(fields.active ?? 0),
            })),
          ).toEqual(
            kept.map(({ tag, text, active }) => ({
              tags: `alarm {"element":"e","interface":"-","severity":"s","type":${JSON.stringify(tagText(tag))}}`,
              text: fieldText(text),
              active,
            })),
          )
        },
      ),
    )
  })

  it('keeps every number as the encoder wrote it', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (rate, count, ratio) => {
          const [row] = decoded(encoded(traffic({ in_pps: rate, in_bps: count }))).rows
          const scaled = Math.abs(rate) < 2 ** 53 / 1_000 ? Math.round(rate * 1_000) : rate * 1_000
          expect(Number(row?.fields.in_pps)).toBeCloseTo(scaled === 0 ? 0 : scaled, 0)
          expect(Number(row?.fields.in_bps) + 0).toBe(count + 0)
          const [other] = decoded(
            encoded(sampleOf('element', { element: 'e' }, { cpu_ratio: ratio }, at)),
          ).rows
          expect(Number(other?.fields.cpu_ratio) + 0).toBe(ratio + 0)
        },
      ),
      // A whole number of units whose thousandths are beyond 2^53.
      { examples: [[1_791_234_567_890_123, 0, 0]] },
    )
  })

  it('asks once for the id of a series, also over several batches', () => {
    const lines = encoded(traffic({ in_bps: 1 }), traffic({ in_bps: 2 }))
    expect(decoded(Buffer.concat([lines, lines])).series).toHaveLength(1)
  })

  it('leaves out a field of another version, and takes the rest', () => {
    const line = `interface,element=e,interface=i new="a, b",in_bps=1i,other=5i,more=t,last=0.5,out_bps=2i ${at}\n`
    expect(decoded(Buffer.from(line)).rows[0]?.fields).toEqual({ in_bps: 1, out_bps: 2 })
  })

  it('counts days that are not kept any more', () => {
    const lines = Buffer.concat([encoded(traffic({ in_bps: 1 })), encoded(traffic({ in_bps: 2 }))])
    expect(decoded(lines, day + 1).count).toEqual({ kept: 0, tooOld: 2, malformed: 0 })
    expect(decoded(lines, day).count.kept).toBe(2)
  })

  it.each([
    'nonsense',
    'unknown,element=e v=1 1',
    'interface in_bps=1i 1',
    'interface,element=e,interface=i',
    'interface,element=e,interface=i in_bps=1i',
    'interface,element=e,interface=i in_bps=1i x',
    'interface,element=e,interface=i in_bps=1.5 1',
    'interface,element=e,interface=i in_bps= 1',
    'interface,element,interface=i in_bps=1i 1',
    'alarm,element=e,severity=s,type=t text="open 1',
  ])('passes over %j and takes the next line', (bad) => {
    const lines = Buffer.concat([Buffer.from(`${bad}\n`), encoded(traffic({ in_bps: 1 }))])
    expect(decoded(lines).count).toEqual({ kept: 1, tooOld: 0, malformed: 1 })
  })

  it('never throws and always ends, whatever the bytes', () => {
    const lines = encoded(traffic({ in_bps: 123_456, in_pps: 1.5 }), traffic({ out_bps: 1 }))
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.uint8Array({ maxLength: 20 }), (from, bytes) => {
        const changed = Buffer.from(lines)
        changed.set(bytes.subarray(0, lines.length - from), from)
        const { count } = decoded(changed)
        expect(count.kept + count.malformed).toBeGreaterThan(0)
      }),
    )
  })
})
