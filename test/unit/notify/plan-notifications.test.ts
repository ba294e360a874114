import { describe, expect, it } from 'vitest'
import { planNotifications } from '../../../src/notify/plan-notifications.ts'
import { findingOf, impactOf, incidentOf } from '../../support/finding-of.ts'
import { benchSettings, openLedgerBench } from '../../support/ledger-bench.ts'

const { holdMs, verifyMs } = benchSettings
const restored = [{ type: 'restored', restoredAt: 1_000_000 }] as const
const resolved = [{ type: 'resolved' }] as const

describe('who is told of an outage', () => {
  it('is each customer once, with all services that are down or degraded', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': [...impactOf('down', 's-1', 's-1-tv', 's-2'), ...impactOf('degraded', 's-3')] })
    expect(await bench.rows()).toMatchObject([
      { kind: 'outage', customer: 'c-1', services: ['s-1', 's-1-tv'], dueAt: bench.now() + holdMs },
      { kind: 'outage', customer: 'c-2', services: ['s-2'], facts: { states: { 's-2': 'down' } } },
      {
        kind: 'outage',
        customer: 'c-3',
        facts: { states: { 's-3': 'degraded' }, onsetAt: bench.now() - 20_000 },
      },
    ])
  })

  it.for([
    ['a service that lost its spare path', 'outage', 'atRisk'],
    ['a blind vantage', 'blind', 'down'],
    ['a silent agent', 'agent', 'down'],
    ['lost redundancy', 'redundancy', 'degraded'],
  ] as const)('is nobody for %s', async ([, kind, state]) => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf(state, 's-1') }, { kind })
    expect(await bench.rows()).toEqual([])
  })

  it('is nobody when it is over within the hold', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    bench.pass(holdMs - 1)
    expect(await bench.send()).toEqual([])
    await bench.step({ 'i-1': restored })
    bench.pass(verifyMs)
    await bench.step({ 'i-1': resolved })
    expect(await bench.send()).toEqual([])
    expect(await bench.rows()).toMatchObject([{ state: 'withdrawn', reason: 'over before it was told' }])
  })

  it('is planned once, however often the same step is planned', () => {
    const incident = incidentOf('i-1', findingOf('agg1', { impact: impactOf('down', 's-1') }))
    const plan = (rows: Parameters<typeof planNotifications>[0]['rows']) =>
      planNotifications({
        changes: [{ incident }],
        open: [],
        rows,
        settings: benchSettings,
        now: 5_000,
        newNotificationId: () => 'n-1',
      })
    const [first] = plan([])
    expect(first).toMatchObject({ kind: 'insert' })
    expect(plan(first ? [first.row] : [])).toEqual([])
  })
})

describe('an outage message', () => {
  it('speaks of what fell while it waited, and is not sent again for what falls later', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('degraded', 's-1') })
    bench.pass(1_000)
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-1-tv') })
    bench.pass(holdMs - 1_000)
    expect(await bench.send()).toEqual(['outage c-1'])
    expect(await bench.rows()).toMatchObject([{ facts: { states: { 's-1': 'down', 's-1-tv': 'down' } } }])
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-1-tv', 's-1-voice') })
    expect(await bench.lines()).toEqual(['i-1 outage sent c-1'])
  })

  it('records the time of the first message in the incident', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-2') })
    bench.pass(holdMs)
    await bench.send()
    expect(await bench.incidents.get(bench.db, 'i-1')).toMatchObject({
      firstMessageAt: bench.now(),
      version: 2,
    })
  })

  it('is not tried again in the same fall when it failed, and nothing is said of the end', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    bench.pass(holdMs)
    const [claim] = await bench.claim()
    await bench.ledger.recordFailed(bench.db, claim?.row.id ?? '', 'refused', {
      at: bench.now(),
      channel: 'email',
    })
    await bench.step({ 'i-1': impactOf('degraded', 's-1') })
    await bench.step({ 'i-1': restored })
    await bench.step({ 'i-1': resolved })
    expect(await bench.lines()).toEqual(['i-1 outage failed c-1'])
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    expect(await bench.lines()).toEqual(['i-1 outage failed c-1', 'i-1 outage queued c-1'])
  })
})

const toldOf = async (...services: readonly string[]) => {
  const bench = await openLedgerBench()
  await bench.step({ 'i-1': impactOf('down', ...services) })
  bench.pass(holdMs)
  await bench.send()
  return bench
}

describe('a restored message', () => {
  it('goes to exactly those who were told, once the incident is resolved', async () => {
    await using bench = await toldOf('s-1', 's-2')
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-2', 's-3') })
    await bench.step({ 'i-1': restored })
    bench.pass(1_000)
    expect(await bench.send()).toEqual([])
    await bench.step({ 'i-1': resolved })
    expect(await bench.send()).toEqual(['restored c-1', 'restored c-2'])
    expect((await bench.rows()).find((row) => row.customer === 'c-3')?.state).toBe('withdrawn')
  })

  it('comes early to a customer who is well again while the incident goes on', async () => {
    await using bench = await toldOf('s-1', 's-2')
    await bench.step({ 'i-1': impactOf('down', 's-2') })
    bench.pass(verifyMs - 1)
    expect(await bench.send()).toEqual([])
    bench.pass(1)
    expect(await bench.send()).toEqual(['restored c-1'])
  })

  it('waits until all services of the customer are well', async () => {
    await using bench = await toldOf('s-1', 's-1-tv')
    await bench.step({ 'i-1': impactOf('down', 's-1-tv') })
    expect(await bench.lines()).toEqual(['i-1 outage sent c-1'])
  })

  it('is called off when the service falls again before it was sent, and planned anew after that', async () => {
    await using bench = await toldOf('s-1')
    await bench.step({ 'i-1': restored })
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    await bench.step({ 'i-1': restored })
    bench.pass(verifyMs)
    expect(await bench.send()).toEqual(['restored c-1'])
    expect(await bench.lines()).toEqual([
      'i-1 outage sent c-1',
      'i-1 restored withdrawn c-1',
      'i-1 restored sent c-1',
    ])
  })

  it('that was sent makes room for a new outage message when the service falls again', async () => {
    await using bench = await toldOf('s-1')
    await bench.step({ 'i-1': restored })
    await bench.step({ 'i-1': resolved })
    await bench.send()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    bench.pass(holdMs)
    expect(await bench.send()).toEqual(['outage c-1'])
  })

  it('waits for an outage message that is being sent, and shares its fate', async () => {
    for (const told of [true, false]) {
      await using bench = await openLedgerBench()
      await bench.step({ 'i-1': impactOf('down', 's-1') })
      bench.pass(holdMs)
      const [claim] = await bench.claim()
      await bench.step({ 'i-1': restored })
      await bench.step({ 'i-1': resolved })
      expect(await bench.claim()).toEqual([])
      const attempt = { at: bench.now(), channel: 'email' }
      if (told) await bench.ledger.recordUncertain(bench.db, claim?.row.id ?? '', attempt)
      else
        await bench.ledger.recordFailed(bench.db, claim?.row.id ?? '', 'retry', attempt, bench.now() + 15_000)
      expect(await bench.lines()).toEqual([
        `i-1 outage ${told ? 'uncertain' : 'withdrawn'} c-1`,
        `i-1 restored ${told ? 'queued' : 'withdrawn'} c-1`,
      ])
      expect(await bench.send()).toEqual(told ? ['restored c-1'] : [])
    }
  })

  it('that could not be sent in time is dropped, and the outage that was told goes on', async () => {
    await using bench = await toldOf('s-1')
    await bench.step({ 'i-1': restored })
    await bench.step({ 'i-1': resolved })
    const [claim] = await bench.claim()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    await bench.ledger.recordFailed(
      bench.db,
      claim?.row.id ?? '',
      'retry',
      { at: bench.now(), channel: 'email' },
      bench.now() + 15_000,
    )
    bench.pass(holdMs)
    expect(await bench.send()).toEqual([])
    await bench.step({ 'i-1': restored })
    await bench.step({ 'i-1': resolved })
    expect(await bench.send()).toEqual(['restored c-1'])
  })
})

describe('the promise to a customer', () => {
  it('moves to the incident that its own is merged into', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-0': impactOf('down', 's-2') })
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    bench.pass(holdMs)
    await bench.send()
    await bench.step({ 'i-0': impactOf('down', 's-1', 's-2'), 'i-1': [{ type: 'merged', into: 'i-0' }] })
    expect(await bench.lines()).toEqual(['i-0 outage sent c-2', 'i-0 outage sent c-1'])
    await bench.step({ 'i-0': restored })
    await bench.step({ 'i-0': resolved })
    expect((await bench.send()).toSorted()).toEqual(['restored c-1', 'restored c-2'])
  })

  it('is kept by one message when both incidents had told', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-0': impactOf('down', 's-1'), 'i-1': impactOf('down', 's-1-tv') })
    bench.pass(holdMs)
    expect(await bench.send()).toEqual(['outage c-1', 'outage c-1'])
    await bench.step({ 'i-0': impactOf('down', 's-1', 's-1-tv'), 'i-1': [{ type: 'merged', into: 'i-0' }] })
    await bench.step({ 'i-0': restored })
    await bench.step({ 'i-0': resolved })
    expect(await bench.send()).toEqual(['restored c-1'])
  })

  it('passes to the message that was told when the other one that should keep it never arrives', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-0': impactOf('down', 's-1'), 'i-1': impactOf('down', 's-1-tv') })
    bench.pass(holdMs)
    const claims = await bench.claim()
    await bench.step({ 'i-0': impactOf('down', 's-1', 's-1-tv'), 'i-1': [{ type: 'merged', into: 'i-0' }] })
    const of = (incident: string) => claims.find(({ row }) => row.incident === incident)?.row.id ?? ''
    await bench.ledger.recordSent(bench.db, of('i-1'), { at: bench.now(), channel: 'email' })
    await bench.ledger.recordFailed(bench.db, of('i-0'), 'refused', { at: bench.now(), channel: 'email' })
    await bench.step({ 'i-0': restored })
    await bench.step({ 'i-0': resolved })
    expect(await bench.send()).toEqual(['restored c-1'])
  })

  it('passes on also when the other one would have to be sent again', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    await bench.step({ 'i-2': impactOf('down', 's-1') })
    bench.pass(holdMs)
    const claims = await bench.claim()
    const of = (incident: string) => claims.find(({ row }) => row.incident === incident)?.row.id ?? ''
    await bench.step({ 'i-2': [] })
    const attempt = { at: bench.now(), channel: 'email' }
    await bench.ledger.recordFailed(bench.db, of('i-1'), 'retry', attempt, bench.now() + 15_000)
    await bench.step({ 'i-1': [] })
    await bench.ledger.recordSent(bench.db, of('i-2'), attempt)
    bench.pass(verifyMs)
    expect(await bench.send()).toEqual(['restored c-1'])
  })

  it('moves when an incident splits: no second outage message, and no early end', async () => {
    await using bench = await toldOf('s-1', 's-2')
    await bench.step({ 'i-1': impactOf('down', 's-1'), 'i-2': impactOf('down', 's-2') })
    expect(await bench.lines()).toEqual(['i-1 outage sent c-1', 'i-2 outage sent c-2'])
    await bench.step({ 'i-2': restored })
    await bench.step({ 'i-2': resolved })
    expect(await bench.send()).toEqual(['restored c-2'])
  })

  it('goes on when another incident takes the same service before its end was told', async () => {
    await using bench = await toldOf('s-1')
    await bench.step({ 'i-1': restored })
    bench.pass(1_000)
    await bench.step({ 'i-2': impactOf('down', 's-1') })
    await bench.step({ 'i-1': resolved })
    bench.pass(holdMs + verifyMs)
    expect(await bench.send()).toEqual([])
    expect(await bench.lines()).toEqual(['i-2 outage sent c-1', 'i-2 restored withdrawn c-1'])
  })
})

describe('news', () => {
  it('goes at each new promised time to those who were told', async () => {
    await using bench = await toldOf('s-1')
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-2') })
    await bench.step({ 'i-1': [{ type: 'etaSet', etaAt: 9_000_000 }] })
    expect(await bench.send()).toEqual(['progress c-1'])
    await bench.step({ 'i-1': [{ type: 'noted', text: 'x' }] })
    await bench.step({ 'i-1': [{ type: 'etaSet', etaAt: 9_900_000 }] })
    await bench.step({ 'i-1': [{ type: 'etaSet', etaAt: 9_950_000 }] })
    expect(await bench.send()).toEqual(['progress c-1'])
    const rows = await bench.rows()
    expect(rows.filter((row) => row.kind === 'progress').map((row) => row.facts.etaAt)).toEqual([
      9_000_000, 9_950_000,
    ])
    expect(rows.find((row) => row.customer === 'c-2')?.facts.etaAt).toBe(9_950_000)
  })

  it('is dropped when it is over, or the time is taken back, before it was sent', async () => {
    await using bench = await toldOf('s-1', 's-2')
    await bench.step({ 'i-1': [{ type: 'etaSet', etaAt: 9_000_000 }] })
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    await bench.step({ 'i-1': [{ type: 'etaSet', etaAt: null }] })
    expect(await bench.send()).toEqual([])
  })
})

describe('claiming', () => {
  it('takes nothing while the vantage is blind, and does not wait until that is verified', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    await bench.step({ 'i-2': [] }, { kind: 'blind' })
    bench.pass(holdMs)
    expect(await bench.send()).toEqual([])
    await bench.step({ 'i-2': [...restored] })
    expect(await bench.send()).toEqual(['outage c-1'])
  })

  it('takes each row once', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-2', 's-3') })
    bench.pass(holdMs)
    const taken = (await Promise.all([bench.claim(2), bench.claim(2), bench.claim(2)])).flat()
    expect(taken.map(({ row }) => row.customer).toSorted()).toEqual(['c-1', 'c-2', 'c-3'])
  })
})

describe('recording', () => {
  it('takes effect once, and only on what is being sent', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    const [row] = await bench.rows()
    const id = row?.id ?? ''
    const { db, ledger } = bench
    const attempt = { at: bench.now(), channel: 'email' }
    expect(await ledger.recordSent(db, id, attempt)).toBeUndefined()
    bench.pass(holdMs)
    await bench.claim()
    await ledger.recordUncertain(db, id, attempt)
    expect(await ledger.recordSent(db, id, attempt)).toBeUndefined()
    expect(await ledger.recordFailed(db, id, 'retry', attempt, bench.now())).toBeUndefined()
    expect(await bench.rows()).toMatchObject([{ state: 'uncertain', attempts: 1 }])
    expect(await ledger.attempts(db, id)).toHaveLength(1)
    expect(await bench.claim()).toEqual([])
  })
})

describe('planned work', () => {
  const planned = (...services: readonly string[]) =>
    impactOf('down', ...services).map((entry) => ({ ...entry, planned: 'mw-1' }))

  it('is no outage that anybody is told of, nor is its end', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': planned('s-1', 's-2') })
    bench.pass(holdMs)
    expect(await bench.send()).toEqual([])
    await bench.step({ 'i-1': restored })
    bench.pass(verifyMs)
    await bench.step({ 'i-1': resolved })
    expect(await bench.rows()).toEqual([])
  })

  it('is told after the hold from when its window is over and the fault is not, as an outage since then', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': planned('s-1') })
    bench.pass(4 * 3_600_000)
    const windowEnd = bench.now()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    expect(await bench.rows()).toMatchObject([{ dueAt: windowEnd + holdMs, facts: { onsetAt: windowEnd } }])
    bench.pass(holdMs)
    expect(await bench.send()).toEqual(['outage c-1'])
    await bench.step({ 'i-1': restored })
    bench.pass(verifyMs)
    expect(await bench.send()).toEqual(['restored c-1'])
  })

  it('is not told when the box is back within the hold after its window', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': planned('s-1') })
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    bench.pass(holdMs - 1)
    await bench.step({ 'i-1': restored })
    bench.pass(verifyMs)
    expect(await bench.send()).toEqual([])
  })

  it('is told to those whose service it does not explain, of that service', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': [...planned('s-1', 's-2'), ...impactOf('down', 's-1-tv', 's-3')] })
    bench.pass(holdMs)
    expect(await bench.send()).toEqual(['outage c-1', 'outage c-3'])
    await bench.step({ 'i-1': restored })
    const rows = (await bench.rows()).map(({ kind, customer, services }) => [kind, customer, services])
    expect(rows).toEqual([
      ['outage', 'c-1', ['s-1-tv']],
      ['outage', 'c-3', ['s-3']],
      ['restored', 'c-1', ['s-1-tv']],
      ['restored', 'c-3', ['s-3']],
    ])
  })

  it('calls off a message that was not sent yet, and keeps the promise of one that was', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    bench.pass(holdMs)
    await bench.send()
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-2') })
    await bench.step({ 'i-1': planned('s-1', 's-2') })
    bench.pass(holdMs + verifyMs)
    expect(await bench.send()).toEqual([])
    expect(await bench.lines()).toEqual(['i-1 outage sent c-1', 'i-1 outage withdrawn c-2'])
    expect((await bench.rows()).at(-1)?.reason).toBe('planned work')
    // Over after the window: who heard of the outage hears of its end, and who did not is told now.
    await bench.step({ 'i-1': impactOf('down', 's-1', 's-2') })
    bench.pass(holdMs)
    expect(await bench.send()).toEqual(['outage c-2'])
    await bench.step({ 'i-1': restored })
    bench.pass(verifyMs)
    expect((await bench.send()).toSorted()).toEqual(['restored c-1', 'restored c-2'])
  })

  it('that ends in the window is told as the end to who heard of the outage before it', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    bench.pass(holdMs)
    await bench.send()
    await bench.step({ 'i-1': planned('s-1') })
    await bench.step({ 'i-1': restored })
    bench.pass(verifyMs)
    expect(await bench.send()).toEqual(['restored c-1'])
  })

  it('that darkens what was about to be called good keeps that back', async () => {
    await using bench = await openLedgerBench()
    await bench.step({ 'i-1': impactOf('down', 's-1') })
    bench.pass(holdMs)
    await bench.send()
    await bench.step({ 'i-1': restored })
    await bench.step({ 'i-2': planned('s-1') })
    bench.pass(verifyMs)
    expect(await bench.send()).toEqual([])
    await bench.step({ 'i-2': restored })
    bench.pass(verifyMs)
    expect(await bench.send()).toEqual(['restored c-1'])
  })
})
