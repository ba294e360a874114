import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, open as openFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import { FaultlineError } from '../../src/platform/errors.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import type { SampleQueue } from '../../src/store/sample-queue.ts'
import { frameAt } from '../../src/store/spool/frame.ts'
import { unpacked } from '../../src/store/spool/payload.ts'
import { createSpool, type SpoolSettings } from '../../src/store/spool/spool.ts'
import { eventually } from '../support/eventually.ts'
import { fastClock } from '../support/fast-clock.ts'
import { createLineStore } from '../support/line-store.ts'
import { mountSmallDisk } from '../support/tmpfs.ts'

const start = Date.UTC(2026, 2, 1, 8)
/** Samples numbered from `from`; incompressible enough that many of them take room. */
const samples = (from: number, count: number): Sample[] =>
  Array.from({ length: count }, (_, i) =>
    sampleOf(
      'icmp',
      { element: 'e', vantage: 'v' },
      { sent: from + i, rtt_avg_ms: Math.random() * 1e9, jitter_ms: Math.random() * 1e9 },
      start + from + i,
    ),
  )
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('the spool', () => {
  let path: string
  const open: SampleQueue[] = []
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'faultline-spool-'))
  })
  afterEach(async () => {
    for (const queue of open.splice(0)) await queue.close()
    await rm(path, { recursive: true, force: true })
  })

  /** A spool whose second takes 20 ms. */
  function openSpool(
    settings: Partial<SpoolSettings> = {},
    store = createLineStore(),
    clock = fastClock(50),
  ) {
    const logged: { level: number; msg: string }[] = []
    const log = createLogger('debug', { write: (line: string) => logged.push(JSON.parse(line)) })
    const metrics = createMetrics()
    const queue = createSpool(
      { path, maxBytes: 2 ** 30, maxSamples: 100_000, ...settings },
      { store, clock, log, metrics },
    )
    open.push(queue)
    const onDisk = (count = 0) =>
      eventually('samples on disk', () => {
        const { queued, spool } = queue.status()
        return spool.inMemory === 0 && queued >= count
      })
    const drained = () => eventually('an empty spool', () => queue.status().queued === 0)
    const dropped = async () =>
      Object.fromEntries(
        (await metrics.spoolDropped.get()).values.map(({ labels, value }) => [labels.reason, value]),
      )
    const said = () => logged.map(({ msg }) => msg)
    /** When an earlier one left something behind. */
    const started = () => eventually('a start', () => said().includes('spool holds samples of before'))
    return { queue, store, logged, metrics, onDisk, started, drained, dropped, said }
  }
  const segments = (folder = path) => readdirSync(folder).filter((name) => name.endsWith('.spool'))
  const segmentFile = (index: number) => join(path, segments()[index] ?? '')

  /** Leaves so many samples on disk, in segments of about `segmentBytes`, as a daemon does whose store is away. */
  async function leaveBehind(count: number, settings: Partial<SpoolSettings> = {}, step = 500) {
    const store = createLineStore()
    store.state.away = true
    const { queue } = openSpool(settings, store)
    for (let from = 0; from < count; from += step) {
      queue.offer(samples(from, Math.min(step, count - from)))
      await eventually('samples on disk', () => queue.status().spool.inMemory === 0)
    }
    await queue.close()
    expect(queue.status()).toMatchObject({ queued: count, droppedTotal: 0 })
  }

  it('takes everything to the store, and leaves nothing behind', async () => {
    const { queue, store, drained } = openSpool()
    for (let i = 0; i < 100; i++) queue.offer(samples(i * 50, 50))
    expect(queue.status().queued).toBe(5_000)
    await drained()
    expect(store.kept.size).toBe(5_000)
    expect(queue.status()).toMatchObject({ droppedTotal: 0, healthy: true })
    await queue.close()
    expect(readdirSync(path)).toEqual(['delivered.json'])
  })

  it('offers the store nothing that is not on disk', async () => {
    const store = createLineStore()
    let checked = 0
    store.state.answer = async (offered) => {
      const texts = await Promise.all(
        segments().map(async (name) => {
          const bytes = readFileSync(join(path, name))
          const texts: string[] = []
          for (let at = 0; at < bytes.length; ) {
            const frame = frameAt(bytes, at)
            if (frame === 'damaged' || !('payload' in frame)) break
            texts.push((await unpacked([frame])).bytes.toString())
            at = frame.end
          }
          return texts.join('')
        }),
      )
      for (const number of offered) expect(texts.join('')).toContain(` sent=${number}i,`)
      checked += offered.length
      return undefined
    }
    const { queue, drained } = openSpool({}, store)
    for (let i = 0; i < 10; i++) {
      queue.offer(samples(i * 100, 100))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await drained()
    expect(checked).toBe(1_000)
  })

  it('offers the store nothing before the disk has said that it is there to stay', async () => {
    const handle = await openFile(join(path, 'any'), 'w')
    await handle.close()
    await rm(join(path, 'any'))
    const { promise: synced, resolve: sync } = Promise.withResolvers<void>()
    const datasync = vi.spyOn(Object.getPrototypeOf(handle), 'datasync').mockReturnValue(synced)
    onTestFinished(() => datasync.mockRestore())
    const { queue, store, drained } = openSpool()
    queue.offer(samples(0, 100))
    await eventually('the file is to be synced', () => datasync.mock.calls.length > 0)
    expect(segments()).toHaveLength(1)
    // A turn of ten flushes.
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(store.kept.size).toBe(0)
    sync()
    await drained()
    expect(store.kept.size).toBe(100)
  })

  it('keeps what the store does not take over a restart, and says so', async () => {
    await leaveBehind(3_000)
    const { store, queue, drained, started } = openSpool()
    await started()
    await drained()
    expect([...store.kept].toSorted((a, b) => a - b)).toEqual(numbers(0, 3_000))
    expect(queue.status()).toMatchObject({ droppedTotal: 0 })
  })

  it('tries less and less often while the store is away, and says so once', async () => {
    const store = createLineStore()
    store.state.away = true
    const { queue, said, drained, onDisk } = openSpool({}, store)
    let tries = 0
    store.state.answer = () => {
      tries++
      return undefined
    }
    queue.offer(samples(0, 10))
    await onDisk(10)
    await eventually('three tries', () => tries >= 3)
    expect(queue.status()).toMatchObject({ queued: 10, healthy: false, lastError: 'connection refused' })
    store.state.away = false
    await drained()
    expect(said()).toEqual(['sample store is away, keeping samples', 'sample store is back'])
  })

  it('waits as long as the store tells it to', async () => {
    const store = createLineStore()
    const tries: number[] = []
    store.state.answer = () => {
      tries.push(performance.now())
      if (tries.length > 1) return undefined
      throw new FaultlineError('STORE_UNAVAILABLE', 'slow down', { retryAfterMs: 20_000 })
    }
    const { queue, drained } = openSpool({}, store)
    queue.offer(samples(0, 10))
    await drained()
    expect((tries[1] ?? 0) - (tries[0] ?? 0)).toBeGreaterThan(390)
  })

  it('counts what the store refuses, and does not offer it again', async () => {
    const store = createLineStore()
    let writes = 0
    store.state.answer = (offered) => {
      if (++writes === 1) return { written: 8, refused: 2, reason: 'field type conflict' }
      if (offered.includes(10)) throw new FaultlineError('STORE_REJECTED', 'no')
      return undefined
    }
    const { queue, drained, metrics, logged } = openSpool({}, store)
    queue.offer(samples(0, 10))
    await drained()
    expect(queue.status()).toMatchObject({ droppedTotal: 2, healthy: true, lastError: 'field type conflict' })
    queue.offer(samples(10, 10))
    await drained()
    expect(queue.status()).toMatchObject({ droppedTotal: 12, healthy: false, lastError: 'no' })
    expect((await metrics.storeDropped.get()).values).toMatchObject([
      { labels: { reason: 'refused' }, value: 12 },
    ])
    expect(logged.filter(({ level }) => level >= 50)).toHaveLength(1)
    expect(writes).toBe(2)
  })

  it('delivers live data beside the backlog, which it never waits for', async () => {
    await leaveBehind(40_000, { segmentBytes: 100_000 }, 2_000)
    const store = createLineStore()
    /** Writes that the store has not answered yet, by the first of their samples. */
    const pending = new Map<number, () => void>()
    store.state.answer = async ([first = 0]) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      pending.set(first, resolve)
      await promise
      pending.delete(first)
      return undefined
    }
    const { queue, drained } = openSpool({ segmentBytes: 100_000 }, store)
    const backlog = () => [...pending.keys()].filter((number) => number < 100_000)
    for (let number = 100_000; number < 100_005; number++) {
      await eventually('a write of the backlog', () => backlog().length === 1)
      queue.offer(samples(number, 1))
      // The other write is still under way then, and there is but one of it.
      await eventually('the live sample', () => pending.has(number))
      expect(backlog()).toHaveLength(1)
      for (const answer of pending.values()) answer()
      await eventually('both answered', () => store.kept.has(number) && !pending.has(number))
    }
    expect(queue.status().queued).toBeGreaterThan(0)
    store.state.answer = undefined
    for (const answer of pending.values()) answer()
    await drained()
    expect(numbers(0, 40_000).every((number) => store.kept.has(number))).toBe(true)
  })

  it('asks a store that was away with little, and gives it much once it is back', async () => {
    await leaveBehind(20_000)
    const store = createLineStore()
    store.state.away = true
    const tries: number[] = []
    store.state.answer = (offered) => {
      tries.push(offered.length)
      return undefined
    }
    const { drained } = openSpool({}, store)
    await eventually('three tries', () => tries.length >= 3)
    expect(tries.slice(1, 3)).toEqual([500, 500])
    store.state.away = false
    await drained()
    expect(Math.max(...tries)).toBe(8_000)
    expect(store.kept.size).toBe(20_000)
  })

  it('gives a store as much at once as it says is good for it, across what is read at once', async () => {
    await leaveBehind(60_000)
    const store = createLineStore()
    const offered: number[] = []
    store.state.answer = (numbers) => {
      offered.push(numbers.length)
      return undefined
    }
    const { started, drained } = openSpool({}, Object.assign(store, { batch: { rows: 25_000, ms: 60_000 } }))
    await started()
    await drained()
    expect(offered.slice(0, 2)).toEqual([25_000, 25_000])
    expect(store.kept.size).toBe(60_000)
  })

  it('puts what is late behind, when the store is slow rather than away', async () => {
    const store = createLineStore()
    const slow = Promise.withResolvers<undefined>()
    store.state.answer = () => slow.promise
    const { queue, drained } = openSpool({}, store)
    for (let i = 0; i < 40; i++) {
      queue.offer(samples(i, 1))
      await eventually('sample on disk', () => queue.status().spool.inMemory === 0)
    }
    queue.offer(samples(100, 1))
    await eventually('sample on disk', () => queue.status().spool.inMemory === 0)
    store.state.answer = undefined
    const next = store.writes.length
    slow.resolve(undefined)
    await drained()
    expect(
      store.writes
        .slice(next)
        .flat()
        .toSorted((a, b) => a - b),
    ).toEqual([...numbers(0, 40), 100])
  })

  it('drops the oldest segment when the cap is reached, counts it and says so', async () => {
    const store = createLineStore()
    store.state.away = true
    const { queue, dropped, said, drained } = openSpool({ maxBytes: 200_000, segmentBytes: 20_000 }, store)
    for (let i = 0; i < 40; i++) {
      queue.offer(samples(i * 500, 500))
      await eventually('samples on disk', () => queue.status().spool.inMemory === 0)
    }
    const { queued, droppedTotal: lost, spool } = queue.status()
    expect(queued + lost).toBe(20_000)
    expect(lost).toBeGreaterThan(1_000)
    expect(spool.bytes).toBeLessThanOrEqual(200_000)
    expect(spool.dropping).toBe(true)
    expect(await dropped()).toEqual({ full: lost })
    expect(segments().reduce((sum, name) => sum + statSync(join(path, name)).size, 0)).toBe(spool.bytes)
    expect(said().filter((msg) => msg === 'spool is full, dropping the oldest')).toHaveLength(1)
    store.state.away = false
    await drained()
    expect([...store.kept].toSorted((a, b) => a - b)).toEqual(numbers(lost, 20_000))
    queue.offer(samples(20_000, 1))
    await drained()
    expect(queue.status()).toMatchObject({ droppedTotal: lost, spool: { dropping: false } })
  })

  it('does not wait for a store that hangs when it closes, and keeps the samples', async () => {
    const store = createLineStore()
    store.state.answer = () => new Promise(() => {})
    const first = openSpool({}, store)
    first.queue.offer(samples(0, 10))
    await first.onDisk()
    await first.queue.close()
    first.queue.offer(samples(10, 2))
    expect(first.queue.status()).toMatchObject({ queued: 10, droppedTotal: 2 })
    const second = openSpool()
    await eventually('the samples', () => second.store.kept.size === 10)
  })

  it('puts on disk what came in the last moment', async () => {
    const store = createLineStore()
    store.state.away = true
    const { queue } = openSpool({}, store, fastClock(1))
    queue.offer(samples(0, 700))
    await queue.close()
    expect(queue.status()).toMatchObject({ queued: 700, droppedTotal: 0 })
    const second = openSpool()
    await eventually('the samples', () => second.store.kept.size === 700)
  })

  it('keeps counting and delivering when the clock is set back', async () => {
    let now = start
    const store = createLineStore()
    const { queue, drained } = openSpool(
      {},
      store,
      fastClock(50, () => now),
    )
    queue.offer(samples(0, 100))
    await drained()
    now -= 40 * 86_400_000
    store.state.away = true
    queue.offer(samples(100, 100))
    await eventually('a failed write', () => !queue.status().healthy)
    now += 20 * 86_400_000
    store.state.away = false
    await drained()
    now -= 20 * 86_400_000
    queue.offer(samples(200, 100))
    await drained()
    expect(store.kept.size).toBe(300)
    await queue.close()
    expect(segments()).toEqual([])
  })

  describe('after damage', () => {
    it('cuts a torn tail, counts it, and loses only what was in it', async () => {
      await leaveBehind(1_000)
      rmRecord()
      truncateSync(segmentFile(0), statSync(segmentFile(0)).size - 5)
      const { store, drained, metrics, said } = openSpool()
      await eventually('a start', () =>
        said().includes('spool was cut where its last frame was half written'),
      )
      await drained()
      expect([...store.kept]).toEqual(numbers(0, 500))
      expect((await metrics.spoolDamaged.get()).values).toMatchObject([
        { labels: { kind: 'torn-tail' }, value: 1 },
      ])
    })

    it('passes over a corrupted frame, counts the samples in it, and goes on', async () => {
      await leaveBehind(4_000, { segmentBytes: 30_000 })
      const bytes = readFileSync(segmentFile(1))
      bytes.fill(0, 2_000, 2_600)
      writeFileSync(segmentFile(1), bytes)
      const { queue, store, started, drained, dropped, said } = openSpool()
      await started()
      await drained()
      const lost = 4_000 - store.kept.size
      expect(lost).toBe(500)
      expect(await dropped()).toEqual({ damaged: lost })
      expect(queue.status()).toMatchObject({ droppedTotal: lost, spool: { damaged: 1 } })
      expect(said()).toContain('spool segment is damaged, passing over it')
    })

    it('goes on behind a segment that is all rubbish', async () => {
      await leaveBehind(4_000, { segmentBytes: 30_000 })
      const { size } = statSync(segmentFile(1))
      writeFileSync(segmentFile(1), Buffer.alloc(size, 0xa5))
      const { queue, store, started, drained } = openSpool()
      await started()
      await drained()
      expect(store.kept.size + queue.status().droppedTotal).toBe(4_000)
      expect(store.kept.size).toBeGreaterThanOrEqual(2_000)
      await queue.close()
      expect(segments()).toEqual([])
    })

    it.each([
      ['missing', () => rmRecord()],
      ['half written', () => writeFileSync(join(path, 'delivered.json'), '{"version":1,"next":')],
      ['of something else', () => writeFileSync(join(path, 'delivered.json'), '{"version":2}')],
    ])('delivers everything when the record is %s', async (_, damage) => {
      await leaveBehind(2_000, { segmentBytes: 20_000 })
      damage()
      const { store, started, drained } = openSpool()
      await started()
      await drained()
      expect(store.kept.size).toBe(2_000)
    })

    it('goes on when a segment has vanished', async () => {
      await leaveBehind(4_000, { segmentBytes: 30_000 })
      await rm(segmentFile(1))
      const { store, started, drained, queue } = openSpool()
      await started()
      await drained()
      expect(store.kept.size).toBeGreaterThanOrEqual(2_000)
      queue.offer(samples(10_000, 1))
      await eventually('a new sample', () => store.kept.has(10_000))
    })
    const rmRecord = () => writeFileSync(join(path, 'delivered.json'), '')
  })

  describe('on a disk that fails', () => {
    it('holds samples in memory while the disk is full, delivers them, and writes again when there is room', async () => {
      await using disk = await mountSmallDisk(1_000_000)
      const ballast = join(disk.path, 'of-someone-else')
      writeFileSync(ballast, Buffer.alloc(980_000))
      const { queue, store, said, metrics } = openSpool({ path: join(disk.path, 'spool') })
      queue.offer(samples(0, 5_000))
      await eventually('delivery from memory', () => store.kept.size === 5_000)
      await eventually('an empty memory', () => queue.status().queued === 0)
      expect(queue.status()).toMatchObject({
        droppedTotal: 0,
        diskProblem: expect.stringContaining('ENOSPC'),
      })
      expect((await metrics.spoolErrors.get()).values[0]?.value).toBeGreaterThan(0)
      await rm(ballast)
      store.state.away = true
      queue.offer(samples(5_000, 5_000))
      await eventually('samples on disk', () => queue.status().spool.inMemory === 0)
      expect(queue.status()).toMatchObject({ queued: 5_000, droppedTotal: 0 })
      expect(queue.status().diskProblem).toBeUndefined()
      store.state.away = false
      await eventually('the rest', () => store.kept.size === 10_000)
      expect(said().filter((msg) => msg.startsWith('spool cannot be written'))).toHaveLength(1)
      await queue.close()
    })

    it('gives up the oldest segment when the disk and half the memory are full and the store is away', async () => {
      await using disk = await mountSmallDisk(400_000)
      const store = createLineStore()
      store.state.away = true
      const { queue, dropped } = openSpool(
        { path: join(disk.path, 'spool'), segmentBytes: 50_000, maxSamples: 4_000 },
        store,
      )
      for (let i = 0; i < 100; i++) {
        queue.offer(samples(i * 500, 500))
        await eventually('the flush', () => queue.status().spool.inMemory < 3_000)
      }
      const { queued, droppedTotal: lost } = queue.status()
      expect(queued + lost).toBe(50_000)
      expect(lost).toBeGreaterThan(10_000)
      expect(await dropped()).toEqual({ 'disk-full': lost })
      store.state.away = false
      await eventually('the rest', () => queue.status().queued === 0)
      // The newest are all there.
      expect([...store.kept].toSorted((a, b) => a - b)).toEqual(numbers(lost, 50_000))
      await queue.close()
    })

    it('goes on from memory on a read-only disk, bounded, and delivers what lies there', async () => {
      await using disk = await mountSmallDisk(4_000_000)
      const folder = join(disk.path, 'spool')
      await leaveBehind(1_000, { path: folder })
      disk.readOnly(true)
      const store = createLineStore()
      store.state.away = true
      const { queue, dropped, said } = openSpool({ path: folder, maxSamples: 3_000 }, store)
      queue.offer(samples(1_000, 5_000))
      await eventually('the problem', () => queue.status().diskProblem?.includes('EROFS'))
      expect(queue.status().spool.inMemory).toBeLessThanOrEqual(3_000)
      const { memory = 0 } = await dropped()
      expect(memory).toBeGreaterThanOrEqual(2_000)
      store.state.away = false
      await eventually('all that is left', () => store.kept.size === 6_000 - memory)
      expect(said().filter((msg) => msg.startsWith('memory for samples is full'))).toHaveLength(1)
      disk.readOnly(false)
      queue.offer(samples(6_000, 10))
      await eventually('the new samples', () => store.kept.size === 6_010 - memory)
      await eventually('a written spool', () => queue.status().diskProblem === undefined)
      await queue.close()
    })

    it('starts without its folder, and takes it when it comes', async () => {
      writeFileSync(join(path, 'in-the-way'), '')
      const folder = join(path, 'in-the-way', 'spool')
      const { queue, store } = openSpool({ path: folder })
      queue.offer(samples(0, 100))
      await eventually('delivery from memory', () => store.kept.size === 100)
      await rm(join(path, 'in-the-way'))
      store.state.away = true
      queue.offer(samples(100, 100))
      await eventually(
        'samples on disk',
        () => queue.status().spool.segments > 0 && queue.status().spool.inMemory === 0,
      )
      expect(queue.status().droppedTotal).toBe(0)
    })

    it('finds a disk that cannot be written before samples come, and that it is well again', async () => {
      await using disk = await mountSmallDisk(64 * 2 ** 20)
      const folder = join(disk.path, 'spool')
      const { queue, said } = openSpool({ path: folder })
      const free = await eventually('a look at the disk', () => queue.status().spool.freeBytes)
      expect(free).toBeGreaterThan(60 * 2 ** 20)
      expect(queue.status().diskProblem).toBeUndefined()
      disk.readOnly(true)
      await eventually('the problem', () => queue.status().diskProblem?.includes('EROFS'))
      disk.readOnly(false)
      await eventually('a well disk', () => queue.status().diskProblem === undefined)
      writeFileSync(join(disk.path, 'of-someone-else'), Buffer.alloc(free))
      await eventually('the problem', () => queue.status().diskProblem?.includes('ENOSPC'))
      await eventually('no room', () => queue.status().spool.freeBytes === 0)
      expect(queue.status().queued).toBe(0)
      expect(said().filter((msg) => msg === 'spool can be written again')).toHaveLength(1)
      await queue.close()
      expect(readdirSync(folder)).not.toContain('trial')
    })

    it('counts what neither disk nor store took when it closes', async () => {
      writeFileSync(join(path, 'in-the-way'), '')
      const store = createLineStore()
      store.state.away = true
      const { queue, dropped, logged } = openSpool({ path: join(path, 'in-the-way', 'spool') }, store)
      queue.offer(samples(0, 10))
      await eventually('a failed write', () => !queue.status().healthy)
      await queue.close()
      expect(await dropped()).toEqual({ closing: 10 })
      expect(logged.at(-1)).toMatchObject({
        msg: 'samples were lost because neither disk nor store took them',
      })
    })
  })

  it('tells what an alarm about it is made from', async () => {
    const now = start + 5_000
    const store = createLineStore()
    const { queue, onDisk, drained } = openSpool(
      { maxBytes: 100_000, segmentBytes: 10_000 },
      store,
      fastClock(50, () => now),
    )
    expect(queue.status()).toMatchObject({ fillRatio: 0, droppedTotal: 0 })
    store.state.away = true
    queue.offer(samples(0, 1_000))
    await onDisk(1_000)
    await eventually('a failed write', () => queue.status().storeAwaySince)
    const { fillRatio, spool, storeAwaySince } = queue.status()
    expect(storeAwaySince).toBe(now)
    expect(fillRatio).toBe(spool.bytes / 100_000)
    expect(fillRatio).toBeGreaterThan(0.1)
    store.state.away = false
    await drained()
    expect(queue.status()).not.toHaveProperty('storeAwaySince')
    expect(queue.status()).not.toHaveProperty('diskProblem')
  })

  it('is as full as its memory while the disk cannot be written', async () => {
    writeFileSync(join(path, 'in-the-way'), '')
    const store = createLineStore()
    store.state.away = true
    const { queue } = openSpool({ path: join(path, 'in-the-way', 'spool'), maxSamples: 1_000 }, store)
    queue.offer(samples(0, 750))
    await eventually('the problem', () => queue.status().diskProblem)
    expect(queue.status().fillRatio).toBe(0.75)
  })

  it('shows itself as metrics', async () => {
    const store = createLineStore()
    store.state.away = true
    const { queue, metrics, onDisk } = openSpool({}, store)
    queue.offer(samples(0, 100))
    await onDisk(100)
    const value = async (name: 'spoolBytes' | 'spoolSegments' | 'spoolMemory' | 'storeQueue') =>
      (await metrics[name].get()).values[0]?.value
    expect(await value('spoolBytes')).toBe(statSync(segmentFile(0)).size)
    expect([await value('spoolSegments'), await value('spoolMemory'), await value('storeQueue')]).toEqual([
      1, 0, 100,
    ])
  })
})
