import type { OidRange } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import { type PolledColumn, polledColumns } from './if-mib.ts'

/** Columns that are walked poll after poll. */
export interface WalkPlan {
  readonly names: readonly PolledColumn[]
  readonly columns: readonly OidRange[]
  /** The first request of the walk, by rows. */
  readonly opening: Map<number, RequestPdu>
}

/** The plans of any number of agents: those that have the same columns are asked in the same words. */
export class WalkPlans {
  readonly #plans = new Map<string, WalkPlan>()

  of(names: readonly PolledColumn[]): WalkPlan {
    const key = names.join(' ')
    const known = this.#plans.get(key)
    if (known !== undefined) return known
    const plan = { names, columns: names.map((name) => polledColumns[name]), opening: new Map() }
    this.#plans.set(key, plan)
    return plan
  }
}
