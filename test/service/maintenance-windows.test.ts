import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { afterWindowEvent, foldWindow } from '../../src/incident/maintenance/fold-window.ts'
import { createWindowDesk } from '../../src/incident/maintenance/window-desk.ts'
import { createWindowStore } from '../../src/incident/maintenance/window-store.ts'
import type { WindowChange, WindowPlan } from '../../src/model/maintenance-window.ts'
import { openStateDb, type StateDb } from '../../src/platform/db/state-db.ts'
import { FaultlineError } from '../../src/platform/errors.ts'
import { ManualClock } from '../support/manual-clock.ts'

const child = resolve(import.meta.dirname, '../support/window-child.ts')
const hour = 3_600_000
const windows = createWindowStore()
let folder = ''
let path = ''
let db: StateDb
let clock: ManualClock
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windows-'))
  path = join(folder, 'state.db')
  db = await openStateDb(path)
  clock = new ManualClock('2026-03-28T00:00:00Z')
})
afterEach(async () => {
  await db.destroy()
  await rm(folder, { recursive: true })
})

let made = 0
const deskOn = (told: string[] = []) =>
  createWindowDesk({
    db,
    clock,
    windows,
    isElement: (id) => id !== 'nowhere',
    newWindowId: () => `mw-${String(++made).padStart(5, '0')}`,
    afterCommit: ({ id, version }, { type }) => told.push(`${id} ${version} ${type}`),
  })
const planFor = (over: Partial<WindowPlan> = {}): WindowPlan => ({
  title: 'work',
  elements: ['agg1'],
  includeDownstream: true,
  start: clock.now() + hour,
  durationMs: hour,
  timeZone: 'Europe/Berlin',
  ...over,
})

/** Each window is what its own log says, without a gap, and each row of a log has its row of audit. */
async function expectWhole(): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom('maintenance_window').select('id').execute()
  const versions = new Map<string, number>()
  for (const { id } of rows) {
    const log = await windows.events(db, id)
    expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1))
    expect(await windows.get(db, id)).toEqual(foldWindow(log))
    versions.set(id, log.length)
  }
  const count = (table: 'audit' | 'maintenance_window_event') =>
    db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
  expect((await count('audit')).n).toBe((await count('maintenance_window_event')).n)
  return versions
}

describe('the desk for maintenance windows', () => {
  it('stores a window with its log and who planned it, and tells of it once it is on disk', async () => {
    const told: string[] = []
    const { id } = await deskOn(told).plan(planFor(), 'li')
    await deskOn(told).change(id, { type: 'replan', plan: { title: 'more work' } }, 'wu', 1)
    expect(told).toEqual([`${id} 1 planned`, `${id} 2 replanned`])
    expect(await windows.get(db, id)).toMatchObject({ title: 'more work', createdBy: 'li', version: 2 })
    const rows = await db.selectFrom('audit').select(['actor', 'action', 'subject']).execute()
    expect(rows).toEqual([
      { actor: 'li', action: 'maintenance.plan', subject: id },
      { actor: 'wu', action: 'maintenance.replan', subject: id },
    ])
    await expectWhole()
  })

  it('takes the same external id with the same plan for the same window, also when that has begun or was changed', async () => {
    const told: string[] = []
    const desk = deskOn(told)
    const plan = planFor({
      externalId: 'CHG-7',
      elements: ['agg1', 'agg2'],
      recurrence: { rule: 'FREQ=DAILY;COUNT=3', exclude: [] },
    })
    const asked = await Promise.all(['li', 'wu'].map((actor) => desk.plan(plan, actor)))
    const [first] = asked
    expect(asked.map(({ id, created }) => [id, created]).toSorted()).toEqual([
      [first?.id, false],
      [first?.id, true],
    ])
    await desk.change(first?.id ?? '', { type: 'replan', plan: { title: 'more work' } }, 'wu')
    await clock.advance(90 * 60_000)
    const again = await desk.plan({ ...plan, elements: ['agg2', 'agg1'] }, 'li')
    expect(again).toMatchObject({ id: first?.id, title: 'more work', version: 2, created: false })
    expect(told).toHaveLength(2)
    await expectWhole()
  })

  it('refuses the same external id for another plan, and keeps nothing of it', async () => {
    const desk = deskOn()
    const { id } = await desk.plan(planFor({ externalId: 'CHG-7' }), 'li')
    const others: readonly Partial<WindowPlan>[] = [
      { title: 'other work' },
      { description: 'of another kind' },
      { durationMs: 2 * hour },
      { elements: ['agg2'] },
      { recurrence: { rule: 'FREQ=DAILY', exclude: [] } },
    ]
    for (const other of others)
      await expect(desk.plan(planFor({ externalId: 'CHG-7', ...other }), 'li')).rejects.toMatchObject({
        code: 'CONFLICT',
        details: { window: id },
      })
    expect([...(await expectWhole()).values()]).toEqual([1])
    expect((await desk.plan(planFor({ externalId: 'CHG-8' }), 'li')).created).toBe(true)
    expect((await desk.plan(planFor(), 'li')).created).toBe(true)
    expect((await desk.plan(planFor(), 'li')).created).toBe(true)
  })

  it('lets one of two win who saw the same version', async () => {
    const { id } = await deskOn().plan(planFor(), 'li')
    const outcomes = await Promise.allSettled(
      ['a', 'b'].map((title) => deskOn().change(id, { type: 'replan', plan: { title } }, title, 1)),
    )
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expectWhole()
  })

  it('says so when a row is damaged, and when a log has no beginning', async () => {
    const { id } = await deskOn().plan(planFor(), 'li')
    await db.updateTable('maintenance_window').set({ window_json: '{' }).execute()
    await expect(windows.get(db, id)).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' })
    const cancelled = { type: 'cancelled', window: 'x', sequence: 1, at: 0, actor: 'li' } as const
    expect(() => afterWindowEvent(undefined, cancelled)).toThrow('begins with cancelled')
    expect(() => foldWindow([])).toThrow('without a log')
  })

  it('keeps what was, whatever is asked of it and in whatever order', async () => {
    const rule = fc.constantFrom('FREQ=DAILY', 'FREQ=DAILY;COUNT=3', 'FREQ=WEEKLY')
    const change: fc.Arbitrary<WindowChange> = fc.oneof(
      fc.record({
        type: fc.constant('replan' as const),
        plan: fc.record(
          {
            title: fc.constantFrom('a', 'b'),
            description: fc.constantFrom(null, 'words'),
            elements: fc.constantFrom(['agg1'], ['agg2', 'acc1'], ['nowhere']),
            includeDownstream: fc.boolean(),
            durationMs: fc.constantFrom(hour, 2 * hour, 26 * hour),
            recurrence: fc.oneof(
              fc.constant(null),
              rule.map((text) => ({ rule: text, exclude: [] })),
            ),
          },
          { requiredKeys: [] },
        ),
      }),
      fc.record({
        type: fc.constant('moveEnd' as const),
        endsAt: fc.oneof(fc.constant('now' as const), fc.integer({ min: -1, max: 30 })),
      }),
      fc.constant({ type: 'cancel' as const }),
    )
    const act = fc.oneof(
      fc.record({ change, stale: fc.boolean() }),
      fc.record({ passMs: fc.constantFrom(hour / 2, hour, 12 * hour, -hour / 4) }),
    )
    await fc.assert(
      fc.asyncProperty(rule, fc.array(act, { maxLength: 12 }), async (text, acts) => {
        const desk = deskOn()
        const { id } = await desk.plan(planFor({ recurrence: { rule: text, exclude: [] } }), 'li')
        let last = await windows.get(db, id)
        for (const one of acts) {
          if ('passMs' in one) {
            await clock.advance(one.passMs)
            continue
          }
          const given = one.change
          const wanted: WindowChange =
            given.type === 'moveEnd' && given.endsAt !== 'now'
              ? { ...given, endsAt: clock.now() + given.endsAt * hour }
              : given
          const seen = (last?.version ?? 0) - Number(one.stale)
          const outcome = await desk.change(id, wanted, 'li', seen).catch((error: unknown) => error)
          const now = await windows.get(db, id)
          if (outcome instanceof FaultlineError) expect(now).toEqual(last)
          else expect(now).toEqual(outcome)
          if (one.stale) expect(outcome).toMatchObject({ code: 'PRECONDITION_FAILED' })
          // What has begun stands.
          if (last && now && last.start <= clock.now())
            expect([now.elements, now.start, now.durationMs]).toEqual([
              last.elements,
              last.start,
              last.durationMs,
            ])
          last = now
        }
      }),
      { numRuns: 40 },
    )
    await expectWhole()
  })
})

describe('the store of maintenance windows', () => {
  it('gives those that are under way or yet to come, and pages of all', async () => {
    const desk = deskOn()
    const once = await desk.plan(planFor(), 'li')
    const daily = await desk.plan(planFor({ recurrence: { rule: 'FREQ=DAILY', exclude: [] } }), 'li')
    const twice = await desk.plan(planFor({ recurrence: { rule: 'FREQ=DAILY;COUNT=2', exclude: [] } }), 'li')
    const ids = async (now: number) => (await windows.current(db, now)).map(({ id }) => id)
    const end = once.start + once.durationMs
    expect(await ids(end - 1)).toEqual([once.id, daily.id, twice.id])
    expect(await ids(end)).toEqual([daily.id, twice.id])
    expect(await ids(end + 26 * hour)).toEqual([daily.id])
    const list = (state: 'current' | 'over' | undefined) =>
      windows.list(db, { now: end, limit: 2, ...(state ? { state } : {}) })
    expect((await list(undefined)).items).toHaveLength(2)
    expect((await list('over')).items.map(({ id }) => id)).toEqual([once.id])
    expect((await list('current')).items.map(({ id }) => id)).toEqual([twice.id, daily.id])
    await expect(windows.list(db, { now: 0, limit: 2, cursor: 'x' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })

  it('that is killed at any moment has each window whole, or not at all', async () => {
    await db.destroy()
    const promised = new Map<string, number>()
    for (let round = 0; round < 4; round++) {
      const running = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', child, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(running, 'exit')
      let lines = 0
      const enough = 5 + round * 7
      for await (const line of createInterface({ input: running.stdout })) {
        const [id = '', version = ''] = line.split(' ')
        promised.set(id, Number(version))
        if (++lines === enough) running.kill('SIGKILL')
      }
      await exited
    }
    db = await openStateDb(path)
    const found = await expectWhole()
    for (const [id, version] of promised) expect(found.get(id)).toBeGreaterThanOrEqual(version)
    expect(promised.size).toBeGreaterThan(10)
  })
})
