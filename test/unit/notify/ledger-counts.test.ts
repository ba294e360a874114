import { expect, it } from 'vitest'
import { impactOf } from '../../support/finding-of.ts'
import { benchSettings, openLedgerBench } from '../../support/ledger-bench.ts'

it('counts the messages of an incident, and each customer who was told once', async () => {
  await using bench = await openLedgerBench()
  const counts = () => bench.ledger.counts(bench.db, 'i-1')
  expect(await counts()).toEqual({ customersTold: 0, byKind: [] })
  await bench.step({ 'i-1': impactOf('down', 's-1', 's-2', 's-3'), 'i-2': impactOf('down', 's-9') })
  bench.pass(benchSettings.holdMs)
  for (const { row } of (await bench.claim()).slice(0, 2))
    await bench.ledger.recordSent(bench.db, row.id, { at: bench.now(), channel: 'email' })
  await bench.step({ 'i-1': [{ type: 'restored', restoredAt: bench.now() }] })
  const { customersTold, byKind } = await counts()
  expect(customersTold).toBe(2)
  expect(byKind).toEqual([
    { kind: 'outage', state: 'sending', count: 1 },
    { kind: 'outage', state: 'sent', count: 2 },
    { kind: 'restored', state: 'queued', count: 3 },
  ])
})
