import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { housekeeping } from '../../src/jobs/housekeeping.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { fillState, loose, oldBefore, type StoredThings, whatIsLeft } from '../support/old-state.ts'

const child = resolve(import.meta.dirname, '../support/retention-child.ts')
let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retention-'))
  path = join(folder, 'state.db')
})
afterEach(() => rm(folder, { recursive: true }))

const closed = { isOld: true, isClosed: true, messages: 9 }
const cleared = { isOld: true, isActive: false, isShelved: false }
/** Ten groups of two incidents and two reports; the last is tied to an incident that is open. */
const things: StoredThings = {
  incidents: [
    ...Array.from({ length: 10 }, (_, index) => [
      { ...closed, alarms: [3 * index, 3 * index + 1] },
      { ...closed, alarms: [3 * index + 2], absorbed: 2 * index, coveredBy: 2 * index },
    ]).flat(),
    { isOld: false, isClosed: false, messages: 1, alarms: [0, 30] },
  ],
  reports: [
    ...Array.from({ length: 20 }, (_, index) => ({ isOld: true, status: 'closed', matches: [index] })),
    { isOld: true, status: 'resolved', matches: [19, 20] },
  ],
  alarms: [
    ...Array.from({ length: 30 }, () => cleared),
    { isOld: false, isActive: true, isShelved: false },
    cleared,
  ],
}
const kept = {
  incidents: ['i-18', 'i-19', 'i-20'],
  reports: ['r-18', 'r-19', 'r-20'],
  alarms: ['a-0', 'a-27', 'a-28', 'a-29', 'a-30'],
}

async function stored() {
  const db = await openStateDb(path)
  return Object.assign(db, { [Symbol.asyncDispose]: () => db.destroy() })
}

/** Runs it until so many slices were removed, then kills it with SIGKILL, wherever it is. True: it had come to its end. */
async function runUntil(slices: number): Promise<boolean> {
  const running = spawn(process.execPath, [child, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(running, 'close')
  let seen = 0
  let isDone = false
  for await (const line of createInterface({ input: running.stdout })) {
    if (line === 'done') isDone = true
    if (line === 'done' || ++seen >= slices) running.kill('SIGKILL')
  }
  await exited
  return isDone
}

describe('removing old state, when the power is cut', () => {
  it('leaves no reference to what is gone and no half log, and goes on the next time', {
    timeout: 60_000,
  }, async () => {
    {
      await using db = await stored()
      await fillState(db, things)
    }
    let cuts = 0
    for (let slices = 2; !(await runUntil(slices)); slices += 1) {
      await using db = await stored()
      expect(await loose(db)).toEqual([])
      expect(await whatIsLeft(db)).toMatchObject({
        incidents: expect.arrayContaining(kept.incidents),
        reports: expect.arrayContaining(kept.reports),
        alarms: expect.arrayContaining(kept.alarms),
      })
      cuts++
    }
    expect(cuts).toBeGreaterThan(5)
    await using db = await stored()
    expect(await loose(db)).toEqual([])
    expect(await whatIsLeft(db)).toMatchObject(kept)
  })
})

describe('housekeeping', () => {
  it('removes what is over for longer than it is kept', async () => {
    await using db = await stored()
    await fillState(db, things)
    const now = oldBefore + 86_400_000
    const clock = { ...systemClock, now: () => now }
    const log = createLogger('silent')
    const { signal } = new AbortController()
    await housekeeping({ db, clock, log, retentionMs: now, signal })
    expect((await whatIsLeft(db)).incidents).toHaveLength(21)
    await housekeeping({ db, clock, log, retentionMs: 86_400_000, signal })
    expect(await whatIsLeft(db)).toMatchObject(kept)
  })
})
