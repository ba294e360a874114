import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { Channel, Delivery, Message } from '../../../src/notify/channel.ts'
import { createSender, type SenderDeps } from '../../../src/notify/sender.ts'
import { createMetrics } from '../../../src/platform/metrics.ts'
import { impactOf } from '../../support/finding-of.ts'
import { benchSettings, type LedgerBench, openLedgerBench } from '../../support/ledger-bench.ts'
import { ManualClock } from '../../support/manual-clock.ts'

/** A channel that does as it is told, message by message; `sent` when nothing is left to do. */
function fakeChannel(name: string, ...script: readonly (Delivery | Error | 'never')[]) {
  const got: Message[] = []
  const todo = [...script]
  const channel: Channel = {
    name,
    deliver(message) {
      got.push(message)
      const next = todo.shift() ?? { outcome: 'sent', reference: `${name}-${got.length}` }
      if (next === 'never') return new Promise(() => {})
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
    },
    close: () => Promise.resolve(),
  }
  return { channel, got }
}
const failed = (retry: boolean): Delivery => ({
  outcome: 'failed',
  retry,
  reason: 'unreachable',
  explanation: 'no route to a@example.net',
})

function senderOn(
  bench: LedgerBench,
  clock: ManualClock,
  channels: readonly Channel[],
  over: Partial<SenderDeps> = {},
) {
  const changes: string[] = []
  const waiting: { readonly line: string; readonly done: () => void }[] = []
  const metrics = createMetrics()
  const sender = createSender({
    db: bench.db,
    ledger: bench.ledger,
    channels: new Map(channels.map((channel) => [channel.name, channel])),
    customer: (id) => ({
      id,
      name: 'Ann',
      language: 'en',
      tier: 'consumer',
      contacts: channels.map(({ name }) => ({ channel: name, address: 'a@example.net' })),
      flags: [],
    }),
    render: () => ({ subject: 's', text: 't', html: 'h' }),
    clock,
    log: pino({ enabled: false }),
    metrics,
    afterChange: (row) => {
      changes.push(`${row.kind} ${row.state}`)
      for (const { line, done } of waiting) if (changes.includes(line)) done()
    },
    ...over,
  })
  return {
    ...sender,
    changes,
    metrics,
    heard: (line: string) =>
      new Promise<void>((done) => {
        waiting.push({ line, done })
        if (changes.includes(line)) done()
      }),
  }
}

const outageDue = async () => {
  const bench = await openLedgerBench()
  await bench.step({ 'i-1': impactOf('down', 's-1') })
  bench.pass(benchSettings.holdMs)
  return { bench, clock: new ManualClock(bench.now()) }
}
/** Lets what is on its way finish, without time passing. */
const quiet = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('the sender', () => {
  it('sends what is due, records it with the reference, and counts it', async () => {
    const { bench, clock } = await outageDue()
    const { channel, got } = fakeChannel('email')
    const sender = senderOn(bench, clock, [channel])
    await sender.start()
    await sender.heard('outage sent')
    await sender.stop()
    expect(got).toMatchObject([{ id: 'n-00001', to: 'a@example.net', recipientName: 'Ann', subject: 's' }])
    expect(await bench.rows()).toMatchObject([
      { state: 'sent', channel: 'email', reference: 'email-1', attempts: 1, sentAt: clock.now() },
    ])
    expect(await sender.metrics.notifications.get()).toMatchObject({
      values: [{ labels: { kind: 'outage', outcome: 'sent' }, value: 1 }],
    })
  })

  it('waits for the time at which a row falls due', async () => {
    await using bench = await openLedgerBench()
    const clock = new ManualClock(bench.now())
    const { channel, got } = fakeChannel('email')
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    const sender = senderOn(bench, clock, [channel])
    await sender.start()
    await quiet()
    await clock.advance(benchSettings.holdMs - 1)
    await quiet()
    expect(got).toEqual([])
    await clock.advance(30_000)
    await sender.heard('outage sent')
    await sender.stop()
  })

  it('does not miss a row that falls due while it looks', async () => {
    await using bench = await openLedgerBench()
    const clock = new ManualClock(bench.now())
    const { channel, got } = fakeChannel('email')
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    await clock.advance(benchSettings.holdMs - 1)
    const claimDue: typeof bench.ledger.claimDue = async (db, now, limit) => {
      const claims = await bench.ledger.claimDue(db, now, limit)
      if (now < bench.now() + benchSettings.holdMs) await clock.advance(1)
      return claims
    }
    const sender = senderOn(bench, clock, [channel], { ledger: { ...bench.ledger, claimDue } })
    await sender.start()
    await quiet()
    await clock.advance(10)
    await quiet()
    await sender.stop()
    expect(got).toHaveLength(1)
  })

  it('is woken for a row that is due before the next one it knew of', async () => {
    await using bench = await openLedgerBench()
    const clock = new ManualClock(bench.now() + benchSettings.holdMs)
    const { channel } = fakeChannel('email')
    const sender = senderOn(bench, clock, [channel])
    await sender.start()
    await quiet()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    sender.wake()
    await sender.heard('outage sent')
    await sender.stop()
  })

  it('leaves out what nothing is measured of, also when that was due first, until something is', async () => {
    await using bench = await openLedgerBench()
    const clock = new ManualClock(bench.now() + benchSettings.holdMs)
    const { channel, got } = fakeChannel('email')
    // More than are sent at once, so that they would be all that is looked at.
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-2', 's-3') })
    bench.pass(1)
    await clock.advance(1)
    await bench.step({ 'i-2': impactOf('down', 's-4') })
    const measured = new Set(['i-2'])
    const asked: string[] = []
    const sender = senderOn(bench, clock, [channel], {
      concurrency: 2,
      isMeasured: ({ id, alarms }) => {
        asked.push(...alarms)
        return measured.has(id)
      },
    })
    await sender.start()
    await sender.heard('outage sent')
    await quiet()
    expect(await bench.lines()).toEqual([
      ...['c-1', 'c-2', 'c-3'].map((customer) => `i-1 outage queued ${customer}`),
      'i-2 outage sent c-4',
    ])
    // What it rests on is other than before: it is asked of what is true now.
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-2') }, { alarms: ['al-other'] })
    sender.wake()
    await quiet()
    expect(asked).toContain('al-other')
    expect(got).toHaveLength(1)
    measured.add('i-1')
    sender.wake()
    for (let turn = 0; turn < 10; turn++) await quiet()
    await sender.stop()
    expect(await bench.lines()).toEqual([
      'i-1 outage sent c-1',
      'i-1 outage sent c-2',
      'i-1 outage withdrawn c-3',
      'i-2 outage sent c-4',
    ])
  })

  it('does not hold back what is told of an incident that is over', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    bench.pass(benchSettings.holdMs)
    expect(await bench.send()).toEqual(['outage c-1'])
    await bench.step({ 'i-1': [{ type: 'restored', restoredAt: bench.now() }, { type: 'resolved' }] })
    const clock = new ManualClock(bench.now())
    const sender = senderOn(bench, clock, [fakeChannel('email').channel], { isMeasured: () => false })
    await sender.start()
    await sender.heard('restored sent')
    await sender.stop()
  })

  it('tries again after the wait, then the next contact, and keeps the address out of the reason', async () => {
    const { bench, clock } = await outageDue()
    const sms = fakeChannel('sms', failed(true), failed(false))
    const email = fakeChannel('email')
    const sender = senderOn(bench, clock, [sms.channel, email.channel])
    await sender.start()
    await sender.heard('outage queued')
    expect(await bench.rows()).toMatchObject([
      { state: 'queued', dueAt: clock.now() + 15_000, reason: 'no route to the recipient', attempts: 1 },
    ])
    await quiet()
    await clock.advance(15_000)
    await sender.heard('outage sent')
    await sender.stop()
    expect(sms.got).toHaveLength(2)
    expect(email.got).toHaveLength(1)
    expect((await bench.ledger.attempts(bench.db, 'n-00001')).map(({ outcome }) => outcome)).toEqual([
      'retry',
      'refused',
      'sent',
    ])
  })

  it('gives up when every contact has refused, and when there is no such channel', async () => {
    const { bench, clock } = await outageDue()
    const { channel } = fakeChannel('email', failed(false))
    const sender = senderOn(bench, clock, [channel])
    await sender.start()
    await sender.heard('outage failed')
    await sender.stop()

    const other = await outageDue()
    const none = senderOn(other.bench, other.clock, [channel], { channels: new Map() })
    await none.start()
    await none.heard('outage failed')
    await none.stop()
    expect(await other.bench.rows()).toMatchObject([{ reason: 'there is no channel email' }])
  })

  it('does not send twice what it does not know the fate of', async () => {
    const { bench, clock } = await outageDue()
    const { channel, got } = fakeChannel('email', new Error('half way'))
    const sender = senderOn(bench, clock, [channel])
    await sender.start()
    await sender.heard('outage uncertain')
    await clock.advance(3_600_000)
    await sender.stop()
    expect(got).toHaveLength(1)
  })

  it('writes down what was sent as soon as the store can be written again, so that the end can be told', async () => {
    const { bench, clock } = await outageDue()
    const { channel, got } = fakeChannel('email')
    let full = true
    const recordSent: typeof bench.ledger.recordSent = (...all) =>
      full ? Promise.reject(new Error('disk full')) : bench.ledger.recordSent(...all)
    const sender = senderOn(bench, clock, [channel], { ledger: { ...bench.ledger, recordSent } })
    await sender.start()
    await sender.heard('outage sending')
    await quiet()
    expect(await bench.rows()).toMatchObject([{ state: 'sending' }])
    full = false
    await clock.advance(2_000)
    await sender.heard('outage sent')
    await sender.stop()
    expect(got).toHaveLength(1)
    expect(await bench.rows()).toMatchObject([{ state: 'sent', reference: 'email-1' }])
  })

  it('gives a channel up that never ends', async () => {
    const { bench, clock } = await outageDue()
    const { channel } = fakeChannel('email', 'never')
    const sender = senderOn(bench, clock, [channel], { timeoutMs: 5_000 })
    await sender.start()
    await sender.heard('outage sending')
    await quiet()
    await clock.advance(7_000)
    await sender.heard('outage uncertain')
    await sender.stop()
  })

  it('stops although a channel hangs, and the row is uncertain at the next start', async () => {
    const { bench, clock } = await outageDue()
    const { channel, got } = fakeChannel('email', 'never')
    const sender = senderOn(bench, clock, [channel])
    await sender.start()
    await sender.heard('outage sending')
    const stopped = sender.stop()
    await quiet()
    await clock.advance(1_500)
    await stopped
    expect(await bench.rows()).toMatchObject([{ state: 'sending' }])

    const next = senderOn(bench, clock, [channel])
    await next.start()
    expect(next.changes).toEqual(['outage uncertain'])
    await next.stop()
    expect(got).toHaveLength(1)
    expect(await bench.incidents.get(bench.db, 'i-1')).toHaveProperty('firstMessageAt')
  })

  it('sends the restored message after the outage message, however many it may send at once', async () => {
    const { bench, clock } = await outageDue()
    const { channel, got } = fakeChannel('email')
    const sender = senderOn(bench, clock, [channel], {
      concurrency: 8,
      render: ({ kind }) => ({ subject: kind, text: '', html: '' }),
    })
    const claims = await bench.claim()
    await bench.step({ 'i-1': [{ type: 'restored', restoredAt: bench.now() }, { type: 'resolved' }] })
    for (const { row } of claims)
      await bench.ledger.recordUncertain(bench.db, row.id, { at: bench.now(), channel: 'email' })
    await sender.start()
    await sender.heard('restored sent')
    await sender.stop()
    expect(got.map(({ subject }) => subject)).toEqual(['restored'])
  })
})
