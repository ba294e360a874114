import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createEmbeddedStore, type EmbeddedSettings } from '../../src/store/embedded/embedded-store.ts'
import { SampleFile } from '../../src/store/embedded/sample-file.ts'
import { LineEncoder } from '../../src/store/line-encoder.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { checkColumns } from '../../src/store/series-query.ts'
import { eventually } from '../support/eventually.ts'
import { ManualClock } from '../support/manual-clock.ts'

const signal = new AbortController().signal
const day = 86_400_000
const unavailable = { code: 'STORE_UNAVAILABLE' }

describe('the embedded store', () => {
  let path: string
  const stores: SampleStore[] = []
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'faultline-samples-'))
  })
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    await rm(path, { recursive: true })
  })
  const file = () => join(path, 'samples.sqlite')

  function open(settings: Partial<EmbeddedSettings> = {}, clock = new ManualClock()) {
    const logged: { level: number; msg: string }[] = []
    const log = createLogger('debug', { write: (line: string) => logged.push(JSON.parse(line)) })
    const store = createEmbeddedStore({ path, ...settings }, { clock, log, metrics: createMetrics() })
    stores.push(store)
    return { store, clock, logged }
  }
  const now = new ManualClock().now()
  const ping = (at: number, sent = 1): Sample =>
    sampleOf('icmp', { element: 'e', vantage: 'v' }, { sent }, at)
  const read = async (store: SampleStore, from = now - 60 * day) => {
    const query = {
      measurement: 'icmp',
      field: 'sent',
      tags: {},
      from,
      to: now + 60 * day,
      limit: 1e6,
    } as const
    return (await store.query(query, signal)).flatMap(({ points }) => points)
  }

  it('finds its samples again after a restart', async () => {
    const first = open()
    await first.store.write([ping(now)], signal)
    await first.store.close()
    const second = open()
    await second.store.write([ping(now + 1)], signal)
    expect(await read(second.store)).toEqual([
      [now, 1],
      [now + 1, 1],
    ])
  })

  it('writes what was asked before it closed, and nothing after', async () => {
    const { store } = open()
    const writes = Array.from({ length: 20 }, (_, i) => store.write([ping(now + i)], signal))
    await store.close()
    expect(await Promise.all(writes)).toHaveLength(20)
    await expect(store.write([ping(now)], signal)).rejects.toMatchObject(unavailable)
    expect(await read(open().store)).toHaveLength(20)
  })

  it('answers while it is written, whole batches only, another process too', async () => {
    const { store } = open()
    await store.write([ping(now)], signal)
    const other = new SampleFile(file())
    onTestFinished(() => other.close())
    const batch = (i: number) => Array.from({ length: 100 }, (_, j) => ping(now + 1 + i * 100 + j))
    const writes = Array.from({ length: 20 }, (_, i) => store.write(batch(i), signal))
    const counts: number[] = []
    const countOther = () =>
      other.columns(
        checkColumns({
          measurement: 'icmp',
          fields: ['sent'],
          tags: {},
          from: now,
          to: now + day,
          limit: 1e6,
        }),
      ).at.length
    for (let i = 0; i < 5; i++) counts.push((await read(store)).length, countOther())
    await Promise.all(writes)
    counts.push((await read(store)).length, countOther())
    for (const count of counts) expect((count - 1) % 100).toBe(0)
    expect(counts.slice(-2)).toEqual([2_001, 2_001])
  })

  it('drops days beyond the retention as time goes on, and refuses samples from before', async () => {
    const { store, clock } = open({ retentionDays: 3 })
    await store.write(
      [0, 1, 2, 3].map((ago) => ping(now - ago * day)),
      signal,
    )
    expect(await store.write([ping(now - 4 * day)], signal)).toMatchObject({ written: 0, refused: 1 })
    expect(await read(store)).toHaveLength(4)
    await clock.advance(2 * day)
    await store.write([ping(now + 2 * day)], signal)
    expect((await read(store)).map(([at]) => at)).toEqual([now - day, now, now + 2 * day])
  })

  it('gives back the room of a dropped day', async () => {
    const { store, clock } = open({ retentionDays: 1 })
    for (let i = 0; i < 10; i++)
      await store.write(
        Array.from({ length: 5_000 }, (_, j) => ping(now + i * 5_000 + j)),
        signal,
      )
    await store.close()
    const before = statSync(file()).size
    await clock.advance(5 * day)
    const again = open({ retentionDays: 1 }, clock)
    await again.store.write([ping(clock.now())], signal)
    await again.store.close()
    expect(statSync(file()).size).toBeLessThan(before / 5)
  })

  it.each([
    ['that is no SQLite file', () => writeFileSync(file(), 'not a database, '.repeat(1_000))],
    [
      'whose dictionary is overwritten',
      async () => {
        const { store } = open()
        await store.write([ping(now)], signal)
        await store.close()
        overwrite(file(), 100, 4_096 * 4)
      },
    ],
  ])('puts a file %s aside, says so, and begins anew', async (_, damage) => {
    await damage()
    const { store, logged } = open()
    expect(await store.write([ping(now)], signal)).toEqual({ written: 1, refused: 0 })
    expect(await read(store)).toEqual([[now, 1]])
    expect(readdirSync(path).filter((name) => /^samples\.sqlite\.damaged-\d/.test(name))).not.toEqual([])
    expect(logged).toMatchObject([{ level: 50, msg: 'sample file is damaged, put aside and begun anew' }])
  })

  it('does the same when the damage shows only later, and takes the batch at the next try', async () => {
    const before = open()
    await before.store.write(
      Array.from({ length: 20_000 }, (_, i) => ping(now + i, i)),
      signal,
    )
    await before.store.close()
    overwrite(file(), 40_960, statSync(file()).size)
    const { store, logged } = open()
    await expect(read(store)).rejects.toMatchObject(unavailable)
    expect(await store.write([ping(now)], signal)).toEqual({ written: 1, refused: 0 })
    expect(await read(store)).toEqual([[now, 1]])
    expect(logged.map(({ msg }) => msg)).toContain('sample file is damaged, put aside and begun anew')
  })

  it('is unavailable while its folder cannot be made, and works once it can', async () => {
    writeFileSync(join(path, 'in-the-way'), '')
    const { store } = open({ path: join(path, 'in-the-way') })
    await expect(store.write([ping(now)], signal)).rejects.toMatchObject(unavailable)
    await rm(join(path, 'in-the-way'))
    expect(await store.write([ping(now)], signal)).toEqual({ written: 1, refused: 0 })
    expect(await read(store)).toEqual([[now, 1]])
  })

  it('reads and extends a table that an older version made with fewer fields', async () => {
    const older = new DatabaseSync(file())
    older.exec(`CREATE TABLE series (id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (measurement, tags));
      INSERT INTO series VALUES (1, 'icmp', '{"element":"e","vantage":"v"}');
      CREATE TABLE icmp_${Math.floor(now / day)} (series INTEGER NOT NULL, at INTEGER NOT NULL, received INTEGER, PRIMARY KEY (series, at)) WITHOUT ROWID;
      INSERT INTO icmp_${Math.floor(now / day)} VALUES (1, ${now}, 3)`)
    older.close()
    const { store } = open()
    expect(await read(store)).toEqual([])
    await store.write([ping(now + 1)], signal)
    expect(await read(store)).toEqual([[now + 1, 1]])
  })

  it('turns tables of the first format, with whole times and rates as they were, into those of this one', async () => {
    const table = `interface_${Math.floor(now / day)}`
    const older = new DatabaseSync(file())
    older.exec(`CREATE TABLE series (id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (measurement, tags));
      INSERT INTO series VALUES (1, 'interface', '{"element":"e","interface":"i"}');
      CREATE TABLE ${table} (series INTEGER NOT NULL, at INTEGER NOT NULL, in_bps INTEGER, in_pps REAL, PRIMARY KEY (series, at)) WITHOUT ROWID;
      INSERT INTO ${table} VALUES (1, ${now}, 7, 0.25), (1, ${now + 1}, NULL, 1234.56789)`)
    older.close()
    const points = async (field: 'in_bps' | 'in_pps') => {
      const query = {
        measurement: 'interface',
        field,
        tags: {},
        from: now,
        to: now + day,
        limit: 10,
      } as const
      return (await open().store.query(query, signal)).flatMap((series) => series.points)
    }
    expect(await points('in_bps')).toEqual([[now, 7]])
    expect(await points('in_pps')).toEqual([
      [now, 0.25],
      [now + 1, 1234.568],
    ])
    const names = new DatabaseSync(file())
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
    expect(names.map(({ name }) => name).toSorted()).toEqual([table, 'series', 'tidied'])
  })

  describe('writes a day that is over anew', () => {
    const today = Math.floor(now / day)
    const noon = (ago: number) => (today - ago) * day + day / 2
    const openFile = () => {
      const sampleFile = new SampleFile(file())
      onTestFinished(() => sampleFile.close())
      return sampleFile
    }
    const write = (sampleFile: SampleFile, ...samples: Sample[]) => {
      const encoder = new LineEncoder(() => {})
      for (const sample of samples) encoder.append(sample)
      expect(sampleFile.write(encoder.take().bytes, 0)).toMatchObject({ kept: samples.length })
    }
    const port = (i: number, at: number, in_bps: number) =>
      sampleOf('interface', { element: 'e', interface: `i${i}` }, { in_bps, in_pps: Math.random() * 1e5 }, at)
    /** Many series side by side, in the order of time, as polls bring them. */
    const fill = (sampleFile: SampleFile, ago: number, polls = 60) => {
      for (let poll = 0; poll < polls; poll++)
        write(sampleFile, ...Array.from({ length: 500 }, (_, i) => port(i, noon(ago) + poll * 1_000, poll)))
    }
    const readAll = (sampleFile: SampleFile) => {
      const { at, values } = sampleFile.columns(
        checkColumns({
          measurement: 'interface',
          fields: ['in_bps', 'in_pps'],
          tags: {},
          from: 0,
          to: now + day,
          limit: 1e6,
        }),
      )
      return { at: [...at], in_bps: [...(values.in_bps ?? [])], in_pps: [...(values.in_pps ?? [])] }
    }
    const tidyAll = (sampleFile: SampleFile) => {
      let steps = 0
      while (sampleFile.tidy(today)) steps++
      return steps
    }
    const pagesInUse = () => {
      const db = new DatabaseSync(file())
      const count = Number(db.prepare('PRAGMA page_count').get()?.page_count)
      const free = Number(db.prepare('PRAGMA freelist_count').get()?.freelist_count)
      db.close()
      return count - free
    }

    it('in small steps, smaller, and with the same rows', () => {
      const sampleFile = openFile()
      fill(sampleFile, 2)
      tidyAll(sampleFile)
      const before = readAll(sampleFile)
      expect(before.at).toHaveLength(30_000)
      expect(tidyAll(sampleFile)).toBeGreaterThanOrEqual(2)
      expect(readAll(sampleFile)).toEqual(before)
      expect(tidyAll(sampleFile)).toBe(0)
      // It takes late rows as before.
      write(sampleFile, port(3, noon(2), 99), port(3, noon(2) - 1, 98))
      expect(readAll(sampleFile).at).toHaveLength(30_001)
      expect(readAll(sampleFile).in_bps).toContain(99)
    })

    it('so that its pages are full', () => {
      const sampleFile = openFile()
      fill(sampleFile, 5)
      const before = pagesInUse()
      tidyAll(sampleFile)
      tidyAll(sampleFile)
      expect(pagesInUse()).toBeLessThan(0.95 * before)
    })

    it('but not yesterday, which may get late samples', () => {
      const sampleFile = openFile()
      fill(sampleFile, 1, 2)
      fill(sampleFile, 0, 2)
      expect(tidyAll(sampleFile)).toBe(0)
    })

    it('in the next round when a row comes for it meanwhile', () => {
      const sampleFile = openFile()
      fill(sampleFile, 2)
      tidyAll(sampleFile)
      expect(sampleFile.tidy(today)).toBe(true)
      write(sampleFile, port(0, noon(2) - 5, 1_234), port(0, noon(2), 4_321))
      expect(tidyAll(sampleFile)).toBe(0)
      expect(tidyAll(sampleFile)).toBeGreaterThanOrEqual(2)
      expect(readAll(sampleFile).in_bps).toEqual(expect.arrayContaining([1_234, 4_321]))
      expect(readAll(sampleFile).at).toHaveLength(30_001)
    })

    it('and loses nothing when it ends half-way', () => {
      const first = new SampleFile(file())
      fill(first, 2)
      tidyAll(first)
      const before = readAll(first)
      expect(first.tidy(today)).toBe(true)
      first.close()
      const second = openFile()
      expect(readAll(second)).toEqual(before)
      tidyAll(second)
      expect(readAll(second)).toEqual(before)
    })

    it('also when an older version made its table with other columns', () => {
      const older = new DatabaseSync(file())
      older.exec(`CREATE TABLE series (id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (measurement, tags));
        INSERT INTO series VALUES (1, 'interface', '{"element":"e","interface":"i0"}');
        CREATE TABLE interface_${today - 3} (series INTEGER NOT NULL, ms INTEGER NOT NULL, in_bps INTEGER, PRIMARY KEY (series, ms)) WITHOUT ROWID;
        INSERT INTO interface_${today - 3} VALUES (1, 5, 7)`)
      older.close()
      const sampleFile = openFile()
      tidyAll(sampleFile)
      expect(readAll(sampleFile)).toEqual({ at: [(today - 3) * day + 5], in_bps: [7], in_pps: [Number.NaN] })
    })

    it('by itself, once a day', async () => {
      const first = new SampleFile(file())
      fill(first, 2, 2)
      first.close()
      const { store } = open({ retentionDays: 30 })
      await store.write([port(0, now, 1)], signal)
      await eventually('a tidy day', () => {
        const db = new DatabaseSync(file(), { readOnly: true })
        const tidied = db.prepare('SELECT name FROM tidied').all()
        db.close()
        return tidied.length === 1
      })
    })
  })

  it('keeps a month of daily rows together, and lets go of it when its last day is too old', async () => {
    const { store, clock } = open({ retentionDays: 10 })
    const peak = (at: number) =>
      sampleOf(
        'interface_peak_day',
        { element: 'e', interface: 'i', direction: 'in' },
        { peak_mean_bps: 1 },
        at,
      )
    await store.write(
      Array.from({ length: 10 }, (_, ago) => peak(now - ago * day)),
      signal,
    )
    await clock.advance(60 * day)
    await store.write([peak(clock.now())], signal)
    const query = {
      measurement: 'interface_peak_day',
      field: 'peak_mean_bps',
      tags: {},
      from: now - 60 * day,
      to: now + 90 * day,
      limit: 100,
    } as const
    expect((await store.query(query, signal)).map(({ points }) => points.length)).toEqual([1])
  })

  it('loses nothing that it said it had when the process is killed', async () => {
    const script = `
      import { createEmbeddedStore } from '${new URL('../../src/store/embedded/embedded-store.ts', import.meta.url)}'
      const counter = { inc() {} }
      const store = createEmbeddedStore({ path: ${JSON.stringify(path)} }, {
        clock: { now: () => ${now} }, log: { error() {}, warn() {} }, metrics: { samplesRefused: counter } })
      for (let i = 0; ; i++) {
        const batch = Array.from({ length: 100 }, (_, j) =>
          ({ measurement: 'icmp', tags: { element: 'e', vantage: 'v' }, fields: { sent: i }, at: ${now} + i * 100 + j }))
        await store.write(batch, new AbortController().signal)
        console.log(i)
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let acknowledged = -1
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line)
      if (acknowledged === 30) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const points = await read(open().store)
    expect(acknowledged).toBeGreaterThanOrEqual(30)
    expect(points.length).toBeGreaterThanOrEqual((acknowledged + 1) * 100)
    expect(points.length % 100).toBe(0)
  })

  it('turns tasks away when too many wait for the disk', async () => {
    const { store } = open()
    const pings = await Promise.allSettled(Array.from({ length: 40 }, () => store.ping(signal)))
    const away = pings.filter(({ status }) => status === 'rejected')
    expect(away).toHaveLength(8)
    expect(away[0]).toMatchObject({ reason: unavailable })
    await store.ping(signal)
  })

  it('starts another thread when one ended, and introduces its series to it', async () => {
    const threads: Worker[] = []
    const remember = (thread: Worker) => threads.push(thread)
    process.on('worker', remember)
    const { store } = open()
    await store.write([ping(now)], signal)
    const lost = expect(store.write([ping(now + 1)], signal)).rejects.toMatchObject(unavailable)
    await threads[0]?.terminate()
    await lost
    expect(await store.write([ping(now + 1), ping(now + 2)], signal)).toEqual({ written: 2, refused: 0 })
    expect(threads).toHaveLength(2)
    expect((await read(store)).map(([at]) => at)).toEqual([now, now + 1, now + 2])
    process.off('worker', remember)
  })
})

function overwrite(path: string, from: number, to: number): void {
  const handle = openSync(path, 'r+')
  writeSync(handle, Buffer.alloc(Math.max(0, to - from), 0xa5), 0, to - from, from)
  closeSync(handle)
}
