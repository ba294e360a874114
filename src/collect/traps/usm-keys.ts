import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { AuthProtocol, PrivProtocol } from '../../model/target.ts'
import { authProtocols } from '../snmp/usm/auth-protocol.ts'
import { extendedKey, type KeyExtension, localised } from '../snmp/usm/engine-keys.ts'
import { type PrivKey, privKeyFrom, privKeyLength } from '../snmp/usm/privacy.ts'
import type { Field } from './ber-reader.ts'

/** Engines whose keys are kept at a time; only one that knows the pass phrase, or asks us, gets a place. */
const mostEngines = 4_096

/** A pass phrase of a user, and the keys that engines make of it. */
export interface UsmKeys {
  /** The key localised to an engine (RFC 3414 §2.6). */
  keyFor(engineId: Buffer): Buffer
  /** The same as a key of privacy, as long as the cipher needs it. */
  privKeyFor(engineId: Buffer, protocol: PrivProtocol, extension: KeyExtension): PrivKey
  /** Keeps the key, which costs little but is needed for each message. */
  remember(engineId: Buffer): void
}

export function createUsmKeys(protocol: AuthProtocol, password: string): UsmKeys {
  const { hash } = authProtocols[protocol]
  /** Hash of the pass phrase repeated to 1 MiB (RFC 3414 §A.2): 1 to 2 ms, so it is made once. */
  let digest: Buffer | undefined
  const kept = new Map<string, Buffer>()
  const keyFor = (engineId: Buffer): Buffer => {
    digest ??= createHash(hash)
      .update(Buffer.alloc(2 ** 20, password))
      .digest()
    return kept.get(engineId.toString('latin1')) ?? localised(protocol, digest, engineId)
  }
  return {
    keyFor,
    privKeyFor: (engineId, priv, extension) =>
      privKeyFrom(priv, extendedKey(protocol, keyFor(engineId), engineId, privKeyLength[priv], extension)),
    remember(engineId) {
      const name = engineId.toString('latin1')
      if (kept.has(name)) return
      kept.set(name, keyFor(engineId))
      if (kept.size > mostEngines) for (const [oldest] of kept) return void kept.delete(oldest)
    },
  }
}

export const digestLength = (protocol: AuthProtocol): number => authProtocols[protocol].digest

/** The digest of a message whose own digest counts as zeros. */
function digestIn(bytes: Buffer, { start, end }: Field, protocol: AuthProtocol, key: Buffer): Buffer {
  const { hash, digest } = authProtocols[protocol]
  return createHmac(hash, key)
    .update(bytes.subarray(0, start))
    .update(Buffer.alloc(end - start))
    .update(bytes.subarray(end))
    .digest()
    .subarray(0, digest)
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
