import { BerField } from '../codec/ber-field.ts'
import { signedAt } from '../codec/ber-number.ts'
import { tags } from '../codec/tags.ts'

/** UsmSecurityParameters of RFC 3414 §2.4. */
export interface SecurityParameters {
  readonly engineId: Uint8Array
  readonly boots: number
  readonly time: number
  readonly user: Uint8Array
  readonly digestStart: number
  readonly digestEnd: number
  readonly salt: Uint8Array
}

/** Undefined for what is malformed. */
export function securityParameters(
  bytes: Uint8Array,
  start: number,
  end: number,
): SecurityParameters | undefined {
  const field = new BerField(bytes)
  if (!field.is(tags.sequence, start, end) || field.end !== end) return undefined
  let at = field.start
  const next = (tag: number): boolean => {
    if (!field.is(tag, at, end)) return false
    at = field.end
    return true
  }
  if (!next(tags.octetString)) return undefined
  const engineId = bytes.subarray(field.start, field.end)
  if (!next(tags.integer)) return undefined
  const boots = signedAt(bytes, field.start, field.end)
  if (!next(tags.integer)) return undefined
  const time = signedAt(bytes, field.start, field.end)
  if (!next(tags.octetString)) return undefined
  const user = bytes.subarray(field.start, field.end)
  if (!next(tags.octetString)) return undefined
  const { start: digestStart, end: digestEnd } = field
  if (!next(tags.octetString)) return undefined
  const salt = bytes.subarray(field.start, field.end)
  const isValid = boots >= 0 && time >= 0 && engineId.length <= 32
  return isValid ? { engineId, boots, time, user, digestStart, digestEnd, salt } : undefined
}
