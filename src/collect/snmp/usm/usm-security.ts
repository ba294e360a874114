import {
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import type { SnmpAccess } from '../../../model/target.ts'
import { BerWriter } from '../codec/ber-writer.ts'
import type { MessageReader } from '../codec/message-reader.ts'
import type { RequestPdu } from '../codec/request-pdu.ts'
import { pduTags } from '../codec/tags.ts'
import type { MessageSecurity } from '../message-security.ts'
import { SnmpFailure } from '../snmp-failure.ts'
import type { Opened } from '../transport/peer.ts'
import { authProtocols } from './auth-protocol.ts'
import { Engine, type EngineMemo } from './engine.ts'
import { extendedKey, type KeyExtension, localised } from './engine-keys.ts'
import type { PasswordKeys } from './password-keys.ts'
import { decrypt, encrypt, type PrivKey, privacyProblem, privKeyFrom, privKeyLength } from './privacy.ts'
import { reportOf, reportTexts } from './report.ts'
import { type SecurityParameters, securityParameters } from './security-parameters.ts'
import { authFlag, privFlag, scopedPdu, v3Message } from './usm-writer.ts'

export interface UsmDeps {
  readonly passwords: PasswordKeys
  /** UTC epoch milliseconds. */
  readonly now: () => number
  /** What was known of the engine when we last ran. */
  readonly known?: EngineMemo
}

const nothing = Buffer.alloc(0)
const discovery: RequestPdu = { type: pduTags.get, names: [] }
/** SnmpEngineID of RFC 3411: 5 to 32 bytes. */
const shortestEngineId = 5

const timeSince = ({ time, at }: EngineMemo, now: number) =>
  Math.min(2 ** 31 - 1, time + Math.max(0, Math.floor((now - at) / 1_000)))

/**
 * The User-based Security Model towards one agent (RFC 3414, RFC 3826, RFC 7860). While the engine is not known, what is
 * sent instead of a request asks for it (RFC 3414 §4); its answer has the request sent.
 */
export function createUsmSecurity(
  access: Extract<SnmpAccess, { version: '3' }>,
  { passwords, now, ...deps }: UsmDeps,
): MessageSecurity {
  const { auth, priv } = access
  const user = Buffer.from(access.user)
  const level = auth === undefined ? 0 : priv === undefined ? authFlag : authFlag | privFlag
  const digestLength = auth === undefined ? 0 : authProtocols[auth.protocol].digest
  const writer = new BerWriter()
  const noDigest = Buffer.alloc(digestLength)
  const salt = randomBytes(8)
  /** What it takes to write a message is at hand. */
  let isReady = false
  let engine: Engine | undefined
  let known = deps.known
  let authKey: KeyObject | undefined
  let privKey: PrivKey | undefined
  /** Which way the agent makes long keys is found by trying, and shown by an answer. */
  let extension: KeyExtension = 'blumenthal'
  let isExtensionProven =
    auth === undefined ||
    priv === undefined ||
    createHash(authProtocols[auth.protocol].hash).digest().length >= privKeyLength[priv.protocol]

  function learn(found: Engine): void {
    engine = found
    authKey = undefined
    privKey = undefined
    if (auth === undefined) return
    const key = passwords.known(auth.protocol, auth.password)
    if (key === undefined) throw new SnmpFailure('notSent', 'the keys are not made yet')
    // As an object it is made ready once; as bytes, for each message, which costs five times as much.
    authKey = createSecretKey(localised(auth.protocol, key, found.id))
    derivePrivKey()
  }

  function derivePrivKey(): void {
    if (auth === undefined || priv === undefined || engine === undefined) return
    const key = passwords.known(auth.protocol, priv.password)
    if (key === undefined) throw new SnmpFailure('notSent', 'the keys are not made yet')
    const short = localised(auth.protocol, key, engine.id)
    privKey = privKeyFrom(
      priv.protocol,
      extendedKey(auth.protocol, short, engine.id, privKeyLength[priv.protocol], extension),
    )
  }

  /** Tries the other way to make a long key, unless one is known to be right. */
  function otherExtension(): boolean {
    if (isExtensionProven || engine === undefined) return false
    extension = extension === 'blumenthal' ? 'reeder' : 'blumenthal'
    derivePrivKey()
    return true
  }

  function nextSalt(): Buffer {
    for (let at = 7; at >= 0; at--) {
      const byte = ((salt[at] ?? 0) + 1) & 255
      salt[at] = byte
      if (byte !== 0) break
    }
    return Buffer.from(salt)
  }

  const digestOf = (key: KeyObject, protocol: NonNullable<typeof auth>['protocol']) =>
    createHmac(authProtocols[protocol].hash, key)

  /** Whether who sent this knows the key. */
  function isAuthentic(bytes: Uint8Array, { digestStart, digestEnd }: SecurityParameters): boolean {
    if (auth === undefined || authKey === undefined || digestEnd - digestStart !== digestLength) return false
    const digest = digestOf(authKey, auth.protocol)
      .update(bytes.subarray(0, digestStart))
      .update(noDigest)
      .update(bytes.subarray(digestEnd))
      .digest()
    return timingSafeEqual(digest.subarray(0, digestLength), bytes.subarray(digestStart, digestEnd))
  }

  function openReport(message: MessageReader, told: SecurityParameters, isSigned: boolean): Opened {
    const report = reportOf(message)
    const isNew = engine === undefined || !engine.id.equals(told.engineId)
    if ((report === 'unknownEngine' || engine === undefined) && isNew) {
      if (told.engineId.length < shortestEngineId) return 'malformed'
      learn(new Engine(Buffer.from(told.engineId), told.boots, told.time, now(), false))
      return 'again'
    }
    if (report === 'notInTimeWindow') {
      // Unsigned it could be anyone's, and would set our clock back.
      if (!isSigned) return 'unauthenticated'
      engine?.corrected(told.boots, told.time, now())
      return 'again'
    }
    if (report === 'decryption' && otherExtension()) return 'again'
    return new SnmpFailure('refused', reportTexts[report])
  }

  function openSigned(message: MessageReader, told: SecurityParameters): Opened {
    const { bytes, dataStart, dataEnd } = message
    if (engine === undefined || !engine.id.equals(told.engineId) || !user.equals(told.user))
      return 'unauthenticated'
    if (!isAuthentic(bytes, told)) return 'wrong-digest'
    if (message.flags & privFlag) {
      if (priv === undefined || privKey === undefined) return 'undecipherable'
      const { boots, time, salt } = told
      const plain = decrypt(privKey, boots, time, salt, bytes.subarray(dataStart, dataEnd))
      if (plain === undefined || !message.readScopedPdu(plain, 0, plain.length)) return 'undecipherable'
    } else if (!message.readScopedPdu(bytes, dataStart, dataEnd)) return 'malformed'
    if (message.pdu === pduTags.report) return openReport(message, told, true)
    if ((message.flags & level) !== level) return 'unauthenticated'
    if (message.pdu !== pduTags.response || message.requestId !== message.id) return 'malformed'
    if (!engine.isTimely(told.boots, told.time, now())) return 'not-timely'
    isExtensionProven = true
    return 'accepted'
  }

  return {
    prepare() {
      if (auth === undefined || isReady) return undefined
      const problem = priv && privacyProblem(priv.protocol)
      if (problem !== undefined) throw new SnmpFailure('refused', problem)
      const needed = [auth.password, ...(priv === undefined ? [] : [priv.password])]
      isReady = needed.every((password) => passwords.known(auth.protocol, password) !== undefined)
      return isReady
        ? undefined
        : Promise.all(needed.map((password) => passwords.key(auth.protocol, password)))
    },

    message(pdu, id) {
      if (engine === undefined && known !== undefined) {
        learn(new Engine(Buffer.from(known.id, 'hex'), known.boots, timeSince(known, now()), now(), true))
        known = undefined
      }
      if (engine === undefined) {
        const empty = { id, flags: 0, engineId: nothing, boots: 0, time: 0, user: nothing, digest: 0 }
        return v3Message(writer, empty, scopedPdu(writer, nothing, discovery, id), undefined).bytes
      }
      const { id: engineId, boots } = engine
      const time = engine.time(now())
      const plain = scopedPdu(writer, engineId, pdu, id)
      const head = { id, flags: level, engineId, boots, time, user, digest: digestLength }
      if (auth === undefined || authKey === undefined) return v3Message(writer, head, plain, undefined).bytes
      let data = plain
      let used: Buffer | undefined
      if (priv !== undefined && privKey !== undefined) {
        used = nextSalt()
        data = encrypt(privKey, boots, time, used, plain)
      }
      const { bytes, digestAt } = v3Message(writer, head, data, used)
      digestOf(authKey, auth.protocol).update(bytes).digest().copy(bytes, digestAt, 0, digestLength)
      return bytes
    },

    open(message): Opened {
      if (message.version !== 3) return 'wrong-version'
      const told = securityParameters(message.bytes, message.securityStart, message.securityEnd)
      if (told === undefined) return 'malformed'
      if (message.flags & authFlag) return openSigned(message, told)
      if (message.flags & privFlag) return 'malformed'
      if (!message.readScopedPdu(message.bytes, message.dataStart, message.dataEnd)) return 'malformed'
      if (message.pdu === pduTags.report) return openReport(message, told, false)
      if (level !== 0) return 'unauthenticated'
      if (engine === undefined || !engine.id.equals(told.engineId)) return 'unauthenticated'
      return message.pdu === pduTags.response && message.requestId === message.id ? 'accepted' : 'malformed'
    },

    unanswered: () => void otherExtension(),

    reset() {
      engine = undefined
      known = undefined
    },

    engine() {
      if (engine === undefined) return known
      const at = now()
      return { id: engine.id.toString('hex'), boots: engine.boots, time: engine.time(at), at }
    },
  }
}
