import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import type { SampleQueueHealth, SpoolStatus } from '../../src/store/sample-queue.ts'
import { createReadiness, type ReadinessDeps } from '../../src/wiring/readiness.ts'
import { ManualClock } from '../support/manual-clock.ts'

describe('the spool in /readyz', () => {
  let folder: string
  let db: ReadinessDeps['db']
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-ready-'))
    db = await openStateDb(join(folder, 'state.db'))
  })
  afterAll(async () => {
    await db.destroy()
    await rm(folder, { recursive: true })
  })

  const fine: SpoolStatus = {
    bytes: 2 ** 20,
    maxBytes: 2 ** 30,
    segments: 3,
    inMemory: 12,
    dropping: false,
    damaged: 0,
    freeBytes: 2 ** 30,
  }
  async function readiness(spool: Partial<SpoolStatus>, health: Partial<SampleQueueHealth> = {}) {
    const clock = new ManualClock()
    const store: ReadinessDeps['store'] = { kind: 'embedded', ping: async () => {} }
    const held = { ...fine, ...spool }
    const fillRatio = held.bytes / held.maxBytes
    const status = { queued: 12, droppedTotal: 0, fillRatio, healthy: true, spool: held, ...health }
    const ready = createReadiness({
      db,
      store,
      preparation: { status: () => ({ prepared: true }) },
      queue: { status: () => status },
      clock,
      lastPollAt: () => clock.now(),
      lastStepAt: () => clock.now(),
      pollsExpectedWithinMs: 60_000,
      startedAt: clock.now(),
    })
    const { state, checks } = await ready()
    return { state, check: checks.find(({ name }) => name === 'spool') }
  }

  it('is well while it is written and has room', async () => {
    const check = { name: 'spool', ok: true, text: '1 MiB of 1024 MiB in 3 segments' }
    expect(await readiness({})).toEqual({ state: 'ready', check })
  })

  it.each<[string, Partial<SpoolStatus>, Partial<SampleQueueHealth>, string]>([
    ['is nearly full', { bytes: 0.85 * 2 ** 30 }, {}, '870 MiB of 1024 MiB'],
    [
      'lost files',
      { fault: 'segments were removed, moved or replaced, 7 samples lost' },
      {},
      '7 samples lost',
    ],
    ['drops samples', { dropping: true }, {}, 'dropping the oldest samples'],
    ['has little room on its disk', { freeBytes: 3 * 2 ** 20 }, {}, 'only 3 MiB free on its disk'],
    [
      'cannot be written',
      {},
      { diskProblem: 'ENOSPC: no space left' },
      'ENOSPC: no space left; 12 samples in memory only',
    ],
  ])('makes us degraded when it %s, and says so', async (_, spool, health, text) => {
    const { state, check } = await readiness(spool, health)
    expect(state).toBe('degraded')
    expect(check).toMatchObject({ ok: false, text: expect.stringContaining(text) })
  })
})
