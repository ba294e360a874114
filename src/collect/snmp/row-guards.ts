import type { InterfaceList } from '../../model/interface-list.ts'
import { deviceText } from './device-text.ts'

/** The column by which each row of an agent is known again: ifName, unless ifDescr tells more rows apart. */
export type GuardColumn = 'name' | 'descr'

/**
 * What each row told in its guard column when its interfaces were last read in full. Almost always that is a text of the
 * list of interfaces; only what is not is kept here.
 */
export class RowGuards {
  readonly column: GuardColumn
  readonly #ports: InterfaceList
  readonly #others: ReadonlyMap<number, string> | undefined

  /** @param told by row */
  constructor(column: GuardColumn, ports: InterfaceList, told: (row: number) => string) {
    this.column = column
    this.#ports = ports
    let others: Map<number, string> | undefined
    for (let row = 0; row < ports.length; row++) {
      const text = told(row)
      if (text === this.#listed(row)) continue
      others ??= new Map()
      others.set(row, text)
    }
    this.#others = others
  }

  text(row: number): string {
    return this.#others?.get(row) ?? this.#listed(row)
  }

  /** Whether a row tells the same now. */
  holds(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const text = this.column === 'name' ? 'name' : 'description'
    if (this.#others === undefined && this.#ports.isAscii(row, text, bytes, start, end)) return true
    return deviceText(bytes, start, end) === this.text(row)
  }

  #listed(row: number): string {
    return this.column === 'name' ? this.#ports.name(row) : this.#ports.description(row)
  }
}
