import { type OidRange, withArc } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import { pduTags } from './codec/tags.ts'

/** More than an agent of any size needs; those with other indexes do without. About 1.5 KB each. */
const mostSteps = 1_024

/** The GETBULK requests of a walk whose columns stand side by side: the same, poll after poll, for all agents alike. */
export class WalkSteps {
  readonly #columns: readonly OidRange[]
  /** By where it begins and how many rows it asks for. */
  readonly #known = new Map<number, RequestPdu>()

  constructor(columns: readonly OidRange[]) {
    this.#columns = columns
  }

  /**
   * @param level index of the row before; -1 for the beginning
   * @param rows to be asked for, 1 to 255
   * @param scalars to be asked for besides: the same ones at each level
   */
  pdu(level: number, rows: number, scalars: readonly OidRange[]): RequestPdu {
    const key = level * 256 + rows
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const names = level < 0 ? this.#columns : this.#columns.map((column) => withArc(column, level))
    const pdu = {
      type: pduTags.getBulk,
      nonRepeaters: scalars.length,
      maxRepetitions: rows,
      names: [...scalars, ...names],
    } as const
    if (this.#known.size >= mostSteps) return pdu
    const kept = { ...pdu, keep: true } as const
    this.#known.set(key, kept)
    return kept
  }
}
