import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startDemoNetwork } from '../../src/demo/start-demo.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openStateDb, type StateDb } from '../../src/platform/db/state-db.ts'
import { lockState } from '../../src/platform/db/state-lock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { startDaemonProcess } from '../support/daemon-process.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-state-'))
  path = join(folder, 'state.db')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function opened(): Promise<StateDb> {
  const db = await openStateDb(path)
  onTestFinished(() => db.destroy())
  return db
}

const row = { actor: 'ann', action: 'x', subject: 'y', details_json: JSON.stringify('z'.repeat(2_000)) }
const write = (db: StateDb, at: number) =>
  db
    .insertInto('audit')
    .values({ ...row, at })
    .execute()
const count = async (db: StateDb) => (await db.selectFrom('audit').select('id').execute()).length

describe('the state store', () => {
  it('can be read by us alone, with its log and its lock', async () => {
    const db = await opened()
    await write(db, 1)
    onTestFinished(lockState(path))
    for (const file of ['state.db', 'state.db-wal', 'state.db.lock'])
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
  })

  it('says so when the disk is full, loses nothing that it took, and goes on when there is room', async () => {
    const db = await opened()
    const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(db)
    await sql`PRAGMA max_page_count=${sql.raw(String((rows[0]?.page_count ?? 0) + 20))}`.execute(db)
    let taken = 0
    const full = async () => {
      for (; taken < 1_000; taken++) await db.transaction().execute((tx) => write(tx, taken))
    }
    await expect(full()).rejects.toMatchObject({
      code: 'STATE_UNAVAILABLE',
      message: 'the state store cannot be used: database or disk is full',
    })
    expect(taken).toBeGreaterThan(5)
    expect(await count(db)).toBe(taken)
    await sql`PRAGMA max_page_count=10000`.execute(db)
    await write(db, 0)
    expect(await count(db)).toBe(taken + 1)
  })

  it('says so when it may not be written', async () => {
    const db = await opened()
    await sql`PRAGMA query_only=1`.execute(db)
    await expect(write(db, 1)).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' })
    expect(await count(db)).toBe(0)
  })

  it.for([
    ['is no database', 0],
    ['is damaged in the middle', 4_096],
  ] as const)('is refused when it %s', async ([, from]) => {
    const db = await openStateDb(path)
    await db.destroy()
    const file = await open(path, 'r+')
    for (let at = from; at < (await file.stat()).size; at += 4_096)
      await file.write('garbage!'.repeat(400), at)
    await file.close()
    await expect(openStateDb(path)).rejects.toMatchObject({
      code: 'STATE_UNAVAILABLE',
      message: expect.stringMatching(/could not be opened: (file is not a database|.* malformed)/),
    })
  })

  it('calls a mistake in a statement a mistake, and not a failure of the store', async () => {
    const db = await opened()
    await expect(sql`select 1 from nowhere`.execute(db)).rejects.toThrow(/^no such table: nowhere$/)
  })
})

describe('the lock of a state store', () => {
  it('is had once, and again when it was let go', () => {
    const release = lockState(path)
    expect(() => lockState(path)).toThrow(`another Faultline is running on the state store at ${path}`)
    release()
    lockState(path)()
  })

  it('keeps a second daemon away, and ends with a first that is killed', async () => {
    const config = join(folder, 'faultline.yaml')
    await writeFile(
      config,
      'server: { listen: 127.0.0.1:0 }\nstate: { path: state.db }\nelements: [{ id: cabinet }]\n',
    )
    const main = resolve(import.meta.dirname, '../../src/main.ts')
    const start = () => startDaemonProcess(process.execPath, [main, 'run', '--config', config])
    await using first = await start()
    await expect(start()).rejects.toThrow(/the daemon ended with 1:[\s\S]*another Faultline is running/)
    expect(await first.get('/healthz')).toMatchObject({ status: 'ok' })
    await first.end('SIGKILL')
    await using second = await start()
    expect(await second.get('/healthz')).toMatchObject({ status: 'ok' })
  })

  it('keeps a second demo from removing the files of the first', async () => {
    await writeFile(path, 'in use')
    onTestFinished(lockState(path))
    const log = createLogger('silent')
    await expect(startDemoNetwork({ clock: systemClock, log, directory: folder })).rejects.toMatchObject({
      code: 'STATE_UNAVAILABLE',
    })
    expect((await stat(path)).size).toBe(6)
  })
})
