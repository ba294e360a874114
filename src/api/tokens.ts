import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { StateDb } from '../platform/db/state-db.ts'
import { FaultlineError } from '../platform/errors.ts'
import { newId } from '../platform/id.ts'
import { type Role, roles } from './views/session-schemas.ts'

/** A token as it is listed: the token itself is shown once, when it is made. */
export interface ApiToken {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly createdAt: number
  readonly lastUsedAt?: number
  readonly revokedAt?: number
}

/** A token that may be used, with its stored hash. */
export interface KnownToken extends ApiToken {
  readonly hash: string
}

const prefix = 'flt_'
const pattern = /^flt_[A-Za-z0-9_-]{43}$/

/** Uses are noted at most so often, so that a busy caller costs no write a request. */
const noteEveryMs = 60_000

/** A token has 256 random bits, so one round of SHA-256 keeps it as safe as a slow hash would. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Whether a role may do what needs another: admin ⊃ noc ⊃ desk ⊃ readonly. */
export const mayActAs = (role: Role, needed: Role): boolean => roles.indexOf(role) <= roles.indexOf(needed)

/** Actors that are no tokens; a token of that name would blur who did what. */
const reserved = ['system', 'local', 'anyone', 'anonymous']

/**
 * Makes a token. It is returned here and never again.
 * @throws FaultlineError ARGUMENT_INVALID for a name that stands for someone else, or is not 1 to 64 printable characters.
 */
export async function createToken(
  db: StateDb,
  { name, role }: { readonly name: string; readonly role: Role },
  now: number,
): Promise<{ readonly id: string; readonly token: string }> {
  if (reserved.includes(name) || !/^[\p{L}\p{N}\p{P}\p{S} ]{1,64}$/u.test(name))
    throw new FaultlineError('ARGUMENT_INVALID', `a token cannot be named ${JSON.stringify(name)}`, {
      field: 'name',
    })
  const token = prefix + randomBytes(32).toString('base64url')
  const id = newId('tok', now)
  await db
    .insertInto('api_token')
    .values({ id, name, role, hash: hashOf(token), created_at: now, last_used_at: null, revoked_at: null })
    .execute()
  return { id, token }
}

/** @throws FaultlineError NOT_FOUND when there is no such token that is not revoked yet. */
export async function revokeToken(db: StateDb, id: string, now: number): Promise<void> {
  const result = await db
    .updateTable('api_token')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw new FaultlineError('NOT_FOUND', `There is no valid token ${id}.`)
}

export async function listTokens(db: StateDb): Promise<readonly ApiToken[]> {
  const rows = await db.selectFrom('api_token').selectAll().orderBy('created_at').execute()
  return rows.map(fromRow).flatMap((token) => {
    if (!token) return []
    const { hash: _, ...shown } = token
    return [shown]
  })
}

/** A revoked one counts too: revoking the last token must not open the API to whoever is on the machine. */
export async function anyToken(db: StateDb): Promise<boolean> {
  return (await db.selectFrom('api_token').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** The token that this text is; undefined when it is none, or was revoked. */
export async function findToken(db: StateDb, text: string, now: number): Promise<KnownToken | undefined> {
  if (!pattern.test(text)) return undefined
  const hash = hashOf(text)
  const row = await db.selectFrom('api_token').selectAll().where('hash', '=', hash).executeTakeFirst()
  const token = row && fromRow(row)
  if (!token || token.revokedAt !== undefined || !sameText(token.hash, hash)) return undefined
  if (now - (token.lastUsedAt ?? Number.NEGATIVE_INFINITY) >= noteEveryMs)
    await db.updateTable('api_token').set({ last_used_at: now }).where('id', '=', token.id).execute()
  return token
}

/** The token with that id, unless it was revoked. */
export async function validToken(db: StateDb, id: string): Promise<KnownToken | undefined> {
  const row = await db.selectFrom('api_token').selectAll().where('id', '=', id).executeTakeFirst()
  const token = row && fromRow(row)
  return token?.revokedAt === undefined ? token : undefined
}

/** Compares without telling by its time how much was right. */
export function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

function fromRow(row: {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly hash: string
  readonly created_at: number
  readonly last_used_at: number | null
  readonly revoked_at: number | null
}): KnownToken | undefined {
  const role = roles.find((known) => known === row.role)
  if (role === undefined) return undefined
  return {
    id: row.id,
    name: row.name,
    role,
    hash: row.hash,
    createdAt: row.created_at,
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  }
}
