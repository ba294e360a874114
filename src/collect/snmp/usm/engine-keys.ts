import { createHash } from 'node:crypto'
import type { AuthProtocol } from '../../../model/target.ts'
import { authProtocols } from './auth-protocol.ts'

/** The key of a pass phrase for one engine (Kul of RFC 3414 §2.6). */
export const localised = (protocol: AuthProtocol, key: Uint8Array, engineId: Uint8Array): Buffer =>
  createHash(authProtocols[protocol].hash).update(key).update(engineId).update(key).digest()

/**
 * How a key that is shorter than the cipher needs is made longer. Neither way became a standard, and both are in use:
 * `blumenthal` is draft-blumenthal-aes-usm-04 §3.1.2.1, `reeder` is draft-reeder-snmpv3-usm-3desede-00 §2.1 (Cisco).
 */
export type KeyExtension = 'blumenthal' | 'reeder'

/** At least `length` bytes of key, cut to it. By `reeder` it costs a megabyte of hashing, 1 to 2 ms. */
export function extendedKey(
  protocol: AuthProtocol,
  short: Buffer,
  engineId: Uint8Array,
  length: number,
  extension: KeyExtension,
): Buffer {
  const { hash } = authProtocols[protocol]
  let key = short
  let last = short
  while (key.length < length) {
    if (extension === 'blumenthal') last = createHash(hash).update(key).digest()
    else {
      const asPassword = createHash(hash)
        .update(Buffer.alloc(2 ** 20, last))
        .digest()
      last = localised(protocol, asPassword, engineId)
    }
    key = Buffer.concat([key, last])
  }
  return key.subarray(0, length)
}
