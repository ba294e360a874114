import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { createSpool } from '../../src/store/spool/spool.ts'
import { eventually } from '../support/eventually.ts'
import { startInfluxd } from '../support/influxd.ts'

const signal = new AbortController().signal
const rounds = 6

/** Kills a process in the middle of its work, over and over, and sees whether all that it called safe arrives. */
async function killAndCheck(address: string, open: (folder: string) => SampleStore) {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-killed-'))
  const safe: [number, number][] = []
  let next = 0
  for (let round = 0; round < rounds; round++) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../support/spool-child.ts'), folder, String(next), address],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    // Each time at another moment of the work.
    const after = 3 + round * 4
    let told = 0
    for await (const line of createInterface({ input: child.stdout })) {
      const [from = 0, to = 0] = line.split(' ').map(Number)
      safe.push([from, to])
      if (++told === after) setTimeout(() => child.kill('SIGKILL'), round * 3)
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    // What was offered and never called safe may be there or not.
    next = (safe.at(-1)?.[1] ?? 0) + 10_000
  }
  const store = open(folder)
  const deps = { store, clock: systemClock, log: createLogger('silent'), metrics: createMetrics() }
  const spool = createSpool(
    { path: join(folder, 'spool'), maxBytes: 2 ** 30, maxSamples: 1e6, flushMs: 20 },
    deps,
  )
  await eventually('an empty spool', async () => {
    const points = await read(store)
    return (
      spool.status().queued === 0 &&
      points.size > 0 &&
      safe.every(([from, to]) => points.has(from) && points.has(to - 1))
    )
  })
  const points = await read(store)
  const missing = safe.flatMap(([from, to]) =>
    Array.from({ length: to - from }, (_, i) => from + i).filter((number) => points.get(number) !== number),
  )
  await spool.close()
  await store.close()
  await rm(folder, { recursive: true })
  return { missing, safe: safe.length, dropped: spool.status().droppedTotal }
}

const read = async (store: SampleStore) => {
  const query = {
    measurement: 'icmp',
    field: 'sent',
    tags: {},
    from: 0,
    to: 10_000_000,
    limit: 10_000_000,
  } as const
  return new Map((await store.query(query, signal)).flatMap(({ points }) => points))
}

describe('a process killed with kill -9', () => {
  const deps = () => ({ clock: systemClock, log: createLogger('silent'), metrics: createMetrics() })

  it('loses no sample that was on disk, with the embedded store', async () => {
    const result = await killAndCheck('embedded', (folder) =>
      createEmbeddedStore({ path: join(folder, 'samples'), retentionDays: 36_500 }, deps()),
    )
    expect(result).toEqual({ missing: [], safe: expect.any(Number), dropped: 0 })
    expect(result.safe).toBeGreaterThan(50)
  })

  it('loses no sample that was on disk, with InfluxDB', async () => {
    await using influxd = await startInfluxd()
    const result = await killAndCheck(influxd.url, () =>
      createInfluxStore({ url: influxd.url, database: 'killed' }, deps()),
    )
    expect(result).toEqual({ missing: [], safe: expect.any(Number), dropped: 0 })
    expect(result.safe).toBeGreaterThan(50)
  })
})
