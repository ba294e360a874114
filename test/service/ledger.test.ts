import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { impactOf } from '../support/finding-of.ts'
import { benchSettings, openLedgerBench } from '../support/ledger-bench.ts'

const child = fileURLToPath(new URL('../support/ledger-child.ts', import.meta.url))

let folder = ''
let state = ''
let sentFile = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'))
  state = join(folder, 'state.db')
  sentFile = join(folder, 'sent')
})
afterEach(() => rm(folder, { recursive: true }))

const sentIds = async () => (await readFile(sentFile, 'utf8')).split('\n').filter((line) => line !== '')

/** Plans an outage message to each customer, due long ago by the wall clock. */
async function planOutage(customers: number) {
  await using bench = await openLedgerBench(state)
  await bench.step({
    'i-1': impactOf('down', ...Array.from({ length: customers }, (_, index) => `s-${index}`)),
  })
  bench.pass(benchSettings.holdMs)
}

/** Runs the sender in a process of its own until a line comes for which `enough` holds, then kills it with SIGKILL. */
async function runUntil(enough: (line: string) => boolean, ...mode: readonly string[]): Promise<void> {
  const running = spawn(process.execPath, [child, state, sentFile, ...mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(running, 'exit')
  for await (const line of createInterface({ input: running.stdout })) {
    if (!enough(line)) continue
    running.kill('SIGKILL')
    break
  }
  await exited
}

describe('the ledger, when its process is killed', () => {
  it('between sending and recording: the message is uncertain, counts as told, and is not sent again', async () => {
    await planOutage(1)
    await runUntil((line) => line.startsWith('sending'), 'hang')
    {
      await using bench = await openLedgerBench(state)
      expect(await bench.lines()).toEqual(['i-1 outage sending c-0'])
    }
    await runUntil((line) => line === 'started')
    expect(await sentIds()).toEqual(['n-00001'])

    await using bench = await openLedgerBench(state)
    expect(await bench.rows()).toMatchObject([{ state: 'uncertain', attempts: 1 }])
    expect(await bench.incidents.get(bench.db, 'i-1')).toHaveProperty('firstMessageAt')
    bench.pass(86_400_000)
    await bench.step({ 'i-1': [{ type: 'restored', restoredAt: bench.now() }, { type: 'resolved' }] })
    expect((await bench.claim()).map(({ row }) => row.kind)).toEqual(['restored'])
  })

  it('at any moment: no message is lost and none is sent twice', async () => {
    await planOutage(150)
    for (const after of [1, 40, 70]) {
      let lines = 0
      await runUntil((line) => line.startsWith('sent') && ++lines >= after)
    }
    let settled = 0
    await using watcher = await openLedgerBench(state)
    const open = async () =>
      (await watcher.rows()).filter((row) => row.state === 'queued' || row.state === 'sending').length
    const left = await open()
    await runUntil((line) => /^(sent|uncertain)/.test(line) && ++settled >= left)
    const rows = await watcher.rows()
    expect(rows).toHaveLength(150)
    expect(rows.filter((row) => row.state !== 'sent' && row.state !== 'uncertain')).toEqual([])
    const sent = await sentIds()
    expect(new Set(sent).size, 'none twice').toBe(sent.length)
    for (const row of rows) if (row.state === 'sent') expect(sent).toContain(row.id)
  })
})
