import type { Measurement } from '../../model/measurements.ts'
import { type FieldKind, fieldsOf, measurementNames } from '../measurement-fields.ts'
import { keyFactor, tableDayOf } from './sample-tables.ts'
import { SeriesIds } from './series-ids.ts'
import { dayMs, type StoredValue } from './worker-messages.ts'

export interface RowSink {
  /**
   * Row id of a series, asked once a series, and of daily ones for each row. `tags` is a JSON object, the same text for
   * the same series.
   */
  seriesId(measurement: Measurement, tags: string): number
  /**
   * `day` is the first UTC day of the table that the row is for; `row` is its key there (`keyFactor`), then each field in the table's order, null where absent; numbers kept to
   * thousandths come as whole thousandths. The array is used again for the next row.
   */
  insert(measurement: Measurement, day: number, row: readonly StoredValue[]): void
}

interface Plan {
  readonly measurement: Measurement
  /** As its lines begin. */
  readonly beginning: string
  readonly labels: readonly string[]
  readonly kinds: readonly FieldKind[]
  readonly row: StoredValue[]
}

const [zero, nine, minus, point, quote, backslash] = [48, 57, 45, 46, 34, 92]
const [comma, space, lineFeed, letterI] = [44, 32, 10, 105]

/**
 * Line protocol of our own encoder to rows. The bytes are looked at as Latin-1 text, in which each byte is a character;
 * UTF-8 is decoded only where people's text is taken out. A field that this version lacks is left out; a line that is
 * not one is skipped and counted.
 */
export class LineDecoder {
  readonly #sink: RowSink
  readonly #plans: ReadonlyMap<string, Plan> = new Map(measurementNames.map((name) => [name, planOf(name)]))
  readonly #ids = new SeriesIds()
  #text = ''
  #at = 0
  /** Of the last line. */
  #plan: Plan | undefined

  constructor(sink: RowSink) {
    this.#sink = sink
  }

  /** The ids of series are no longer true. */
  forget(): void {
    this.#ids.clear()
  }

  /** Hands on every row of `keepFromDay` or later; how many were, and how many lines were not rows. */
  decode(
    lines: Buffer,
    keepFromDay: number,
  ): { readonly kept: number; readonly tooOld: number; readonly malformed: number } {
    this.#text = lines.toString('latin1')
    this.#at = 0
    const count = { kept: 0, tooOld: 0, malformed: 0 }
    while (this.#at < this.#text.length) {
      const start = this.#at
      const plan = this.#readMeasurement()
      const series = plan === undefined ? undefined : this.#readTags(plan)
      const time =
        plan !== undefined && series !== undefined && this.#readFields(plan) ? this.#readTime() : Number.NaN
      if (plan === undefined || series === undefined || Number.isNaN(time)) {
        count.malformed++
        this.#at = this.#endOfLine(start)
        continue
      }
      const day = Math.floor(time / dayMs)
      if (day < keepFromDay) {
        count.tooOld++
        continue
      }
      const { measurement, row } = plan
      const first = tableDayOf(measurement, day)
      row[0] = series * keyFactor + time - first * dayMs
      this.#sink.insert(measurement, first, row)
      count.kept++
    }
    this.#text = ''
    return count
  }

  #endOfLine(from: number): number {
    const end = this.#text.indexOf('\n', from)
    return end === -1 ? this.#text.length : end + 1
  }

  /** Most lines follow one of the same. No name of ours has a character that is escaped. */
  #readMeasurement(): Plan | undefined {
    if (this.#plan === undefined || !this.#text.startsWith(this.#plan.beginning, this.#at)) {
      const end = this.#text.indexOf(',', this.#at)
      this.#plan = end === -1 ? undefined : this.#plans.get(this.#text.substring(this.#at, end))
    }
    this.#at += this.#plan?.beginning.length ?? 0
    return this.#plan
  }

  /** The id of the series. */
  #readTags(plan: Plan): number | undefined {
    const text = this.#text
    let end = text.indexOf(' ', this.#at)
    while (end !== -1 && text.charCodeAt(end - 1) === backslash) end = text.indexOf(' ', end + 1)
    if (end === -1) return undefined
    const tags = text.substring(this.#at, end)
    this.#at = end
    return this.#ids.of(plan.measurement, tags) ?? this.#learn(plan.measurement, tags)
  }

  #learn(measurement: Measurement, text: string): number | undefined {
    if (text.includes('\n')) return undefined
    const tags = utf8(text)
      .split(/(?<!\\),/)
      .map((pair) => pair.split(/(?<!\\)=/).map(unescaped))
    if (tags.some((tag) => tag.length !== 2)) return undefined
    const id = this.#sink.seriesId(measurement, JSON.stringify(Object.fromEntries(tags)))
    this.#ids.learn(measurement, text, id)
    return id
  }

  /** Fills the plan's row; false when a value is not one. */
  #readFields({ labels, kinds, row }: Plan): boolean {
    const text = this.#text
    for (let i = 1; i < row.length; i++) row[i] = null
    let next = 0
    do {
      this.#at++
      let field = next
      while (field < labels.length && !text.startsWith(labels[field] ?? '', this.#at)) field++
      if (field === labels.length) {
        field = labels.findIndex((label) => text.startsWith(label, this.#at))
        const end = text.indexOf('=', this.#at)
        if (end === -1) return false
        this.#at = end + 1
      } else this.#at += labels[field]?.length ?? 0
      const value = this.#readValue(kinds[field])
      if (value === undefined) return false
      if (field !== -1) {
        row[field + 1] = value
        next = field + 1
      }
    } while (text.charCodeAt(this.#at) === comma)
    return text.charCodeAt(this.#at) === space
  }

  #readValue(kind: FieldKind | undefined): StoredValue | undefined {
    if (this.#text.charCodeAt(this.#at) === quote) {
      const value = this.#readString()
      return kind === 'string' ? value : value === undefined ? undefined : null
    }
    const start = this.#at
    if (kind === 'integer') {
      const value = this.#readDigits()
      if (this.#text.charCodeAt(this.#at) !== letterI) return undefined
      const end = this.#at++
      // Up to 15 digits and a sign a number is exact.
      return end - start <= 15 ? value : BigInt(this.#text.substring(start, end))
    }
    if (kind === 'thousandths') {
      const value = this.#readThousandths()
      if (value !== undefined) return value
      this.#at = start
    }
    const number = Number(this.#text.substring(start, this.#skipValue()))
    if (Number.isNaN(number)) return kind === undefined ? null : undefined
    return kind === 'thousandths' ? number * 1_000 : kind === 'float' ? number : null
  }

  /** Digits with or without a sign; not exact beyond 2^53. */
  #readDigits(): number {
    const text = this.#text
    let at = this.#at
    const negative = text.charCodeAt(at) === minus
    if (negative) at++
    let value = 0
    for (let digit = text.charCodeAt(at); digit >= zero && digit <= nine; digit = text.charCodeAt(++at))
      value = value * 10 + digit - zero
    this.#at = at
    return negative ? -value : value
  }

  /** Undefined for more than three decimals or 2^53, and for exponents. */
  #readThousandths(): number | undefined {
    const text = this.#text
    const start = this.#at
    const negative = text.charCodeAt(start) === minus
    let value = Math.abs(this.#readDigits())
    let decimals = 0
    if (text.charCodeAt(this.#at) === point) {
      const from = ++this.#at
      for (
        let digit = text.charCodeAt(from);
        digit >= zero && digit <= nine;
        digit = text.charCodeAt(++this.#at)
      )
        value = value * 10 + digit - zero
      decimals = this.#at - from
    }
    const after = text.charCodeAt(this.#at)
    if ((after !== comma && after !== space) || this.#at - start > 16 || decimals > 3) return undefined
    for (; decimals < 3; decimals++) value *= 10
    if (!Number.isSafeInteger(value)) return undefined
    return negative ? -value : value
  }

  #readString(): string | undefined {
    const text = this.#text
    const start = this.#at + 1
    let end = start
    for (let char = text.charCodeAt(end); char !== quote; char = text.charCodeAt(end)) {
      if (Number.isNaN(char) || char === lineFeed) return undefined
      end += char === backslash ? 2 : 1
    }
    this.#at = end + 1
    return utf8(text.substring(start, end)).replace(/\\(["\\])/g, '$1')
  }

  #skipValue(): number {
    const text = this.#text
    let at = this.#at
    for (
      let char = text.charCodeAt(at);
      char !== comma && char !== space && char >= 0;
      char = text.charCodeAt(at)
    )
      at++
    this.#at = at
    return at
  }

  #readTime(): number {
    this.#at++
    const start = this.#at
    const time = this.#readDigits()
    const ended = this.#text.charCodeAt(this.#at) === lineFeed && this.#at > start && this.#at - start < 16
    this.#at++
    return ended && time >= 0 ? time : Number.NaN
  }
}

function planOf(measurement: Measurement): Plan {
  const fields = [...fieldsOf(measurement)]
  return {
    measurement,
    beginning: `${measurement},`,
    labels: fields.map(([name]) => `${name}=`),
    kinds: fields.map(([, kind]) => kind),
    row: Array.from({ length: fields.length + 1 }, () => null),
  }
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

const unescaped = (text: string): string => text.replace(/\\([,= ])/g, '$1')
