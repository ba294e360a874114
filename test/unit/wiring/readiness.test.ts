import { describe, expect, it, onTestFinished } from 'vitest'
import { openStateDb } from '../../../src/platform/db/state-db.ts'
import { createReadiness, type ReadinessDeps } from '../../../src/wiring/readiness.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const spool = { bytes: 0, maxBytes: 1_000, segments: 1, inMemory: 0, dropping: false, damaged: 0 }

async function readinessWith(over: Partial<ReadinessDeps>) {
  const db = await openStateDb(':memory:')
  onTestFinished(() => db.destroy())
  const { state, checks } = await createReadiness({
    db,
    store: { kind: 'embedded', ping: async () => {} },
    preparation: { status: () => ({ prepared: true }) },
    queue: { status: () => ({ queued: 0, droppedTotal: 0, fillRatio: 0, healthy: true, spool }) },
    clock: new ManualClock(100_000),
    lastPollAt: () => 99_000,
    lastStepAt: () => 99_000,
    pollsExpectedWithinMs: 35_000,
    startedAt: 0,
    ...over,
  })()
  return [state, ...checks.filter(({ ok }) => !ok).map(({ name, text }) => `${name}: ${text}`)]
}

describe('readiness', () => {
  it.for([
    ['is there when all goes on', {}, ['ready']],
    [
      'is not there when polls stopped',
      { lastPollAt: () => 64_000 },
      ['notReady', 'polling: last poll 36 s ago'],
    ],
    [
      'is not there when nothing is judged or kept any more, although the state store answers',
      { lastStepAt: () => 60_000 },
      ['notReady', 'judging: last step 40 s ago'],
    ],
    [
      'waits a while for the first step',
      { startedAt: 90_000, lastStepAt: () => undefined, lastPollAt: () => undefined },
      ['ready'],
    ],
    [
      'is degraded while the sample store is away',
      {
        queue: {
          status: () => ({
            queued: 7,
            droppedTotal: 2,
            fillRatio: 0,
            healthy: false,
            lastError: 'refused',
            spool,
          }),
        },
      },
      ['degraded', 'sample queue: 7 waiting, 2 dropped; refused'],
    ],
    [
      'is degraded until the sample store was prepared, and tells why it is not',
      { preparation: { status: () => ({ prepared: false, remark: 'an administrator has to' }) } },
      ['degraded', 'sample store: not prepared yet: an administrator has to'],
    ],
    [
      'is there where the sample store works and differs from the configuration',
      { preparation: { status: () => ({ prepared: true, remark: 'keeps samples 30d' }) } },
      ['ready'],
    ],
  ] satisfies [string, Partial<ReadinessDeps>, string[]][])('%s', async ([, over, expected]) => {
    expect(await readinessWith(over)).toEqual(expected)
  })
})
