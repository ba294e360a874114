import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sampleOf } from '../../src/model/sample.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import type { InfluxSettings } from '../../src/store/influx/influx-settings.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { prepareStore } from '../../src/wiring/prepare-store.ts'
import { eventually } from '../support/eventually.ts'
import { fastClock } from '../support/fast-clock.ts'
import { type Influxd, startInfluxd } from '../support/influxd.ts'
import { has } from '../support/requires.ts'

const signal = new AbortController().signal

describe.skipIf(!has('influxd'))('database and retention in a real InfluxDB', () => {
  let open: Influxd
  let locked: Influxd
  beforeAll(async () => {
    open = await startInfluxd()
    locked = await startInfluxd({ INFLUXDB_HTTP_AUTH_ENABLED: 'true' })
    await ask(locked, `CREATE USER admin WITH PASSWORD 'admin' WITH ALL PRIVILEGES`)
    await ask(locked, `CREATE USER reader WITH PASSWORD 'reader'; CREATE USER writer WITH PASSWORD 'writer'`)
  })
  afterAll(async () => {
    await open[Symbol.asyncDispose]()
    await locked[Symbol.asyncDispose]()
  })

  const stores: SampleStore[] = []
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
  })

  /** The rows that answer statements of the administrator. */
  async function ask({ url }: Influxd, statements: string): Promise<readonly (readonly unknown[])[]> {
    const response = await fetch(`${url}/query`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('admin:admin')}` },
      body: new URLSearchParams({ q: statements }),
    })
    const body = (await response.json()) as {
      results: { error?: string; series?: { values?: unknown[][] }[] }[]
    }
    for (const { error } of body.results) if (error !== undefined) throw new Error(error)
    return body.results.flatMap(({ series }) => series?.[0]?.values ?? [])
  }

  /** Name, duration, whether it is the default one. */
  const policies = async (at: Influxd, database: string) =>
    (await ask(at, `SHOW RETENTION POLICIES ON ${database}`)).map(([name, duration, , , isDefault]) => [
      name,
      duration,
      isDefault,
    ])

  function storeOf(at: Influxd, database: string, settings: Partial<InfluxSettings> = {}) {
    const logged: { msg: string; problem?: string; before?: unknown }[] = []
    const log = createLogger('info', { write: (line: string) => logged.push(JSON.parse(line)) })
    const metrics = createMetrics()
    const store = createInfluxStore(
      { url: at.url, database, retentionDays: 90, ...settings },
      { log, metrics },
    )
    stores.push(store)
    return { ...store, logged }
  }
  const sample = () => sampleOf('icmp', { element: 'e', vantage: 'v' }, { sent: 1 }, systemClock.now())
  const user = (name: string) => ({ username: name, password: name })

  it('are made before the first write', async () => {
    expect(await storeOf(open, 'made').prepare(signal)).toBeUndefined()
    expect(await policies(open, 'made')).toEqual([
      ['autogen', '0s', false],
      ['faultline', '2160h0m0s', true],
    ])
  })

  it('are changed when the configuration changes, which is told', async () => {
    await storeOf(open, 'changed').prepare(signal)
    const store = storeOf(open, 'changed', { retentionDays: 30 })
    expect(await store.prepare(signal)).toBeUndefined()
    expect(await policies(open, 'changed')).toContainEqual(['faultline', '720h0m0s', true])
    expect(store.logged.find(({ msg }) => msg === 'retention of samples set')?.before).toEqual({
      policy: 'faultline',
      duration: '2160h0m0s',
    })
  })

  it('are left as they are where the configuration says so, and the difference is told once', async () => {
    await ask(open, 'CREATE DATABASE kept WITH DURATION 365d NAME year')
    const store = storeOf(open, 'kept', { alterRetention: false })
    const remark = 'keeps samples 365d (policy year), configured are 90d'
    expect(await store.prepare(signal)).toBe(remark)
    expect(await store.prepare(signal)).toBe(remark)
    expect(await policies(open, 'kept')).toEqual([['year', '8760h0m0s', true]])
    expect(store.logged.filter(({ problem }) => problem === remark)).toHaveLength(1)
    expect(
      await storeOf(open, 'kept', { alterRetention: false, retentionDays: 365 }).prepare(signal),
    ).toBeUndefined()
  })

  it('become the default again when another policy has', async () => {
    await storeOf(open, 'taken').prepare(signal)
    await ask(open, 'CREATE RETENTION POLICY other ON taken DURATION 48h REPLICATION 1 DEFAULT')
    expect(await storeOf(open, 'taken').prepare(signal)).toBeUndefined()
    expect(await policies(open, 'taken')).toContainEqual(['faultline', '2160h0m0s', true])
  })

  it('are made once the server is there, and hold up nothing before', async () => {
    await using late = await startInfluxd()
    await late.stop()
    const store = storeOf(late, 'late')
    const log = createLogger('silent')
    const preparation = prepareStore(store, { clock: fastClock(20), log })
    await eventually('a failed try', () => preparation.status().remark?.includes('ECONNREFUSED') === true)
    expect(preparation.status().prepared).toBe(false)
    await late.start()
    await eventually('a prepared store', () => preparation.status().prepared)
    expect(await policies(late, 'late')).toContainEqual(['faultline', '2160h0m0s', true])
    await preparation.close()
  })

  it('need no administrator where they are as configured', async () => {
    await ask(locked, 'CREATE DATABASE ours WITH DURATION 90d NAME faultline; GRANT ALL ON ours TO reader')
    const store = storeOf(locked, 'ours', user('reader'))
    expect(await store.prepare(signal)).toBeUndefined()
    expect(await store.write([sample()], signal)).toEqual({ written: 1, refused: 0 })
  })

  it('are used as they are when we may not change them, and the difference is told', async () => {
    await ask(locked, 'CREATE DATABASE theirs; GRANT ALL ON theirs TO reader')
    const store = storeOf(locked, 'theirs', user('reader'))
    expect(await store.prepare(signal)).toMatch(
      /^keeps samples for ever \(policy autogen\), configured are 90d; it could not be changed: .*requires admin/,
    )
    expect(await store.write([sample()], signal)).toEqual({ written: 1, refused: 0 })
    expect(await policies(locked, 'theirs')).toEqual([['autogen', '0s', true]])
  })

  it('may be hidden from who may only write, who writes all the same', async () => {
    await ask(locked, 'CREATE DATABASE hidden; GRANT WRITE ON hidden TO writer')
    const store = storeOf(locked, 'hidden', user('writer'))
    expect(await store.prepare(signal)).toMatch(/may not show us its retention policies/)
    expect(await store.write([sample()], signal)).toEqual({ written: 1, refused: 0 })
  })

  it('wait for the administrator where we may not make them, who is told what to do', async () => {
    await ask(locked, 'CREATE DATABASE gone; GRANT ALL ON gone TO reader; DROP DATABASE gone')
    const store = storeOf(locked, 'gone', user('reader'))
    await expect(store.prepare(signal)).rejects.toMatchObject({
      code: 'STORE_REJECTED',
      message: expect.stringMatching(/no database gone.*requires admin.*CREATE DATABASE "gone"/),
    })
    await expect(store.write([sample()], signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await ask(locked, 'CREATE DATABASE gone; GRANT ALL ON gone TO reader')
    expect(await store.prepare(signal)).toMatch(/^keeps samples for ever/)
    expect(await store.write([sample()], signal)).toEqual({ written: 1, refused: 0 })
  })

  it('wait for a login that is refused to be put right', async () => {
    const store = storeOf(locked, 'ours', { username: 'reader', password: 'wrong' })
    await expect(store.prepare(signal)).rejects.toMatchObject({
      code: 'STORE_REJECTED',
      details: { status: 401 },
    })
  })
})
