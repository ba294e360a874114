import { createCipheriv, createDecipheriv, createSecretKey, getCiphers, type KeyObject } from 'node:crypto'
import type { PrivProtocol } from '../../../model/target.ts'

/** OpenSSL 3 has no DES by itself any more, but triple DES with one key thrice is DES. */
const ciphers = {
  des: 'des-ede3-cbc',
  aes: 'aes-128-cfb',
  aes192: 'aes-192-cfb',
  aes256: 'aes-256-cfb',
} as const

/** Bytes of key that each takes; of DES the second half is no key but makes the initial value (RFC 3414 §8.1.1.1). */
export const privKeyLength: Readonly<Record<PrivProtocol, number>> = {
  des: 16,
  aes: 16,
  aes192: 24,
  aes256: 32,
}

/** Why this host, or one whose OpenSSL offers these ciphers, cannot encrypt so; undefined when it can. */
export const privacyProblem = (
  protocol: PrivProtocol,
  offered: readonly string[] = getCiphers(),
): string | undefined =>
  offered.includes(ciphers[protocol])
    ? undefined
    : `the OpenSSL of this host does not offer ${ciphers[protocol]}, which ${protocol} needs`

/** A key that is ready for use. */
export interface PrivKey {
  readonly protocol: PrivProtocol
  readonly key: KeyObject
  /** DES only: what the initial value is made of. */
  readonly preIv: Uint8Array
}

/** @param bytes as many as `privKeyLength` says */
export function privKeyFrom(protocol: PrivProtocol, bytes: Buffer): PrivKey {
  if (protocol !== 'des') return { protocol, key: createSecretKey(bytes), preIv: new Uint8Array() }
  const des = bytes.subarray(0, 8)
  return { protocol, key: createSecretKey(Buffer.concat([des, des, des])), preIv: bytes.subarray(8, 16) }
}

/** RFC 3826 §3.1.2.1 and RFC 3414 §8.1.1.1. */
function initialValue({ protocol, preIv }: PrivKey, boots: number, time: number, salt: Uint8Array): Buffer {
  if (protocol === 'des') return Buffer.from(salt.map((byte, at) => byte ^ (preIv[at] ?? 0)))
  const iv = Buffer.alloc(16)
  iv.writeUInt32BE(boots, 0)
  iv.writeUInt32BE(time, 4)
  iv.set(salt, 8)
  return iv
}

/** @param salt 8 bytes, never the same twice under one key */
export function encrypt(key: PrivKey, boots: number, time: number, salt: Uint8Array, plain: Buffer): Buffer {
  const cipher = createCipheriv(ciphers[key.protocol], key.key, initialValue(key, boots, time, salt))
  if (key.protocol !== 'des') return cipher.update(plain)
  cipher.setAutoPadding(false)
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(-plain.length & 7)), cipher.final()])
}

/** Undefined for what cannot have been encrypted so. Whether the outcome makes sense is for its reader. */
export function decrypt(
  key: PrivKey,
  boots: number,
  time: number,
  salt: Uint8Array,
  data: Uint8Array,
): Buffer | undefined {
  const isDes = key.protocol === 'des'
  if (salt.length !== 8 || data.length === 0 || (isDes && data.length % 8 !== 0)) return undefined
  const decipher = createDecipheriv(ciphers[key.protocol], key.key, initialValue(key, boots, time, salt))
  if (!isDes) return decipher.update(data)
  decipher.setAutoPadding(false)
  return Buffer.concat([decipher.update(data), decipher.final()])
}
