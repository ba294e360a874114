/** A message as one recipient gets it, rendered. */
export interface Message {
  /** The ledger's id: a channel passes it on, so that a provider can drop a second copy. */
  readonly id: string
  readonly to: string
  readonly recipientName: string
  readonly language: 'zh' | 'en'
  readonly subject: string
  /** Plain text. */
  readonly text: string
  /** The same in HTML, everything escaped. */
  readonly html: string
}

/**
 * Says whether trying again makes sense; the reason is also a metric label. `uncertain`: it may have gone out, and a
 * second copy could not be told from the first, so it must not be tried again.
 */
export type Delivery =
  | { readonly outcome: 'sent'; readonly reference?: string }
  | {
      readonly outcome: 'failed'
      readonly retry: boolean
      readonly reason: 'rejected' | 'rateLimited' | 'unreachable' | 'misconfigured'
      readonly explanation: string
    }
  | { readonly outcome: 'uncertain'; readonly explanation: string }

/** One way of telling a customer. */
export interface Channel {
  /** The key under `notify.channels`. */
  readonly name: string
  /** Expected failures are values. When the signal aborts, it ends soon with what is known by then. */
  deliver(message: Message, signal: AbortSignal): Promise<Delivery>
  close(): Promise<void>
}
