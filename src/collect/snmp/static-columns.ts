import { numberAt } from './codec/ber-number.ts'
import { tags } from './codec/tags.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import { deviceText } from './device-text.ts'
import { staticColumns } from './if-mib.ts'
import { RowIndex } from './row-index.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Requests } from './snmp-session.ts'
import { type ColumnSink, type WalkOptions, walkColumns } from './walk-columns.ts'

/** What seldom changes of an interface, as the agent tells it. */
export interface StaticRow {
  readonly index: number
  readonly name: string
  readonly description: string
  readonly alias: string
  /** bit/s; 0 when the agent does not tell. */
  readonly speedBps: number
}

const textColumns = ['name', 'descr', 'alias'] as const
type TextColumn = (typeof textColumns)[number]

const textNames: readonly string[] = textColumns
/** By column: which of the texts it is, -1 for a speed. */
const textOf = Object.keys(staticColumns).map((name) => textNames.indexOf(name))
const highSpeed = Object.keys(staticColumns).indexOf('highSpeed')

/** The largest value of ifSpeed says "this much or more" (RFC 2863). */
const ifSpeedLimit = 4_294_967_295
const megabit = 1_000_000
/** The longest text that is kept is not longer than this in UTF-8. */
const mostTextBytes = 1_020
/** Of all texts of an agent: 512 bytes a row where there are most of them. Usual texts are a fifth of that. */
const mostBytes = 32 * 2 ** 20
const firstRows = 32
const spansPerRow = 2 * textColumns.length

/**
 * ifHighSpeed, as agents let ifSpeed go round beyond its limit; but it is rounded, so of a slow line ifSpeed tells more
 * where both tell the same.
 */
function speedOf(speed: number, highSpeed: number): number {
  const low = speed > 0 && speed < ifSpeedLimit ? speed : 0
  const high = highSpeed > 0 ? highSpeed * megabit : 0
  return high > 0 && (low === 0 || Math.abs(low - high) >= megabit) ? high : low
}

/**
 * What seldom changes of the interfaces of one agent. While it is read it is kept as bytes and numbers: many agents are
 * read at once, and a text is made when it is asked for.
 */
export class StaticRows implements ColumnSink {
  readonly #rows = new RowIndex({ length: 0, index: () => 0 })
  #bytes = Buffer.allocUnsafe(1_024)
  #used = 0
  /** By row: where each of its texts begins and ends. */
  #spans = new Uint32Array(firstRows * spansPerRow)
  /** By row: ifSpeed, and ifHighSpeed. */
  #speeds = new Float64Array(firstRows * 2)

  get length(): number {
    return this.#rows.size
  }

  index(row: number): number {
    return this.#rows.at(row)
  }

  /** The row of an index; -1 when there is none. `hint` is where it probably is. */
  rowOf(index: number, hint: number): number {
    return this.#rows.find(index, hint) ?? -1
  }

  text(row: number, column: TextColumn): string {
    const span = row * spansPerRow + 2 * textColumns.indexOf(column)
    return deviceText(this.#bytes, this.#spans[span], this.#spans[span + 1])
  }

  /** Whether a text of a row is these bytes, as far as texts are kept. */
  isText(row: number, column: TextColumn, bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start > mostTextBytes) return deviceText(bytes, start, end) === this.text(row, column)
    const span = row * spansPerRow + 2 * textColumns.indexOf(column)
    const from = this.#spans[span] ?? 0
    if ((this.#spans[span + 1] ?? 0) - from !== end - start) return false
    for (let i = 0; i < end - start; i++) if (this.#bytes[from + i] !== bytes[start + i]) return false
    return true
  }

  row(row: number): StaticRow {
    const [speed = 0, high = 0] = this.#speeds.subarray(2 * row, 2 * row + 2)
    return {
      index: this.index(row),
      name: this.text(row, 'name'),
      description: this.text(row, 'descr'),
      alias: this.text(row, 'alias'),
      speedBps: speedOf(speed, high),
    }
  }

  take(column: number, index: number, hint: number, value: VarbindReader): void {
    // An index of several numbers is none of ifTable's.
    if (index < 0) return
    const row = this.#rows.row(index, hint)
    if ((row + 1) * spansPerRow > this.#spans.length) this.#grow()
    const { bytes, tag, valueStart, valueEnd } = value
    const place = textOf[column] ?? -1
    if (place < 0)
      this.#speeds[2 * row + (column === highSpeed ? 1 : 0)] = numberAt(bytes, tag, valueStart, valueEnd)
    else if (tag === tags.octetString) {
      const span = row * spansPerRow + 2 * place
      this.#spans[span] = this.#used
      this.#keep(bytes, valueStart, valueEnd)
      this.#spans[span + 1] = this.#used
    }
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > mostTextBytes) {
      const text = Buffer.from(deviceText(bytes, start, end))
      this.#keep(text, 0, text.length)
      return
    }
    if (this.#used + end - start > mostBytes)
      throw new SnmpFailure('refused', `the texts of its interfaces are more than ${mostBytes} bytes`)
    if (this.#used + end - start > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.#bytes.length + mostTextBytes)
      larger.set(this.#bytes.subarray(0, this.#used))
      this.#bytes = larger
    }
    for (let i = start; i < end; i++) this.#bytes[this.#used++] = bytes[i] ?? 0
  }

  #grow(): void {
    const spans = new Uint32Array(2 * this.#spans.length)
    spans.set(this.#spans)
    this.#spans = spans
    const speeds = new Float64Array(2 * this.#speeds.length)
    speeds.set(this.#speeds)
    this.#speeds = speeds
  }
}

/** Reads what seldom changes. */
export async function readStaticColumns(
  requests: Requests,
  options: Pick<WalkOptions, 'pace' | 'expectedRows' | 'maxRows'>,
): Promise<StaticRows> {
  const rows = new StaticRows()
  await walkColumns(requests, { ...options, columns: Object.values(staticColumns), sink: rows })
  return rows
}
