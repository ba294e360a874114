import type { OidRange } from './codec/oid.ts'
import { type PolledColumn, polledColumns } from './if-mib.ts'
import { WalkSteps } from './walk-steps.ts'

/** Columns that are walked poll after poll. */
export interface WalkPlan {
  readonly names: readonly PolledColumn[]
  readonly columns: readonly OidRange[]
  /** The requests of the walk, with its scalars. */
  readonly steps: WalkSteps
  /** So many of the first columns are of both tables, which have the same rows: the states and the name. */
  readonly endShownBy: number | undefined
}

/** The plans of any number of agents: those that have the same columns are asked in the same words. */
export class WalkPlans {
  readonly #plans = new Map<string, WalkPlan>()

  of(names: readonly PolledColumn[]): WalkPlan {
    const key = names.join(' ')
    const known = this.#plans.get(key)
    if (known !== undefined) return known
    const columns = names.map((name) => polledColumns[name])
    const name = names.indexOf('name')
    const endShownBy = names[0] === 'operStatus' && name > 0 ? name + 1 : undefined
    const plan = { names, columns, steps: new WalkSteps(columns), endShownBy }
    this.#plans.set(key, plan)
    return plan
  }
}
