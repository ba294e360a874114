import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAlarmStore } from '../../src/incident/alarm-store.ts'
import { createWindowStore } from '../../src/incident/maintenance/window-store.ts'
import { migrations } from '../../src/platform/db/migrations.ts'
import { nodeSqliteDialect } from '../../src/platform/db/sqlite-dialect.ts'
import { openStateDb, type StateDb } from '../../src/platform/db/state-db.ts'
import { windowOf } from '../support/window-of.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migration-'))
  path = join(folder, 'state.db')
})
afterEach(() => rm(folder, { recursive: true }))

/** A file as an older version left it: with the migrations up to that one. */
async function olderFile(last: string, fill: (db: Kysely<unknown>) => Promise<void>): Promise<void> {
  const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(path).dialect })
  const known = Object.entries(migrations).filter(([name]) => name <= last)
  const provider = { getMigrations: () => Promise.resolve(Object.fromEntries(known)) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error) throw error
  await fill(db)
  await db.destroy()
}

/** Without what changes from run to run, a table or an index is its SQL. */
const shapeOf = async (db: StateDb) =>
  (
    await sql<{ name: string; sql: string | null }>`
      select name, sql from sqlite_master where name not like 'sqlite_%' order by name`.execute(db)
  ).rows

describe('the state store of an older version', () => {
  it.for(Object.keys(migrations))('of %s becomes what a new one is', async (last) => {
    await olderFile(last, async () => {})
    const [older, fresh] = [await openStateDb(path), await openStateDb(join(folder, 'new.db'))]
    const [now, expected] = [await shapeOf(older), await shapeOf(fresh)]
    await Promise.all([older.destroy(), fresh.destroy()])
    expect(now).toEqual(expected)
    expect(now.map(({ name }) => name)).toContain('maintenance_window_external')
  })

  it('keeps its maintenance windows, which have no external id, and takes some that have', async () => {
    const window = windowOf('mw-1')
    await olderFile('0004-maintenance-windows', async (db) => {
      for (const id of ['mw-1', 'mw-2'])
        await sql`insert into maintenance_window (id, created_at, over_at, version, updated_at, window_json)
          values (${id}, 0, 50400000, 1, 0, ${JSON.stringify({ ...window, id })})`.execute(db)
    })
    const db = await openStateDb(path)
    const windows = createWindowStore()
    expect(await windows.get(db, 'mw-1')).toEqual(window)
    expect((await windows.current(db, 1)).map(({ id }) => id)).toEqual(['mw-1', 'mw-2'])
    const named = windowOf('mw-3', { externalId: 'CHG-7' })
    const { id, title, ...plan } = named
    await db.transaction().execute((tx) =>
      windows.append(tx, {
        window: named,
        event: { type: 'planned', plan: { ...plan, title }, window: id, sequence: 1, at: 0, actor: 'li' },
      }),
    )
    expect(await windows.byExternalId(db, 'CHG-7')).toEqual(named)
    await expect(
      db
        .insertInto('maintenance_window')
        .values({ ...rowOf('mw-4'), external_id: 'CHG-7' })
        .execute(),
    ).rejects.toThrow('UNIQUE')
    await db.destroy()
  })

  it('keeps its alarms, of which those before the third had no phase', async () => {
    const alarm = {
      ...{
        id: 'a-1',
        resource: { kind: 'element', element: 'acc1' },
        type: 'unreachable',
        severity: 'critical',
      },
      ...{ eventType: 'communicationsAlarm', probableCause: 'unavailable', state: 'active' },
      ...{ onsetAt: 1, raisedAt: 2, indeterminate: false, rule: 'unreachable', text: 'acc1 does not answer' },
    }
    await olderFile('0002-agent-memory', async (db) => {
      await sql`insert into alarm (id, key, element, type, severity, state, onset_at, raised_at, alarm_json)
        values ('a-1', 'unreachable:acc1', 'acc1', 'unreachable', 'critical', 'active', 1, 2, ${JSON.stringify(alarm)})`.execute(
        db,
      )
    })
    const db = await openStateDb(path)
    const alarms = createAlarmStore()
    expect(await alarms.active(db)).toEqual([alarm])
    const page = await alarms.list(db, { limit: 9, phase: 'raised' })
    expect(page.items).toMatchObject([{ id: 'a-1', version: 0 }])
    await db.destroy()
  })
})

const rowOf = (id: string) => ({
  id,
  created_at: 0,
  over_at: null,
  version: 1,
  updated_at: 0,
  window_json: JSON.stringify(windowOf(id)),
})
