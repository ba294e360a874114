import type { ElementId } from '../../model/network-element.ts'
import type { EngineMemo } from './usm/engine.ts'

/** What is worth keeping of an agent over a restart of ours. */
export interface AgentMemo {
  /** max-repetitions of GETBULK that its answers fit into; absent while nothing stood against more. */
  readonly maxRepetitions?: number
  /** SNMPv3: its engine, and the engine's clock. */
  readonly engine?: EngineMemo
}

/** Keeps memos. Both are called in the middle of a poll and must not wait. */
export interface AgentMemory {
  recall(element: ElementId): AgentMemo | undefined
  /** Called when something in it has changed, other than the passing of time. */
  keep(element: ElementId, memo: AgentMemo): void
}

/** Remembers for as long as it lives. */
export function createAgentMemory(): AgentMemory {
  const memos = new Map<ElementId, AgentMemo>()
  return { recall: (element) => memos.get(element), keep: (element, memo) => void memos.set(element, memo) }
}
