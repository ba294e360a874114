import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openStateDb, type StateDb, type StateStore } from '../../src/platform/db/state-db.ts'
import { createReadiness } from '../../src/wiring/readiness.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { mountSmallDisk } from '../support/tmpfs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-kept-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = (db: StateDb, at: number) =>
  db
    .insertInto('audit')
    .values({ at, actor: 'ann', action: 'x', subject: 'y', details_json: randomBytes(4_000).toString('hex') })
    .execute()
const read = (db: StateDb) => db.selectFrom('audit').select('at').execute()

async function readiness(db: StateStore): Promise<readonly [string, string | undefined]> {
  const clock = new ManualClock()
  const spool = { bytes: 0, maxBytes: 1_000, segments: 1, inMemory: 0, dropping: false, damaged: 0 }
  const { state, checks } = await createReadiness({
    db,
    store: { kind: 'embedded', ping: async () => {} },
    preparation: { status: () => ({ prepared: true }) },
    queue: { status: () => ({ queued: 0, droppedTotal: 0, fillRatio: 0, healthy: true, spool }) },
    clock,
    lastPollAt: () => clock.now(),
    lastStepAt: () => clock.now(),
    pollsExpectedWithinMs: 60_000,
    startedAt: clock.now(),
  })()
  return [state, checks.find(({ ok }) => !ok)?.text]
}

const refused = {
  code: 'STATE_UNAVAILABLE',
  message: expect.stringContaining('(state.path) was removed, moved or replaced'),
}

describe('a state store whose file is taken away while it is open', () => {
  const path = () => join(folder, 'data', 'state.db')
  const open = async () => {
    const db = await openStateDb(path())
    onTestFinished(() => db.destroy())
    await write(db, 1)
    expect(await readiness(db)).toEqual(['ready', undefined])
    return db
  }

  it.each<[string, () => Promise<unknown>]>([
    ['removed', () => rm(join(folder, 'data'), { recursive: true })],
    ['moved', () => rename(join(folder, 'data'), join(folder, 'elsewhere'))],
    [
      'replaced by a copy',
      async () => {
        await copyFile(path(), `${path()}.copy`)
        await rename(`${path()}.copy`, path())
      },
    ],
  ])('takes no write any more when it is %s, and /readyz says why', async (_, takeAway) => {
    const db = await open()
    await takeAway()
    await expect(write(db, 2)).rejects.toMatchObject(refused)
    await expect(db.transaction().execute((tx) => write(tx, 2))).rejects.toMatchObject(refused)
    expect(await readiness(db)).toEqual([
      'notReady',
      expect.stringContaining('(state.path) was removed, moved or replaced'),
    ])
    // What is known can still be read, and what only reads goes on.
    expect(await db.transaction().execute((tx) => read(tx))).toEqual([{ at: 1 }])
  })

  it('keeps nothing of a transaction in the middle of which it happens', async () => {
    const db = await open()
    const work = db.transaction().execute(async (tx) => {
      await write(tx, 2)
      await rm(join(folder, 'data'), { recursive: true })
    })
    await expect(work).rejects.toMatchObject(refused)
    expect(await read(db)).toEqual([{ at: 1 }])
  })

  it('goes on when the file is back', async () => {
    const db = await open()
    await rename(join(folder, 'data'), join(folder, 'elsewhere'))
    await expect(write(db, 2)).rejects.toMatchObject(refused)
    await rename(join(folder, 'elsewhere'), join(folder, 'data'))
    await write(db, 3)
    expect(await readiness(db)).toEqual(['ready', undefined])
    expect(await read(db)).toEqual([{ at: 1 }, { at: 3 }])
  })
})

describe('a state store on a full disk', () => {
  it('is not ready from the first write that failed until one can be made again, and says so', async () => {
    await using disk = await mountSmallDisk(4_000_000)
    const db = await openStateDb(join(disk.path, 'state.db'))
    const ballast = join(disk.path, 'of-someone-else')
    expect(() => writeFileSync(ballast, Buffer.alloc(4_000_000))).toThrow('ENOSPC')
    let at = 0
    const fill = async () => {
      for (; at < 1_000; at++) await db.transaction().execute((tx) => write(tx, at))
    }
    await expect(fill()).rejects.toMatchObject({
      code: 'STATE_UNAVAILABLE',
      message: 'the state store cannot be used: database or disk is full',
    })
    // Reading a transaction's worth is no write that succeeded.
    await db.transaction().execute((tx) => read(tx))
    expect(await readiness(db)).toEqual(['notReady', 'cannot be written: database or disk is full'])
    await rm(ballast)
    expect(await readiness(db)).toEqual(['ready', undefined])
    await write(db, at)
    await db.destroy()
  })

  it('is ready as soon as a write succeeded, and leaves an open transaction alone', async () => {
    await using disk = await mountSmallDisk(4_000_000)
    const db = await openStateDb(join(disk.path, 'state.db'))
    const ballast = join(disk.path, 'of-someone-else')
    expect(() => writeFileSync(ballast, Buffer.alloc(4_000_000))).toThrow('ENOSPC')
    const fill = async () => {
      for (let at = 0; at < 1_000; at++) await write(db, at)
    }
    await expect(fill()).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' })
    await rm(ballast)
    await db.transaction().execute(async (tx) => {
      await write(tx, 2_000)
      expect(db.problem()).toBe('database or disk is full')
    })
    expect(db.problem()).toBeUndefined()
    await db.destroy()
  })
})
