/** What one address answered to its burst of echo requests. RFC 2681: a lost one has no round-trip time. */
export type EchoResult =
  | { readonly kind: 'sent'; readonly rttsMs: readonly (number | null)[] }
  /** This host could not send; nothing is known about the other. */
  | { readonly kind: 'notSent'; readonly problem: string }

export interface EchoSettings {
  /** Echo requests to each address. */
  readonly count: number
  /** How long each reply is waited for; a later one counts as lost. */
  readonly timeoutMs: number
  /** Time between two requests to one address. */
  readonly spacingMs: number
}

/** A program that sends ICMP echo requests for us. */
export interface EchoEngine {
  /** What runs and what it is allowed to do, for people. */
  readonly description: string
  /**
   * Sends a burst to each address, all distinct and valid, and calls `deliver` once for each. Resolves when all are
   * delivered, or earlier on abort; never rejects.
   */
  burst(
    addresses: readonly string[],
    deliver: (address: string, result: EchoResult) => void,
    signal: AbortSignal,
  ): Promise<void>
}
