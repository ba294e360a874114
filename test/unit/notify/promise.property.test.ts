import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Impact } from '../../../src/model/impact.ts'
import { isOpen } from '../../../src/model/incident.ts'
import { countsAsTold } from '../../../src/model/notification.ts'
import type { Claim } from '../../../src/notify/claim-due.ts'
import { isOnItsWay, type LedgerRow } from '../../../src/notify/ledger-row.ts'
import { toldImpact } from '../../../src/notify/told-impact.ts'
import { benchSettings, type LedgerBench, openLedgerBench } from '../../support/ledger-bench.ts'

const services = ['s-1', 's-1-tv', 's-2', 's-3']
const impact: fc.Arbitrary<Impact> = fc
  .record({
    chosen: fc.subarray(services),
    state: fc.constantFrom('down', 'degraded', 'atRisk'),
    planned: fc.subarray(services),
  })
  .map(({ chosen, state, planned }) =>
    chosen.map((service) => ({
      service,
      customer: service.replace(/^s-(\d).*/, 'c-$1'),
      state,
      // Half of the time no maintenance window is there at all.
      ...(planned.length > 2 && planned.includes(service) ? { planned: 'mw-1' } : {}),
    })),
  )
const id = fc.constantFrom('i-1', 'i-2', 'i-3')
type Act =
  | { readonly do: 'impact'; readonly id: string; readonly impact: Impact }
  | {
      readonly do: 'split'
      readonly id: string
      readonly to: string
      readonly impact: Impact
      readonly rest: Impact
    }
  | { readonly do: 'restore' | 'resolve'; readonly id: string }
  | { readonly do: 'eta'; readonly id: string; readonly at: number }
  | { readonly do: 'merge'; readonly id: string; readonly impact: Impact }
  | { readonly do: 'claim'; readonly limit: number }
  | { readonly do: 'end'; readonly which: number; readonly how: 'sent' | 'uncertain' | 'retry' | 'failed' }
  | { readonly do: 'crash' }
  | { readonly do: 'pass'; readonly ms: number }
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('impact'), id, impact }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('split'), id, to: id, impact, rest: impact }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('restore', 'resolve'), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('eta'), id, at: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('merge'), id, impact }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim'), limit: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('end'),
      which: fc.nat(9),
      how: fc.constantFrom('sent', 'sent', 'uncertain', 'retry', 'failed'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'crash' } as const) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(1_000, 60_000, 120_000) }),
  },
) as fc.Arbitrary<Act>

/** The bench with what is being sent, and with who has been told what by the outside's own book. */
function world(bench: LedgerBench) {
  let flying: Claim[] = []
  /** Outage messages that went, or may have gone, out to each customer, less the restored ones. */
  const pending = new Map<string, number>()
  /** What each customer heard last of outages. */
  const heard = new Map<string, 'outage' | 'restored'>()

  const left = (row: LedgerRow) => {
    if (row.kind === 'progress') return
    heard.set(row.customer, row.kind)
    const count = pending.get(row.customer) ?? 0
    if (row.kind === 'restored') expect(count, 'restored without an outage message').toBeGreaterThan(0)
    pending.set(row.customer, count + (row.kind === 'outage' ? 1 : -1))
  }
  const end = async ({ row }: Claim, how: Extract<Act, { do: 'end' }>['how']) => {
    flying = flying.filter((claim) => claim.row.id !== row.id)
    const attempt = { at: bench.now(), channel: 'email' }
    const { ledger, db } = bench
    if (how === 'sent') await ledger.recordSent(db, row.id, attempt)
    else if (how === 'uncertain') await ledger.recordUncertain(db, row.id, attempt)
    else if (how === 'retry') await ledger.recordFailed(db, row.id, 'retry', attempt, bench.now() + 15_000)
    else await ledger.recordFailed(db, row.id, 'refused', attempt)
    if (how === 'sent' || how === 'uncertain') left(row)
  }
  const claim = async (limit: number) => {
    const claims = await bench.claim(limit)
    const open = await bench.incidents.open(bench.db)
    for (const { row, attempts } of claims) {
      // Nobody is told of an outage that planned work explains. What began to be told before is tried again.
      if (row.kind === 'outage' && attempts.length === 0) {
        const incident = open.find(({ id: own }) => own === row.incident)
        expect(toldImpact(incident, benchSettings.tell, 'unplanned').has(row.customer)).toBe(true)
      }
      if (row.kind !== 'restored') continue
      // Nobody hears "it works again" of a service that is known not to.
      for (const incident of open) {
        const bad = toldImpact(incident, benchSettings.tell).get(row.customer) ?? {}
        expect(row.services.filter((service) => Object.hasOwn(bad, service))).toEqual([])
      }
    }
    flying.push(...claims)
  }

  const run = async (one: Act): Promise<void> => {
    const state = 'id' in one ? (await bench.incidents.get(bench.db, one.id))?.state : undefined
    const alive = state !== undefined && state !== 'resolved' && state !== 'closed'
    switch (one.do) {
      case 'impact':
        if (state !== 'closed') await bench.step({ [one.id]: one.impact })
        return
      case 'split':
        if (alive && one.to !== one.id && (await bench.incidents.get(bench.db, one.to))?.state !== 'closed')
          await bench.step({ [one.id]: one.impact, [one.to]: one.rest })
        return
      case 'restore':
        if (alive) await bench.step({ [one.id]: [{ type: 'restored', restoredAt: bench.now() }] })
        return
      case 'resolve':
        if ((await bench.incidents.get(bench.db, one.id))?.restoredAt !== undefined && alive)
          await bench.step({ [one.id]: [{ type: 'resolved' }] })
        return
      case 'eta':
        if (alive) await bench.step({ [one.id]: [{ type: 'etaSet', etaAt: one.at * 1e9 }] })
        return
      case 'merge': {
        const [older] = await bench.incidents.open(bench.db)
        if (alive && older && older.id !== one.id)
          await bench.step({ [older.id]: one.impact, [one.id]: [{ type: 'merged', into: older.id }] })
        return
      }
      case 'claim':
        return claim(one.limit)
      case 'end': {
        const which = flying[one.which % Math.max(1, flying.length)]
        return which && end(which, one.how)
      }
      case 'crash':
        for (const { row } of flying) left(row)
        flying = []
        await bench.ledger.atStart(bench.db, bench.now())
        return
      case 'pass':
        bench.pass(one.ms)
    }
  }
  /** All is repaired, every channel works, and time goes by. */
  const settle = async () => {
    for (const incident of await bench.incidents.open(bench.db))
      await bench.step({
        [incident.id]: [{ type: 'restored', restoredAt: bench.now() }, { type: 'resolved' }],
      })
    for (let round = 0; round < 6; round++) {
      for (const claim of [...flying]) await end(claim, 'sent')
      bench.pass(300_000)
      await claim(100)
    }
  }
  return { run, settle, heard }
}

const check = (rows: readonly LedgerRow[]) => {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const answered = new Map<string, LedgerRow>()
  for (const row of rows) {
    if (row.kind !== 'restored' || row.state === 'withdrawn') continue
    const outage = byId.get(row.answers ?? '')
    expect(outage, 'a restored row answers an outage row').toMatchObject({
      kind: 'outage',
      customer: row.customer,
    })
    expect(answered.has(row.answers ?? ''), 'one restored row for an outage row').toBe(false)
    answered.set(row.answers ?? '', row)
    if (row.state !== 'queued')
      expect(outage && countsAsTold(outage.state), 'never before the outage').toBe(true)
  }
  const live = new Set<string>()
  for (const row of rows) {
    if (row.kind !== 'outage' || row.coveredBy !== undefined) continue
    if (row.state !== 'queued' && !isOnItsWay(row)) continue
    if ((answered.get(row.id)?.state ?? 'queued') !== 'queued') continue
    const key = `${row.incident} ${row.customer}`
    expect(live.has(key), `two live outage rows for ${key}`).toBe(false)
    live.add(key)
  }
}

describe('promises to customers', () => {
  it('are kept through any sequence of impact, merging, splitting, sending, failing and dying', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 45 }), async (acts) => {
        await using bench = await openLedgerBench()
        const { run, settle, heard } = world(bench)
        for (const one of acts) {
          await run(one)
          check(await bench.rows())
        }
        await settle()
        const rows = await bench.rows()
        check(rows)
        expect((await bench.incidents.open(bench.db)).filter(isOpen)).toEqual([])
        expect(rows.filter(({ state }) => state === 'queued' || state === 'sending')).toEqual([])
        // Whoever was told heard of the end last, unless that message failed on all ways.
        const gaveUp = new Set(
          rows.filter((row) => row.kind === 'restored' && row.state === 'failed').map((row) => row.customer),
        )
        for (const [customer, last] of heard)
          if (!gaveUp.has(customer)) expect(last, customer).toBe('restored')
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 60) },
    )
  })
})
