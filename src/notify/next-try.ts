import type { Contact } from '../model/customer.ts'

/** How an attempt ended: `retry` it may work later, `refused` never in this way. */
export type AttemptOutcome = 'sent' | 'retry' | 'refused' | 'uncertain'

export interface RetrySettings {
  /** Tries on one contact before the next one gets its turn. */
  readonly triesPerContact: number
  /** Tries on the last contact: a mail server may be away for hours, and nobody else is left to ask. */
  readonly triesOnLastContact: number
  /** Wait after the first failed try on a contact, ms; doubled after each further one. */
  readonly backOffMs: number
  readonly maxBackOffMs: number
}

/** 15 s, 30 s, 1 min … up to 15 min; 30 tries on the last contact last for about 6 hours. */
export const defaultRetry: RetrySettings = {
  triesPerContact: 4,
  triesOnLastContact: 30,
  backOffMs: 15_000,
  maxBackOffMs: 900_000,
}

export interface NextTry {
  readonly contact: Contact
  /** To be waited before it, ms. */
  readonly waitMs: number
}

/**
 * Whom to try next, and when, after these attempts on the contacts in their order; undefined when all are used up.
 */
export function nextTry(
  attempts: readonly AttemptOutcome[],
  contacts: readonly Contact[],
  settings: RetrySettings,
): NextTry | undefined {
  let index = 0
  let tries = 0
  for (const outcome of attempts) {
    tries++
    const limit = index >= contacts.length - 1 ? settings.triesOnLastContact : settings.triesPerContact
    if (outcome !== 'refused' && tries < limit) continue
    index++
    tries = 0
  }
  const contact = contacts[index]
  if (!contact) return undefined
  const waitMs = tries === 0 ? 0 : Math.min(settings.backOffMs * 2 ** (tries - 1), settings.maxBackOffMs)
  return { contact, waitMs }
}
