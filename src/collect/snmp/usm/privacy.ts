import { createCipheriv, createDecipheriv, getCiphers } from 'node:crypto'
import type { PrivProtocol } from '../../../model/target.ts'

/** OpenSSL 3 has no DES by itself any more, but triple DES with one key thrice is DES. */
const ciphers = { des: 'des-ede3-cbc', aes: 'aes-128-cfb', aes192: 'aes-192-cfb', aes256: 'aes-256-cfb' } as const

/** Bytes of key that each takes; of DES the second half is no key but makes the initial value (RFC 3414 §8.1.1.1). */
export const privKeyLength: Readonly<Record<PrivProtocol, number>> = {
  des: 16,
  aes: 16,
  aes192: 24,
  aes256: 32,
}

/** Why this host cannot encrypt so; undefined when it can. */
export const privacyProblem = (protocol: PrivProtocol): string | undefined =>
  getCiphers().includes(ciphers[protocol])
    ? undefined
    : `the OpenSSL of this host does not offer ${ciphers[protocol]}, which ${protocol} needs`

const initial = Buffer.alloc(16)

/** RFC 3826 §3.1.2.1 and RFC 3414 §8.1.1.1. */
function cipherOf(protocol: PrivProtocol, key: Buffer, boots: number, time: number, salt: Uint8Array) {
  if (protocol !== 'des') {
    const iv = Buffer.from(initial)
    iv.writeUInt32BE(boots, 0)
    iv.writeUInt32BE(time, 4)
    iv.set(salt, 8)
    return { key, iv }
  }
  const des = key.subarray(0, 8)
  return { key: Buffer.concat([des, des, des]), iv: Buffer.from(salt.map((byte, at) => byte ^ (key[8 + at] ?? 0))) }
}

/** @param salt 8 bytes, never the same twice under one key */
export function encrypt(
  protocol: PrivProtocol,
  privKey: Buffer,
  boots: number,
  time: number,
  salt: Uint8Array,
  plain: Buffer,
): Buffer {
  const { key, iv } = cipherOf(protocol, privKey, boots, time, salt)
  const cipher = createCipheriv(ciphers[protocol], key, iv)
  if (protocol !== 'des') return cipher.update(plain)
  cipher.setAutoPadding(false)
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(-plain.length & 7)), cipher.final()])
}

/** Undefined for what cannot have been encrypted so. Whether the outcome makes sense is for its reader. */
export function decrypt(
  protocol: PrivProtocol,
  privKey: Buffer,
  boots: number,
  time: number,
  salt: Uint8Array,
  data: Uint8Array,
): Buffer | undefined {
  if (salt.length !== 8 || data.length === 0 || (protocol === 'des' && data.length % 8 !== 0)) return undefined
  const { key, iv } = cipherOf(protocol, privKey, boots, time, salt)
  const decipher = createDecipheriv(ciphers[protocol], key, iv)
  if (protocol !== 'des') return decipher.update(data)
  decipher.setAutoPadding(false)
  return Buffer.concat([decipher.update(data), decipher.final()])
}
