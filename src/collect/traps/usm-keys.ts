import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { AuthProtocol } from '../../model/target.ts'
import type { Field } from './ber-reader.ts'

/** Name of the hash in OpenSSL, and how much of the HMAC is sent (RFC 3414 §6, RFC 7860 §4). */
const hashes: Readonly<Record<AuthProtocol, readonly [hash: string, digestLength: number]>> = {
  md5: ['md5', 12],
  sha: ['sha1', 12],
  sha224: ['sha224', 16],
  sha256: ['sha256', 24],
  sha384: ['sha384', 32],
  sha512: ['sha512', 48],
}

/** Engines whose keys are kept at a time; only one that knows the pass phrase, or asks us, gets a place. */
const mostEngines = 4_096

/** Hash of a pass phrase repeated to 1 MiB (RFC 3414 §A.2): 1 to 2 ms, so it is made once. */
const digestOf = (hash: string, password: string | Buffer): Buffer =>
  createHash(hash).update(Buffer.alloc(1_048_576, password)).digest()

/** A pass phrase of a user, and the keys that engines make of it. */
export interface UsmKeys {
  /** The key localised to an engine (RFC 3414 §2.6). */
  keyFor(engineId: Buffer): Buffer
  /** Keeps the key, which costs little but is needed for each message. */
  remember(engineId: Buffer): void
  /** A long key from a short one: all of `hash`, as draft-blumenthal-aes-usm-04 §3.1.2.1 does. */
  extended(engineId: Buffer, length: number): Buffer
  /** The same in the way of draft-reeder-snmpv3-usm-3desede-00, which Cisco and others use. */
  extendedByReeder(engineId: Buffer, length: number): Buffer
}

export function createUsmKeys(protocol: AuthProtocol, password: string): UsmKeys {
  const [hash] = hashes[protocol]
  let digest: Buffer | undefined
  const kept = new Map<string, Buffer>()
  const localised = (from: Buffer, engineId: Buffer) =>
    createHash(hash).update(from).update(engineId).update(from).digest()
  const keyFor = (engineId: Buffer): Buffer => {
    digest ??= digestOf(hash, password)
    return kept.get(engineId.toString('latin1')) ?? localised(digest, engineId)
  }
  return {
    keyFor,
    remember(engineId) {
      const name = engineId.toString('latin1')
      if (kept.has(name)) return
      kept.set(name, keyFor(engineId))
      if (kept.size > mostEngines) for (const [oldest] of kept) return void kept.delete(oldest)
    },
    extended(engineId, length) {
      let key = keyFor(engineId)
      while (key.length < length) key = Buffer.concat([key, createHash(hash).update(key).digest()])
      return key.subarray(0, length)
    },
    extendedByReeder(engineId, length) {
      let last = keyFor(engineId)
      let key = last
      while (key.length < length) {
        last = localised(digestOf(hash, last), engineId)
        key = Buffer.concat([key, last])
      }
      return key.subarray(0, length)
    },
  }
}

export const digestLength = (protocol: AuthProtocol): number => hashes[protocol][1]

/** The digest of a message whose own digest counts as zeros. */
function digestIn(bytes: Buffer, { start, end }: Field, protocol: AuthProtocol, key: Buffer): Buffer {
  const [hash, length] = hashes[protocol]
  return createHmac(hash, key)
    .update(bytes.subarray(0, start))
    .update(Buffer.alloc(end - start))
    .update(bytes.subarray(end))
    .digest()
    .subarray(0, length)
}

/** Whether who wrote this message knows the key. */
export function isAuthentic(bytes: Buffer, at: Field, protocol: AuthProtocol, key: Buffer): boolean {
  const told = bytes.subarray(at.start, at.end)
  return told.length === digestLength(protocol) && timingSafeEqual(told, digestIn(bytes, at, protocol, key))
}

/** Puts the digest into a message of ours. */
export function sign(bytes: Buffer, at: Field, protocol: AuthProtocol, key: Buffer): void {
  digestIn(bytes, at, protocol, key).copy(bytes, at.start)
}
