import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ElementState } from '../../../src/model/network-state.ts'
import type { Channel, Delivery } from '../../../src/notify/channel.ts'
import { openStateDb } from '../../../src/platform/db/state-db.ts'
import { createMetrics } from '../../../src/platform/metrics.ts'
import type { SampleQueueStatus } from '../../../src/store/sample-queue.ts'
import { createSystemStatus } from '../../../src/wiring/system-status.ts'
import { watchChannels } from '../../../src/wiring/watched-channels.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const quiet: SampleQueueStatus = {
  queued: 0,
  droppedTotal: 0,
  fillRatio: 0.1,
  healthy: true,
  spool: { bytes: 100, maxBytes: 1_000, segments: 1, inMemory: 0, dropping: false, damaged: 0 },
}

async function statusBench() {
  const db = await openStateDb(':memory:')
  onTestFinished(() => db.destroy())
  const clock = new ManualClock()
  const started = clock.now()
  const metrics = createMetrics()
  let skewMs = 0
  let isMeasured = true
  let status = quiet
  const elements = new Map<string, ElementState>()
  const look = createSystemStatus({
    db,
    clock,
    elapsedMs: () => clock.now() - started - skewMs,
    metrics,
    network: () => ({ elements, portsDown: new Map() }),
    queue: { status: () => status },
    channels: { status: () => [] },
    isMeasured: () => isMeasured,
  })
  return {
    measured: (now: boolean) => {
      isMeasured = now
    },
    db,
    clock,
    metrics,
    elements,
    look,
    queue: (over: Partial<SampleQueueStatus>) => {
      status = { ...status, ...over }
    },
    /** The clock of the system is set, and no time passes. */
    jump: async (ms: number) => {
      await clock.advance(ms)
      skewMs += ms
    },
  }
}

describe('a look at ourselves', () => {
  it('tells what this host cannot send to, once it has tried again', async () => {
    const { elements, look } = await statusBench()
    const state = { reach: 'answering', since: 0, agentSilent: false } as const
    for (const id of ['c', 'b', 'a']) elements.set(id, state)
    elements.set('b', { ...state, unsent: { since: 1, isConfirmed: false } })
    expect((await look()).polling).not.toHaveProperty('unsent')
    for (const id of ['b', 'a'])
      elements.set(id, { ...state, unsent: { since: 1, isConfirmed: true, problem: 'no route' } })
    expect((await look()).polling.unsent).toEqual({ elements: ['a', 'b'], polled: 3, problem: 'no route' })
  })

  it('tells the polls of the last minute, and no older ones', async () => {
    const { clock, metrics, look } = await statusBench()
    await look()
    metrics.polls.inc({ probe: 'icmp', outcome: 'answered' }, 90)
    metrics.pollOverruns.inc({ probe: 'icmp' }, 10)
    await clock.advance(5_000)
    expect((await look()).polling).toEqual({ polls: 90, skipped: 10, restarts: 0 })
    await clock.advance(55_000)
    expect((await look()).polling).toEqual({ polls: 90, skipped: 10, restarts: 0 })
    await clock.advance(5_000)
    expect((await look()).polling).toEqual({ polls: 0, skipped: 0, restarts: 0 })
  })

  it('tells a restart of the polling thread once', async () => {
    const { metrics, look } = await statusBench()
    metrics.pollerRestarts.inc()
    expect((await look()).polling.restarts).toBe(1)
    expect((await look()).polling.restarts).toBe(0)
  })

  it('tells since when the store is away, and nothing before it was tried', async () => {
    const { clock, look, queue } = await statusBench()
    expect((await look()).store).toEqual({})
    queue({ healthy: false, lastError: 'ECONNREFUSED' })
    await look()
    await clock.advance(90_000)
    expect((await look()).store).toEqual({ awayMs: 90_000, problem: 'ECONNREFUSED' })
    queue({ healthy: true, lastWriteAt: clock.now() })
    expect((await look()).store).toEqual({ awayMs: 0 })
  })

  it('tells how full the spool is, and why the disk cannot be written', async () => {
    const { look, queue } = await statusBench()
    expect((await look()).spool).toEqual({ fillRatio: 0.1, dropping: false })
    queue({ fillRatio: 1, diskProblem: 'ENOSPC', spool: { ...quiet.spool, bytes: 1_000, dropping: true } })
    expect((await look()).spool).toEqual({ fillRatio: 1, dropping: true, problem: 'ENOSPC' })
    queue({ fillRatio: 0, spool: { ...quiet.spool, fault: 'a segment is damaged' } })
    expect((await look()).spool).toMatchObject({ problem: 'ENOSPC' })
  })

  it('tells what befell the files of a spool that can be written', async () => {
    const { look, queue } = await statusBench()
    queue({ spool: { ...quiet.spool, fault: 'a segment is damaged' } })
    expect((await look()).spool).toMatchObject({ problem: 'a segment is damaged' })
  })

  it('tells why the state store keeps nothing, until a write can be made', async () => {
    const { db, look } = await statusBench()
    expect((await look()).state).toEqual({})
    await sql`PRAGMA query_only=1`.execute(db)
    const write = db
      .insertInto('audit')
      .values({ at: 1, actor: 'a', action: 'x', subject: 'y', details_json: '{}' })
    await expect(write.execute()).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' })
    expect((await look()).state).toEqual({ problem: 'attempt to write a readonly database' })
    await sql`PRAGMA query_only=0`.execute(db)
    expect((await look()).state).toEqual({})
  })

  it('tells by how much the clock was set', async () => {
    const { clock, look, jump } = await statusBench()
    await look()
    await clock.advance(5_000)
    expect((await look()).clockJumpMs).toBe(0)
    await clock.advance(5_000)
    await jump(60_000)
    expect((await look()).clockJumpMs).toBe(60_000)
    await clock.advance(5_000)
    expect((await look()).clockJumpMs).toBe(0)
  })

  it('counts outage messages that are overdue, but not while we are cut off and send none on purpose', async () => {
    const { db, clock, look, measured } = await statusBench()
    const incident = (id: string, kind: string, restoredAt?: number) =>
      db
        .insertInto('incident')
        .values({
          id,
          kind,
          state: 'open',
          severity: 'major',
          onset_at: 0,
          updated_at: 0,
          version: 1,
          incident_json: JSON.stringify({
            id,
            kind,
            state: 'open',
            restoredAt,
            roots: [],
            shadowed: [],
            alarms: [],
          }),
        })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet((set) => ({ incident_json: set.ref('excluded.incident_json') })),
        )
        .execute()
    await incident('i-1', 'outage')
    const row = (id: string, kind: string, dueAt: number) =>
      db
        .insertInto('notification')
        .values({
          id,
          incident: 'i-1',
          customer: id,
          kind,
          state: 'queued',
          due_at: dueAt,
          attempts: 0,
          queued_at: 0,
          updated_at: 0,
          services_json: '[]',
          facts_json: '{}',
        })
        .execute()
    const now = clock.now()
    await row('n-1', 'outage', now - 300_000)
    await row('n-2', 'outage', now - 60_000)
    await row('n-3', 'outage', now + 60_000)
    await row('n-4', 'restored', now - 900_000)
    expect((await look()).messages).toEqual({ overdue: 2, longestMs: 300_000 })
    await incident('i-2', 'blind')
    expect((await look()).messages).toEqual({ overdue: 0, longestMs: 0 })
    // What waited for that is late from then on.
    await incident('i-2', 'blind', now - 100_000)
    expect((await look()).messages).toEqual({ overdue: 2, longestMs: 100_000 })
    // Nothing of it is measured: they wait on purpose, and are late from when something is.
    measured(false)
    expect((await look()).messages).toEqual({ overdue: 0, longestMs: 0 })
    measured(true)
    await clock.advance(5_000)
    expect((await look()).messages).toEqual({ overdue: 2, longestMs: 5_000 })
    await clock.advance(5_000)
    expect((await look()).messages).toEqual({ overdue: 2, longestMs: 10_000 })
  })
})

describe('a channel that is watched', () => {
  const message = {
    id: 'm',
    to: 'x',
    recipientName: 'x',
    language: 'en',
    subject: '',
    text: '',
    html: '',
  } as const
  const clock = new ManualClock(1_000)
  const failed = (reason: 'unreachable' | 'rejected'): Delivery => ({
    outcome: 'failed',
    retry: true,
    reason,
    explanation: 'to wang@example.net',
  })
  async function after(...deliveries: readonly (Delivery | Error)[]) {
    const rest = [...deliveries]
    const channel: Channel = {
      name: 'email',
      deliver: async () => {
        const next = rest.shift()
        if (next instanceof Error || next === undefined) throw next
        return next
      },
      close: async () => {},
    }
    const { channels, status } = watchChannels(new Map([['email', channel]]), clock)
    const since = clock.now()
    for (const _ of deliveries) {
      await channels
        .get('email')
        ?.deliver(message, AbortSignal.timeout(1_000))
        .catch(() => {})
      await clock.advance(60_000)
    }
    return status(since + 600_000)
  }

  it.for<readonly [string, readonly (Delivery | Error)[], object]>([
    ['nothing before it was tried', [], { name: 'email' }],
    ['well', [{ outcome: 'sent' }], { name: 'email', failingMs: 0 }],
    [
      'failing since the first of its failures, without the address',
      [{ outcome: 'sent' }, failed('unreachable'), new Error('to wang@example.net')],
      { name: 'email', failingMs: 540_000, problem: 'it failed' },
    ],
    ['well again', [failed('unreachable'), { outcome: 'sent' }], { name: 'email', failingMs: 0 }],
    ['well when a message was refused for what it is', [failed('rejected')], { name: 'email', failingMs: 0 }],
    [
      'failing when it gives no result',
      [{ outcome: 'uncertain', explanation: '' }],
      { name: 'email', failingMs: 600_000, problem: 'no result in time' },
    ],
  ])('is %s', async ([, deliveries, expected]) => {
    expect(await after(...deliveries)).toEqual([expected])
  })
})
