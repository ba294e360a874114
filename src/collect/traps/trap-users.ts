import { randomBytes } from 'node:crypto'
import type { AuthProtocol, PrivProtocol } from '../../model/target.ts'
import type { KeyExtension } from '../snmp/usm/engine-keys.ts'
import { decrypt, encrypt } from '../snmp/usm/privacy.ts'
import { BerReader, tags } from './ber-reader.ts'
import { field, objectId, unsigned } from './ber-writer.ts'
import { createEngineClocks, isTimely, ownEngine } from './engine-clock.ts'
import {
  answerPdu,
  type EngineTime,
  flags,
  readMessage,
  readScopedPdu,
  type UserMessage,
  userMessage,
} from './trap-message.ts'
import { createUsmKeys, digestLength, isAuthentic, sign, type UsmKeys } from './usm-keys.ts'

/** Who may send SNMPv3 traps and informs. Secrets: never logged, never served. */
export interface TrapUser {
  readonly name: string
  /** snmpEngineID of the sender; traps of other engines are then not from this user. Informs carry ours. */
  readonly engineId?: Buffer
  readonly auth?: { readonly protocol: AuthProtocol; readonly password: string }
  readonly priv?: { readonly protocol: PrivProtocol; readonly password: string }
}

/** Why a v3 message is not read. `discovery` is no fault: its sender asks for our engine id and clock. */
export type UserRefusal =
  | 'discovery'
  | 'unknown-user'
  | 'wrong-level'
  | 'wrong-digest'
  | 'undecryptable'
  | 'not-in-time-window'

export type Verdict =
  | {
      readonly outcome: 'read'
      readonly scoped: Buffer
      readonly authenticated: boolean
      /** Whose clock and key vouch for it; absent where they are ours, and for what nobody signed. */
      readonly signedBy?: EngineTime
      /** A message back, in the clear or encrypted as this one was. */
      answer(scoped: Buffer): Buffer
    }
  | { readonly outcome: UserRefusal; readonly report?: Buffer }

/** usmStats (RFC 3414 §5), without the instance. */
const stats: Readonly<Record<UserRefusal, string>> = {
  'wrong-level': '1.3.6.1.6.3.15.1.1.1',
  'not-in-time-window': '1.3.6.1.6.3.15.1.1.2',
  'unknown-user': '1.3.6.1.6.3.15.1.1.3',
  discovery: '1.3.6.1.6.3.15.1.1.4',
  'wrong-digest': '1.3.6.1.6.3.15.1.1.5',
  undecryptable: '1.3.6.1.6.3.15.1.1.6',
}

interface KnownUser extends TrapUser {
  readonly authKeys?: UsmKeys
  readonly privKeys?: UsmKeys
}

const withKeys = (user: TrapUser): KnownUser => {
  const { auth, priv } = user
  if (auth === undefined) return user
  return {
    ...user,
    authKeys: createUsmKeys(auth.protocol, auth.password),
    // The privacy key is made by the hash of authentication (RFC 3414 §8.1).
    ...(priv === undefined ? {} : { privKeys: createUsmKeys(auth.protocol, priv.password) }),
  }
}

const levelOf = ({ auth, priv }: TrapUser): number =>
  auth === undefined ? 0 : priv === undefined ? flags.authenticated : flags.authenticated | flags.encrypted

/**
 * The User-based Security Model for one who receives traps and informs (RFC 3414 §3.2). For a trap the sender's engine
 * is authoritative, for an inform ours, which its sender discovers first.
 */
export function createTrapUsers(users: readonly TrapUser[], engineId: Buffer) {
  const known = users.map(withKeys)
  const clocks = createEngineClocks()

  /** Those of that name for that engine, the ones made for it first. */
  function candidates({ user, engine }: UserMessage): readonly KnownUser[] {
    const forUs = engine.id.equals(engineId)
    const made = (one: KnownUser) => one.engineId?.equals(engine.id) ?? false
    return known
      .filter((one) => one.name === user && (forUs || one.engineId === undefined || made(one)))
      .toSorted((one, other) => Number(made(other)) - Number(made(one)))
  }

  function message(
    to: UserMessage,
    engine: EngineTime,
    scoped: Buffer,
    security: { readonly user?: KnownUser | undefined; readonly encrypted?: KeyExtension | undefined },
  ): Buffer {
    const { user, encrypted } = security
    const { auth, authKeys, priv, privKeys } = user ?? {}
    const key =
      encrypted === undefined || priv === undefined
        ? undefined
        : privKeys?.privKeyFor(engine.id, priv.protocol, encrypted)
    const salt = key === undefined ? Buffer.alloc(0) : randomBytes(8)
    const data = key === undefined ? scoped : encrypt(key, engine.boots, engine.seconds, salt, scoped)
    const bytes = userMessage({
      id: to.id,
      flags: (auth === undefined ? 0 : flags.authenticated) | (key === undefined ? 0 : flags.encrypted),
      engine,
      user: to.user,
      digestLength: auth === undefined ? 0 : digestLength(auth.protocol),
      salt,
      data,
    })
    if (auth !== undefined && authKeys !== undefined) {
      const made = readMessage(bytes)
      if (made.version === '3') sign(bytes, made.digest, auth.protocol, authKeys.keyFor(engine.id))
    }
    return bytes
  }

  /** Says what is wrong, to those who want to know. Only one that is out of time is told under our signature. */
  function refuse(to: UserMessage, outcome: UserRefusal, now: number, user?: KnownUser): Verdict {
    if (!to.reportable) return { outcome }
    const engine = ownEngine(engineId, now)
    const binding = field(
      tags.sequence,
      objectId(tags.oid, `${stats[outcome]}.0`),
      unsigned(tags.counter32, 1),
    )
    const scoped = field(
      tags.sequence,
      field(tags.octetString, engineId),
      field(tags.octetString),
      answerPdu(tags.report, requestIdOf(to), binding),
    )
    return { outcome, report: message(to, engine, scoped, { user }) }
  }

  function receive(from: UserMessage, now: number): Verdict {
    const forUs = from.engine.id.equals(engineId)
    // Who wants a report takes us for authoritative, and must know our engine.
    if (from.reportable && !forUs) return refuse(from, 'discovery', now)
    const named = candidates(from)
    if (named.length === 0) return refuse(from, 'unknown-user', now)
    const level = (from.authenticated ? flags.authenticated : 0) | (from.encrypted ? flags.encrypted : 0)
    // Less than what is configured would let anyone speak in that name; more cannot be checked.
    const fitting = named.filter((user) => levelOf(user) === level)
    if (fitting.length === 0) return refuse(from, 'wrong-level', now)
    const user = fitting.find((one) => isBy(one, from))
    if (user === undefined) return refuse(from, 'wrong-digest', now)
    user.authKeys?.remember(from.engine.id)
    if (from.authenticated) {
      const timely = forUs ? isTimely(from.engine, ownEngine(engineId, now)) : clocks.accept(from.engine, now)
      if (!timely) return refuse(from, 'not-in-time-window', now, user)
    }
    return read(from, user, now)
  }

  function read(from: UserMessage, user: KnownUser, now: number): Verdict {
    const { authenticated, engine } = from
    const trust = {
      authenticated,
      ...(authenticated && !engine.id.equals(engineId) ? { signedBy: engine } : {}),
    }
    const answer = (extension?: KeyExtension) => (scoped: Buffer) =>
      message(from, ownEngine(engineId, now), scoped, { user, encrypted: extension })
    if (!from.encrypted) return { outcome: 'read', scoped: from.data, ...trust, answer: answer() }
    const { priv, privKeys } = user
    if (priv !== undefined && privKeys !== undefined) {
      privKeys.remember(from.engine.id)
      for (const extension of keyExtensions(priv.protocol)) {
        const key = privKeys.privKeyFor(from.engine.id, priv.protocol, extension)
        const scoped = decrypt(key, from.engine.boots, from.engine.seconds, from.salt, from.data)
        if (scoped !== undefined && isScopedPdu(scoped))
          return { outcome: 'read', scoped, ...trust, answer: answer(extension) }
      }
    }
    return refuse(from, 'undecryptable', now)
  }

  return { receive }
}

/** Whether there are two ways at all: a hash may be long enough by itself. */
const keyExtensions = (protocol: PrivProtocol): readonly KeyExtension[] =>
  protocol === 'aes192' || protocol === 'aes256' ? ['blumenthal', 'reeder'] : ['blumenthal']

const isBy = ({ auth, authKeys }: KnownUser, { bytes, digest, engine }: UserMessage): boolean =>
  auth === undefined ||
  authKeys === undefined ||
  isAuthentic(bytes, digest, auth.protocol, authKeys.keyFor(engine.id))

function isScopedPdu(bytes: Buffer): boolean {
  try {
    readScopedPdu(bytes).pdu.field()
    return true
  } catch {
    return false
  }
}

/** A report repeats the request id where it can be read (RFC 3412 §7.1 step 3). */
function requestIdOf({ encrypted, data }: UserMessage): number {
  if (encrypted) return 0
  try {
    return new BerReader(data, readScopedPdu(data).pdu.field()).integer()
  } catch {
    return 0
  }
}
