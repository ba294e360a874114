import type { ImpactState } from '../model/impact.ts'

const rank: Readonly<Record<ImpactState, number>> = { down: 3, degraded: 2, atRisk: 1 }

export const isWorse = (one: ImpactState, other: ImpactState): boolean => rank[one] > rank[other]

/** What one fault does to whatever hangs on an element. */
export interface Effect {
  /** Number of the fault. */
  readonly fault: number
  state: ImpactState
}

/** What the faults do, by element. Each fault is there once, with the worst it does. */
export interface Effects {
  readonly add: (vertex: number, fault: number, state: ImpactState) => void
  readonly at: (vertex: number) => readonly Effect[]
  readonly vertices: () => Iterable<number>
}

const none: readonly never[] = []

export function createEffects(): Effects {
  const effects = new Map<number, Effect[]>()
  return {
    add(vertex, fault, state) {
      const here = effects.get(vertex)
      if (!here) {
        effects.set(vertex, [{ fault, state }])
        return
      }
      const known = here.find((effect) => effect.fault === fault)
      if (!known) here.push({ fault, state })
      else if (isWorse(state, known.state)) known.state = state
    },
    at: (vertex) => effects.get(vertex) ?? none,
    vertices: () => effects.keys(),
  }
}
