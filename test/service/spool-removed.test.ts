import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleOf } from '../../src/model/sample.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import type { SampleQueue } from '../../src/store/sample-queue.ts'
import { createSpool, type SpoolSettings } from '../../src/store/spool/spool.ts'
import { eventually } from '../support/eventually.ts'
import { fastClock } from '../support/fast-clock.ts'
import { createLineStore } from '../support/line-store.ts'

const startedAt = Date.UTC(2026, 2, 1, 8)
const samples = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    sampleOf(
      'icmp',
      { element: 'e', vantage: 'v' },
      { sent: from + i, rtt_avg_ms: Math.random() * 1e9 },
      startedAt + from + i,
    ),
  )

describe('a spool whose files are taken away while it runs', () => {
  let folder: string
  let path: string
  let queue: SampleQueue
  let now: number
  const store = createLineStore()
  let logged: { level: number; msg: string }[]
  let metrics: ReturnType<typeof createMetrics>
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-spool-'))
    path = join(folder, 'spool')
    now = startedAt
    logged = []
    metrics = createMetrics()
    store.kept.clear()
    store.state.away = false
  })
  afterEach(async () => {
    await queue.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Its seconds take 20 ms. */
  function openSpool(settings: Partial<SpoolSettings> = {}) {
    queue = createSpool(
      { path, maxBytes: 2 ** 30, maxSamples: 100_000, ...settings },
      {
        store,
        clock: fastClock(50, () => now),
        log: createLogger('info', { write: (line: string) => logged.push(JSON.parse(line)) }),
        metrics,
      },
    )
  }
  const offer = async (from: number, count: number) => {
    queue.offer(samples(from, count))
    await eventually('samples on disk', () => queue.status().spool.inMemory === 0)
  }
  const dropped = async () =>
    Object.fromEntries(
      (await metrics.spoolDropped.get()).values.map(({ labels, value }) => [labels.reason, value]),
    )
  const errors = () => logged.filter(({ level }) => level >= 50).map(({ msg }) => msg)
  const segments = () => readdirSync(path).filter((name) => name.endsWith('.spool'))

  it.each<[string, () => Promise<unknown>]>([
    ['removed', () => rm(path, { recursive: true, maxRetries: 3 })],
    ['moved', () => rename(path, join(folder, 'elsewhere'))],
    [
      'replaced by a copy',
      async () => {
        const [name = ''] = segments()
        const copy = readFileSync(join(path, name))
        await rename(path, join(folder, 'elsewhere'))
        await mkdir(path)
        writeFileSync(join(path, name), copy)
      },
    ],
  ])('goes on in a new segment when its folder is %s, and counts what it lost once', async (_, takeAway) => {
    openSpool()
    await offer(0, 100)
    await eventually('delivery', () => store.kept.size === 100)
    store.state.away = true
    await offer(100, 40)
    await takeAway()
    await offer(140, 60)
    store.state.away = false
    await eventually('the samples that came later', () => queue.status().queued === 0)
    await offer(200, 50)
    await eventually('all that is left', () => store.kept.size === 210)
    expect([...store.kept].filter((number) => number >= 100 && number < 140)).toEqual([])
    expect(queue.status()).toMatchObject({
      droppedTotal: 40,
      spool: { damaged: 0, fault: expect.stringContaining('40 samples lost') },
    })
    expect(await dropped()).toEqual({ removed: 40 })
    expect(errors()).toEqual([
      'spool segments were removed, moved or replaced; what was not delivered of them is lost',
    ])
    now += 600_000
    expect(queue.status().spool.fault).toBeUndefined()
  })

  it('finds it within seconds when no sample comes, also of segments that are full', async () => {
    store.state.away = true
    openSpool({ segmentBytes: 1_000 })
    for (let i = 0; i < 5; i++) await offer(i * 100, 100)
    const [first = '', , third = ''] = segments()
    await rm(join(path, first))
    await rm(join(path, third))
    await eventually('the loss', () => queue.status().droppedTotal === 200)
    await rename(path, join(folder, 'elsewhere'))
    await eventually('the rest', () => queue.status().droppedTotal === 500)
    expect(queue.status()).toMatchObject({ queued: 0, spool: { bytes: 0, segments: 0 } })
    await eventually('a folder made anew', () => readdirSync(folder).includes('spool'))
    await offer(500, 10)
    store.state.away = false
    await eventually('the new samples', () => store.kept.size === 10)
    expect(await dropped()).toEqual({ removed: 500 })
  })

  it('counts what is damaged in the segment that is being written once the rest of it was delivered', async () => {
    store.state.away = true
    openSpool()
    await offer(0, 30)
    const [name = ''] = segments()
    await truncate(join(path, name), 20)
    await offer(30, 70)
    store.state.away = false
    await eventually('the rest', () => store.kept.size === 70)
    await eventually('an empty spool', () => queue.status().queued === 0)
    expect(queue.status()).toMatchObject({
      droppedTotal: 30,
      spool: { damaged: 1, fault: 'a segment is damaged' },
    })
    expect(await dropped()).toEqual({ damaged: 30 })
  })
})
