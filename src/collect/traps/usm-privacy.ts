import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { PrivProtocol } from '../../model/target.ts'
import type { EngineTime } from './trap-message.ts'
import type { UsmKeys } from './usm-keys.ts'

/** Key lengths in bytes; 192 and 256 have no standard beyond drafts, and two ways to lengthen a key. */
const aesKeyLength = { aes: 16, aes192: 24, aes256: 32 } as const

/** Long keys made in one way or the other; what decrypts a message is used for its answer as well. */
export type KeyExtension = 'blumenthal' | 'reeder'

const isAes = (protocol: PrivProtocol): protocol is keyof typeof aesKeyLength =>
  Object.hasOwn(aesKeyLength, protocol)

/** Whether there are two ways at all: a hash may be long enough by itself. */
export const keyExtensions = (protocol: PrivProtocol): readonly KeyExtension[] =>
  protocol === 'aes192' || protocol === 'aes256' ? ['blumenthal', 'reeder'] : ['blumenthal']

interface Privacy {
  readonly protocol: PrivProtocol
  readonly keys: UsmKeys
  readonly extension: KeyExtension
}

function cipherFor({ protocol, keys, extension }: Privacy, engine: EngineTime, salt: Buffer) {
  if (isAes(protocol)) {
    const length = aesKeyLength[protocol]
    const key =
      extension === 'reeder' ? keys.extendedByReeder(engine.id, length) : keys.extended(engine.id, length)
    const iv = Buffer.alloc(16)
    iv.writeUInt32BE(engine.boots, 0)
    iv.writeUInt32BE(engine.seconds, 4)
    salt.copy(iv, 8)
    return { algorithm: `aes-${length * 8}-cfb`, key, iv }
  }
  // OpenSSL 3 has no DES any more, but triple DES with one key thrice is DES.
  const own = keys.keyFor(engine.id)
  const key = Buffer.concat([own.subarray(0, 8), own.subarray(0, 8), own.subarray(0, 8)])
  const iv = Buffer.from(salt.map((byte, at) => byte ^ (own[8 + at] ?? 0)))
  return { algorithm: 'des-ede3-cbc', key, iv }
}

/**
 * The scoped PDU in clear (RFC 3414 §8.1, RFC 3826 §3.1); whether it makes sense is for the reader of it. Undefined for
 * what cannot have been encrypted in that way.
 */
export function decrypt(
  data: Buffer,
  engine: EngineTime,
  salt: Buffer,
  privacy: Privacy,
): Buffer | undefined {
  const blocks = !isAes(privacy.protocol)
  if (salt.length !== 8 || data.length === 0 || (blocks && data.length % 8 !== 0)) return undefined
  const { algorithm, key, iv } = cipherFor(privacy, engine, salt)
  const decipher = createDecipheriv(algorithm, key, iv)
  decipher.setAutoPadding(false)
  return Buffer.concat([decipher.update(data), decipher.final()])
}

/** Encrypts a scoped PDU of ours, with a salt of its own. */
export function encrypt(plain: Buffer, engine: EngineTime, privacy: Privacy): { salt: Buffer; data: Buffer } {
  const salt = randomBytes(8)
  const { algorithm, key, iv } = cipherFor(privacy, engine, salt)
  const whole = isAes(privacy.protocol) ? plain : Buffer.concat([plain, Buffer.alloc(-plain.length & 7)])
  const cipher = createCipheriv(algorithm, key, iv)
  cipher.setAutoPadding(false)
  return { salt, data: Buffer.concat([cipher.update(whole), cipher.final()]) }
}
