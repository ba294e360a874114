import type { ElementId } from '../../model/network-element.ts'
import type { PollOutcome, ProbeName } from '../../model/reading.ts'
import type { Trap } from '../../model/trap.ts'

/** Counts are since the start of the daemon, `refused` and `unknown` of traps those of the last day. */
export interface CollectionStatus {
  readonly probes: readonly {
    readonly name: ProbeName
    readonly engine: string
    readonly intervalMs: number
  }[]
  /** The worst first. */
  readonly overruns: readonly {
    readonly element: ElementId
    readonly probe: ProbeName
    readonly skipped: number
  }[]
  /** Polls that fail now and tell why; the gravest first. Hostile text. */
  readonly failing: readonly {
    readonly element: ElementId
    readonly probe: ProbeName
    readonly outcome: Exclude<PollOutcome, 'answered'>
    readonly problem: string
    readonly since: number
    readonly lastAt: number
  }[]
  readonly refused: readonly { readonly protocol: string; readonly reason: string; readonly count: number }[]
  /** Absent when traps are not received. */
  readonly traps?: {
    readonly host: string
    readonly port: number
    readonly receiveBuffer: number
    readonly counts: readonly { readonly kind: string; readonly outcome: string; readonly count: number }[]
    readonly latest: readonly Trap[]
    readonly refused: readonly (SeenToday & { readonly address: string; readonly why: string })[]
    readonly unknown: readonly (SeenToday & { readonly element: ElementId; readonly oid: string })[]
  }
}

interface SeenToday {
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}
