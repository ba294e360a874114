import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anyToken, createToken, findToken, listTokens, revokeToken } from '../../src/api/tokens.ts'
import { openStateDb, type StateDb } from '../../src/platform/db/state-db.ts'

let db: StateDb
beforeEach(async () => {
  db = await openStateDb(':memory:')
})
afterEach(() => db.destroy())

describe('API tokens', () => {
  it('are shown once, and listed without what they are', async () => {
    const { id, token } = await createToken(db, { name: 'night shift', role: 'noc' }, 1_000)
    expect(token).toMatch(/^flt_[A-Za-z0-9_-]{43}$/)
    expect(await listTokens(db)).toEqual([{ id, name: 'night shift', role: 'noc', createdAt: 1_000 }])
    expect(await findToken(db, token, 2_000)).toMatchObject({ id, role: 'noc' })
    expect((await listTokens(db))[0]?.lastUsedAt).toBe(2_000)
  })

  it('note a use once a minute at most', async () => {
    const { token } = await createToken(db, { name: 'a', role: 'desk' }, 0)
    for (const now of [100_000, 159_999, 160_000]) await findToken(db, token, now)
    expect((await listTokens(db))[0]?.lastUsedAt).toBe(160_000)
    await findToken(db, token, 219_999)
    expect((await listTokens(db))[0]?.lastUsedAt).toBe(160_000)
  })

  it('are good until they are revoked, which is done once', async () => {
    const { id, token } = await createToken(db, { name: 'a', role: 'desk' }, 0)
    await revokeToken(db, id, 5)
    expect(await findToken(db, token, 6)).toBeUndefined()
    expect(await anyToken(db)).toBe(true)
    await expect(revokeToken(db, id, 7)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('of a role that is not known are good for nothing', async () => {
    const { token } = await createToken(db, { name: 'a', role: 'desk' }, 0)
    await db.updateTable('api_token').set({ role: 'root' }).execute()
    expect(await findToken(db, token, 1)).toBeUndefined()
  })

  it.for(['system', 'local', '', 'a\nb', 'x'.repeat(65)])('cannot be named %j', async (name) => {
    await expect(createToken(db, { name, role: 'admin' }, 0)).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    })
  })
})
