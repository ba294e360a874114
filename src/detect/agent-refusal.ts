import { problemText } from '../model/problem-text.ts'
import type { PollResult } from '../model/reading.ts'

/** What the failed polls of an agent come to. */
export interface AgentTrouble {
  /** Why what it answers cannot be read; absent: it is silent. */
  readonly refusal?: string
  /** Polls in a row that said something else. */
  readonly others: number
}

/** So many polls in a row have to say something else: an agent that wavers does not change the text at each poll. */
const enoughOthers = 2

/** Numbers in a reason, such as the OID where a table ends, may differ from poll to poll. */
const shapeOf = (refusal: string | undefined): string | undefined => refusal?.replace(/\d+/g, '0')

/** After one more poll that failed. `before` is undefined after one that was answered. */
export function afterFailure(
  before: AgentTrouble | undefined,
  { outcome, problem = 'it gives no reason' }: Pick<PollResult, 'outcome' | 'problem'>,
): AgentTrouble {
  const refusal = outcome === 'refused' ? problemText(problem) : undefined
  if (before !== undefined) {
    if (shapeOf(refusal) === shapeOf(before.refusal))
      return before.others === 0 ? before : { ...before, others: 0 }
    if (before.others + 1 < enoughOthers) return { ...before, others: before.others + 1 }
  }
  return refusal === undefined ? { others: 0 } : { refusal, others: 0 }
}
