import { type Interface, type InterfaceName, type InterfaceStatus, interfaceStatuses } from './interface.ts'
import type { ElementId } from './network-element.ts'

/**
 * The interfaces of one element as plain data, which may go to another thread. In columns, because a daemon holds a
 * million of them: about 28 bytes each and their texts.
 */
export interface InterfaceColumns {
  readonly element: ElementId
  /** When they were read, UTC epoch milliseconds. */
  readonly seenAt: number
  /** Name, description and alias of each row, one behind the other. */
  readonly texts: string
  /** `numbersPerRow` for each row: where its three texts end, its ifIndex, and its states. */
  readonly numbers: Uint32Array
  /** By row, bit/s. In the same buffer as the numbers. */
  readonly speeds: Float64Array
}

const numbersPerRow = 5
const textsPerRow = 3
const indexAt = 3
const stateAt = 4
const adminShift = 3
const statusMask = 7

/** Interfaces of one element. Nobody changes one after it was made. */
export class InterfaceList implements Iterable<Interface> {
  readonly columns: InterfaceColumns
  readonly length: number
  readonly #numbers: Uint32Array

  constructor(columns: InterfaceColumns) {
    this.columns = columns
    this.length = columns.speeds.length
    this.#numbers = columns.numbers
  }

  name(row: number): InterfaceName {
    return this.#text(row, 0)
  }

  description(row: number): string {
    return this.#text(row, 1)
  }

  alias(row: number): string {
    return this.#text(row, 2)
  }

  index(row: number): number {
    return this.#numbers[row * numbersPerRow + indexAt] ?? 0
  }

  adminStatus(row: number): InterfaceStatus {
    return interfaceStatuses[(this.#state(row) >> adminShift) & statusMask] ?? 'unknown'
  }

  operStatus(row: number): InterfaceStatus {
    return interfaceStatuses[this.#state(row) & statusMask] ?? 'unknown'
  }

  /** Both statuses as numbers: operStatus as IF-MIB has it, 0 for unknown, and adminStatus times 8. */
  status(row: number): number {
    return this.#state(row)
  }

  speedBps(row: number): number {
    return this.columns.speeds[row] ?? 0
  }

  /** One interface as an object, made for this call. */
  at(row: number): Interface {
    return {
      element: this.columns.element,
      name: this.name(row),
      index: this.index(row),
      description: this.description(row),
      alias: this.alias(row),
      adminStatus: this.adminStatus(row),
      operStatus: this.operStatus(row),
      speedBps: this.speedBps(row),
      seenAt: this.columns.seenAt,
    }
  }

  *[Symbol.iterator](): IterableIterator<Interface> {
    for (let row = 0; row < this.length; row++) yield this.at(row)
  }

  map<T>(made: (port: Interface, row: number) => T): T[] {
    return Array.from({ length: this.length }, (_, row) => made(this.at(row), row))
  }

  /** The row that bears this name; -1 when there is none. */
  rowNamed(name: InterfaceName): number {
    for (let row = 0; row < this.length; row++) if (this.#isText(row, 0, name)) return row
    return -1
  }

  /** The first row with this description; -1 when there is none. */
  rowDescribed(description: string): number {
    for (let row = 0; row < this.length; row++) if (this.#isText(row, 1, description)) return row
    return -1
  }

  /** The row of an ifIndex; -1 when there is none. */
  rowOfIndex(index: number): number {
    for (let row = 0; row < this.length; row++) if (this.index(row) === index) return row
    return -1
  }

  /** Rows that are known by this text in another way than by name: description, alias or ifIndex. */
  rowsKnownAs(text: string): readonly number[] {
    const rows: number[] = []
    for (let row = 0; row < this.length; row++)
      if (this.#isText(row, 1, text) || this.#isText(row, 2, text) || String(this.index(row)) === text)
        rows.push(row)
    return rows
  }

  /** Whether a text of a row is these bytes, all of them ASCII. */
  isAscii(row: number, text: 'name' | 'description', bytes: Uint8Array, start: number, end: number): boolean {
    const { texts } = this.columns
    const place = row * textsPerRow + (text === 'name' ? 0 : 1)
    const from = this.#end(place - 1)
    if (this.#end(place) - from !== end - start) return false
    for (let i = 0; i < end - start; i++) {
      const byte = bytes[start + i] ?? 0
      if (byte > 126 || byte !== texts.charCodeAt(from + i)) return false
    }
    return true
  }

  /** Whether both tell the same of the same interfaces, whenever they were read. */
  isSame({ columns }: InterfaceList): boolean {
    const { element, texts, numbers, speeds } = this.columns
    return (
      element === columns.element &&
      texts === columns.texts &&
      isEqual(numbers, columns.numbers) &&
      isEqual(speeds, columns.speeds)
    )
  }

  /** Whether both have the same interfaces under the same texts, in the same order; states and speeds aside. */
  isNamedAs({ columns }: InterfaceList): boolean {
    const { element, texts, numbers } = this.columns
    if (element !== columns.element || texts !== columns.texts) return false
    return (
      numbers.length === columns.numbers.length &&
      numbers.every((number, at) => at % numbersPerRow === stateAt || number === columns.numbers[at])
    )
  }

  #state(row: number): number {
    return this.#numbers[row * numbersPerRow + stateAt] ?? 0
  }

  /** Where a text ends, of all texts in their order; -1 is before the first. */
  #end(place: number): number {
    if (place < 0) return 0
    const row = Math.floor(place / textsPerRow)
    return this.#numbers[row * numbersPerRow + place - row * textsPerRow] ?? 0
  }

  #text(row: number, which: number): string {
    const place = row * textsPerRow + which
    return this.columns.texts.slice(this.#end(place - 1), this.#end(place))
  }

  #isText(row: number, which: number, text: string): boolean {
    const place = row * textsPerRow + which
    const from = this.#end(place - 1)
    return this.#end(place) - from === text.length && this.columns.texts.startsWith(text, from)
  }
}

function isEqual(one: Uint32Array | Float64Array, other: Uint32Array | Float64Array): boolean {
  return one.length === other.length && one.every((number, at) => number === other[at])
}

/** The interfaces of one element, in this order. */
export function interfaceList(
  element: ElementId,
  seenAt: number,
  ports: readonly Omit<Interface, 'element' | 'seenAt'>[],
): InterfaceList {
  const buffer = new ArrayBuffer(ports.length * (8 + 4 * numbersPerRow))
  const speeds = new Float64Array(buffer, 0, ports.length)
  const numbers = new Uint32Array(buffer, 8 * ports.length)
  let end = 0
  const texts: string[] = []
  ports.forEach((port, row) => {
    const from = row * numbersPerRow
    ;[port.name, port.description, port.alias].forEach((text, at) => {
      texts.push(text)
      end += text.length
      numbers[from + at] = end
    })
    numbers[from + indexAt] = port.index
    numbers[from + stateAt] = numberOf(port.operStatus) | (numberOf(port.adminStatus) << adminShift)
    speeds[row] = port.speedBps
  })
  return new InterfaceList({ element, seenAt, texts: texts.join(''), numbers, speeds })
}

/** As IF-MIB numbers them. */
const numberOf = (status: InterfaceStatus): number =>
  status === 'unknown' ? 0 : interfaceStatuses.indexOf(status)
