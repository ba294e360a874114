import type { FieldValue, Sample } from '../model/sample.ts'
import { allFields, type FieldKind } from './measurement-fields.ts'
import { isStorableTime, type RefusalReason, refusalOf } from './refusal.ts'
import { RefusedSeries, SeriesCache, type SeriesIdentity } from './series-cache.ts'
import { fieldText } from './tag-text.ts'

interface EncodedBatch {
  /** One a sample kept, without the line feed, time in milliseconds. */
  readonly lines: readonly string[]
  /** Samples of which nothing was left to write. */
  readonly refused: number
}

export type LineEncoder = (batch: readonly Sample[]) => EncodedBatch

/**
 * Samples to InfluxDB line protocol (docs.influxdata.com, "Line protocol reference", v1.8). Only what the table of
 * measurements knows is written, and nothing in a value can begin a second line. A field that cannot be written is left
 * out and its reason told to `onRefused`, once a value; integers are exact over the whole signed 64 bits.
 */
export function createLineEncoder(onRefused: (reason: RefusalReason) => void): LineEncoder {
  const prefixes = new SeriesCache(prefixOf)
  const kinds = allFields()

  const refuse = (reason: RefusalReason): undefined => {
    onRefused(reason)
  }

  const lineOf = (sample: Sample): string | undefined => {
    const prefix = prefixes.of(sample)
    if (prefix instanceof RefusedSeries) return refuse(prefix.reason)
    if (!isStorableTime(sample.at)) return refuse('bad-time')
    const known = kinds.get(sample.measurement)
    let fields = ''
    for (const field in sample.fields) {
      const value = sample.fields[field]
      if (value === undefined) continue
      const text = fieldValue(known?.get(field), value)
      if (text !== undefined) fields += `${fields === '' ? '' : ','}${field}=${text}`
    }
    return fields === '' ? refuse('no-fields') : `${prefix} ${fields} ${sample.at}`
  }

  const fieldValue = (kind: FieldKind | undefined, value: FieldValue): string | undefined => {
    if (kind === undefined) return refuse('unknown-field')
    const reason = refusalOf(kind, value)
    return reason === undefined ? valueText(kind, value) : refuse(reason)
  }

  return (batch) => {
    const lines: string[] = []
    for (const sample of batch) {
      const line = lineOf(sample)
      if (line !== undefined) lines.push(line)
    }
    return { lines, refused: batch.length - lines.length }
  }
}

const prefixOf = ({ measurement, tags }: SeriesIdentity): string =>
  [escaped(measurement), ...tags.map(([name, value]) => `${escaped(name)}=${escaped(value)}`)].join(',')

/** Backslashes are literal in names and tags unless one of these follows; `tagText` has removed a trailing one. */
const escaped = (text: string): string => text.replace(/[,= ]/g, '\\$&')

function valueText(kind: FieldKind, value: FieldValue): string {
  if (typeof value === 'string') return `"${fieldText(value).replace(/["\\]/g, '\\$&')}"`
  if (kind === 'float') return String(value)
  // Above 2^53 a number prints rounded or with an exponent; as a bigint it prints what it is.
  return `${typeof value === 'number' && !Number.isSafeInteger(value) ? BigInt(value) : value}i`
}
