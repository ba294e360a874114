import type { Severity } from '../model/severity.ts'

/**
 * What one sample says under one rule, apart from what came before it. `between`: past the clear value and not at the
 * raise value, or bad at a time at which the rule raises nothing. That there is no data is no verdict: time tells it.
 */
export type Verdict = BadVerdict | typeof good | typeof between

export interface BadVerdict {
  readonly kind: 'bad'
  readonly severity: Severity
  /** What was measured and the limit that it passed, in the indicator's own unit; absent where it is a state. */
  readonly value?: number
  readonly limit?: number
  /** What the text of the alarm should say besides, such as `12 ms are usual at this hour`. */
  readonly detail?: string
}

/** The same object for every good sample: nothing is allocated while all is well. */
export const good = { kind: 'good' } as const
export const between = { kind: 'between' } as const
