import type { FieldValue, Sample } from '../model/sample.ts'
import { ByteWriter } from './byte-writer.ts'
import type { EncodedLines } from './encoded-lines.ts'
import { dailyMeasurements, type FieldKind, fieldsOf, measurementNames } from './measurement-fields.ts'
import { isStorableTime, type RefusalReason, refusalOf } from './refusal.ts'
import { RefusedTags, tagSetOf } from './tag-set.ts'
import { TagSetCache } from './tag-set-cache.ts'
import { escaped, TagSetTexts, tagSetText } from './tag-set-texts.ts'
import { fieldText } from './tag-text.ts'

const comma = 44
const letterI = 105
const quote = 34
const space = 32

/** Longest number and what stands around it: 20 digits of 64 bits, or a float of 24 characters. */
const mostNumber = 32

/** A field with its name as it stands in a line. */
interface PlannedField {
  readonly name: string
  readonly kind: FieldKind
  readonly label: Uint8Array
}

interface Plan {
  readonly fields: readonly PlannedField[]
  readonly names: ReadonlySet<string>
  /** The measurement, as a line begins. */
  readonly beginning: Uint8Array
  /** A hundred thousand series that have a row a day are not worth the room to be remembered. */
  readonly remembersTags: boolean
  /** Longest line without its tags and its texts. */
  readonly mostBytes: number
}

/**
 * Samples to InfluxDB line protocol (docs.influxdata.com, "Line protocol reference", v1.8), written into one buffer. Only
 * what the table of measurements knows is written, and nothing in a value can begin a second line. A field that cannot be
 * written is left out and its reason told to `onRefused`, once a value. Integers are exact over the whole signed 64 bits;
 * rates and times are kept to a thousandth (see FieldKind).
 */
export class LineEncoder {
  readonly #onRefused: (reason: RefusalReason) => void
  readonly #tagTexts = new TagSetTexts()
  readonly #tagStarts = new TagSetCache(
    (tags) => this.#tagTexts.add(tags),
    () => this.#tagTexts.clear(),
  )
  readonly #plans: ReadonlyMap<string, Plan> = new Map(measurementNames.map((name) => [name, planOf(name)]))
  readonly #out = new ByteWriter(65_536)
  #rows = 0
  /** Samples of one poll share their time. */
  #time = Number.NaN
  #timeText: Uint8Array = new Uint8Array()

  constructor(onRefused: (reason: RefusalReason) => void) {
    this.#onRefused = onRefused
  }

  /** Of what was appended since the last `take`. */
  get rows(): number {
    return this.#rows
  }

  get bytes(): number {
    return this.#out.length
  }

  /** False when nothing of the sample could be kept. */
  append(sample: Sample): boolean {
    const plan = this.#plans.get(sample.measurement)
    if (plan === undefined) return this.#refuse('unknown-measurement')
    const tags = plan.remembersTags ? this.#tagStarts.of(sample) : tagSetOf(sample)
    if (tags instanceof RefusedTags) return this.#refuse(tags.reason)
    if (!isStorableTime(sample.at)) return this.#refuse('bad-time')
    const out = this.#out
    const start = out.length
    out.reserve(plan.mostBytes)
    out.bytes(plan.beginning)
    if (typeof tags === 'number') {
      const end = this.#tagTexts.endOf(tags)
      out.reserve(end - tags + plan.mostBytes)
      out.bytes(this.#tagTexts.bytes, tags, end)
    } else {
      out.text(tagSetText(tags))
      out.reserve(plan.mostBytes)
    }
    if (this.#appendFields(sample.fields, plan) === 0) {
      out.cutTo(start)
      return this.#refuse('no-fields')
    }
    if (sample.at !== this.#time) this.#remember(sample.at)
    out.bytes(this.#timeText)
    this.#rows++
    return true
  }

  /** The lines appended since the last call. */
  take(): EncodedLines {
    const rows = this.#rows
    this.#rows = 0
    return { bytes: this.#out.take(), rows }
  }

  #appendFields(values: Sample['fields'], plan: Plan): number {
    const { fields, names } = plan
    const out = this.#out
    let seen = 0
    let kept = 0
    for (const { name, kind, label } of fields) {
      const value = values[name]
      if (value === undefined) continue
      seen++
      const start = out.length
      out.byte(kept === 0 ? space : comma)
      out.bytes(label)
      if (!this.#appendValue(kind, value)) out.cutTo(start)
      else kept++
      // A text has made room for itself only.
      if (kind === 'string') out.reserve(plan.mostBytes)
    }
    let given = 0
    for (const _ in values) given++
    if (given > seen)
      for (const name in values)
        if (!names.has(name) && values[name] !== undefined) this.#refuse('unknown-field')
    return kept
  }

  #appendValue(kind: FieldKind, value: FieldValue): boolean {
    const reason = refusalOf(kind, value)
    if (reason !== undefined) return this.#refuse(reason)
    const out = this.#out
    if (typeof value === 'string') {
      out.byte(quote)
      out.text(fieldText(value).replace(/["\\]/g, '\\$&'))
      out.reserve(1)
      out.byte(quote)
    } else if (kind === 'integer') {
      if (typeof value === 'number' && Number.isSafeInteger(value)) out.integer(value)
      // Above 2^53 a number prints rounded or with an exponent; as a bigint it prints what it is.
      else out.text(String(typeof value === 'number' ? BigInt(value) : value))
      out.byte(letterI)
    } else this.#appendFloat(kind, Number(value))
    return true
  }

  #appendFloat(kind: FieldKind, value: number): void {
    const out = this.#out
    const scaled = kind === 'thousandths' ? Math.round(value * 1_000) : Number.NaN
    if (Number.isSafeInteger(scaled)) out.thousandths(scaled)
    else if (Number.isSafeInteger(value)) out.integer(value)
    else out.text(String(value))
  }

  #remember(time: number): void {
    this.#time = time
    this.#timeText = Buffer.from(` ${time}\n`)
  }

  #refuse(reason: RefusalReason): false {
    this.#onRefused(reason)
    return false
  }
}

function planOf(measurement: (typeof measurementNames)[number]): Plan {
  const beginning = Buffer.from(escaped(measurement))
  const fields = [...fieldsOf(measurement)].map(([name, kind]) => ({
    name,
    kind,
    label: Buffer.from(`${escaped(name)}=`),
  }))
  return {
    fields,
    names: new Set(fields.map(({ name }) => name)),
    beginning,
    remembersTags: !dailyMeasurements.has(measurement),
    mostBytes: fields.reduce(
      (sum, { label }) => sum + label.length + mostNumber,
      beginning.length + mostNumber,
    ),
  }
}
