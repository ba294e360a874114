import type { PollOutcome } from '../../model/reading.ts'

/**
 * - `timeout`: no acceptable answer came;
 * - `tooBig`: the agent could not put the answer in one message, so ask for less;
 * - `noSuchName`: SNMPv1 only; there is nothing at or behind the OID that was asked for;
 * - `refused`: it answered, and not acceptably;
 * - `notSent`: this host could not send.
 */
export type SnmpFailureKind = 'timeout' | 'tooBig' | 'noSuchName' | 'refused' | 'notSent'

/** Text of a timeout, before it is explained. */
export const silence = 'no answer'

/** Why a request failed. It stays within this folder: the probe turns it into a reading. */
export class SnmpFailure extends Error {
  override readonly name = 'SnmpFailure'
  readonly kind: SnmpFailureKind
  /** The OID that the agent names as the cause. */
  readonly oid: string | undefined

  /** `message` is shown to people: no secrets. */
  constructor(kind: SnmpFailureKind, message: string, oid?: string) {
    super(message)
    this.kind = kind
    this.oid = oid
  }

  get outcome(): Exclude<PollOutcome, 'answered'> {
    return this.kind === 'timeout' || this.kind === 'notSent' ? this.kind : 'refused'
  }
}
