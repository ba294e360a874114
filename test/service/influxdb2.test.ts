import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sampleOf } from '../../src/model/sample.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import type { InfluxSettings } from '../../src/store/influx/influx-settings.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { type FakeInfluxdb2, startFakeInfluxdb2 } from '../support/fake-influxdb2.ts'

const at = Date.UTC(2026, 2, 1, 8)
const signal = new AbortController().signal
const sample = sampleOf('icmp', { element: 'e', vantage: 'v' }, { sent: 1 }, at)
const line = `icmp,element=e,vantage=v sent=1i ${at}\n`

// Against a fake that answers as the documents say: no InfluxDB 2 was at hand.
describe('the 1.x interface of InfluxDB 2.x, as documented', () => {
  let server: FakeInfluxdb2
  beforeAll(async () => {
    server = await startFakeInfluxdb2({ token: 'secret-token', user: 'faultline:pass' })
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const stores: SampleStore[] = []
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
  })
  function storeOf(database: string, settings: Partial<InfluxSettings>) {
    const logged: { msg: string; problem?: string }[] = []
    const log = createLogger('info', { write: (text: string) => logged.push(JSON.parse(text)) })
    const store = createInfluxStore(
      { url: server.url, database, retentionDays: 90, ...settings },
      { log, metrics: createMetrics() },
    )
    stores.push(store)
    return { ...store, logged }
  }
  const query = { measurement: 'icmp', field: 'sent', tags: {}, from: at, to: at + 1, limit: 1 } as const

  it.each([
    ['a token', 'by-token', { token: 'secret-token' }],
    ['1.x credentials', 'by-basic', { username: 'faultline', password: 'pass' }],
    ['1.x credentials as a token', 'by-both', { token: 'faultline:pass' }],
  ])('is written and read with %s', async (_, database, login) => {
    server.mapped.add(database)
    const store = storeOf(database, login)
    expect(await store.prepare(signal)).toBeUndefined()
    expect(await store.write([sample], signal)).toEqual({ written: 1, refused: 0 })
    expect(await store.query(query, signal)).toEqual([])
    await store.ping(signal)
    expect(server.written.get(database)).toEqual([line])
  })

  it('is not asked for databases and retention policies, which it does not have', async () => {
    server.mapped.add('quiet')
    server.statements.length = 0
    const store = storeOf('quiet', { token: 'secret-token' })
    await store.prepare(signal)
    await store.write([sample], signal)
    expect(server.statements).toEqual([])
    expect(store.logged.filter(({ problem }) => problem !== undefined)).toEqual([])
  })

  it('that lacks the mapping keeps samples waiting, and the log says once what to do', async () => {
    const store = storeOf('unmapped', { token: 'secret-token' })
    await expect(store.prepare(signal)).rejects.toMatchObject({
      code: 'STORE_REJECTED',
      message: expect.stringContaining('influx v1 dbrp create'),
    })
    for (let i = 0; i < 3; i++)
      await expect(store.write([sample], signal)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('unable to find DBRP'),
      })
    expect(store.logged.filter(({ problem }) => problem?.includes('influx v1 dbrp create'))).toHaveLength(1)
    server.mapped.add('unmapped')
    expect(await store.prepare(signal)).toBeUndefined()
    expect(await store.write([sample], signal)).toEqual({ written: 1, refused: 0 })
    expect(server.written.get('unmapped')).toEqual([line])
  })

  it.each([
    ['token', { token: 'wr0ng' }],
    ['password', { username: 'faultline', password: 'wr0ng' }],
  ])('that does not know the %s keeps samples waiting', async (_, login) => {
    server.mapped.add('locked')
    const store = storeOf('locked', login)
    const refusal = await store.prepare(signal).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'STORE_REJECTED', message: expect.stringContaining('HTTP 401') })
    await expect(store.write([sample], signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(store.query(query, signal)).rejects.toMatchObject({ code: 'STORE_REJECTED' })
    expect(JSON.stringify([store.logged, String(refusal)])).not.toContain('wr0ng')
  })
})
