import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import type { InfluxSettings } from '../../src/store/influx/influx-settings.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import type { SampleQueue } from '../../src/store/sample-queue.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { createSpool } from '../../src/store/spool/spool.ts'
import { eventually } from '../support/eventually.ts'
import { fastClock } from '../support/fast-clock.ts'
import { type Fault, startFaultProxy } from '../support/fault-proxy.ts'
import { askInfluxd, startInfluxd } from '../support/influxd.ts'

const at = Date.UTC(2026, 2, 1, 8)
const signal = new AbortController().signal

describe('the spool in front of a real InfluxDB', () => {
  let path: string
  const open: (SampleQueue | SampleStore)[] = []
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'faultline-spool-'))
  })
  afterEach(async () => {
    for (const thing of open.splice(0)) await thing.close()
    await rm(path, { recursive: true })
  })

  function spoolTo(url: string, settings: Partial<InfluxSettings> = {}, faster = 20) {
    const deps = { clock: fastClock(faster), log: createLogger('silent'), metrics: createMetrics() }
    const store = createInfluxStore({ url, database: 'samples', timeoutMs: 1_000, ...settings }, deps)
    const spool = createSpool(
      { path, maxBytes: 2 ** 28, maxSamples: 100_000, segmentBytes: 20_000 },
      { store, ...deps },
    )
    open.push(spool, store)
    let offered = 0
    const offer = (count: number) => {
      const batch: Sample[] = Array.from({ length: count }, () =>
        sampleOf(
          'icmp',
          { element: 'e', vantage: 'v' },
          { sent: offered, rtt_avg_ms: Math.random() },
          at + offered++,
        ),
      )
      spool.offer(batch)
    }
    const drained = () => eventually('an empty spool', () => spool.status().queued === 0)
    const failed = () => eventually('a failed write', () => !spool.status().healthy)
    return { spool, store, offer, drained, failed, offered: () => offered }
  }

  /** How many there are, and the sum of their numbers: both right means that each is there once. */
  async function contentOf(url: string) {
    const { series } = await askInfluxd(url, 'samples', 'SELECT count(sent), sum(sent) FROM icmp')
    const [, count, sum] = series[0]?.values[0] ?? []
    return { count, sum }
  }
  const first = (count: number) => ({ count, sum: (count * (count - 1)) / 2 })

  it('loses nothing when it is away at the start, stopped, killed, and restarted unnoticed', async () => {
    await using influxd = await startInfluxd()
    await influxd.stop()
    const { spool, offer, drained, failed, offered } = spoolTo(influxd.url)
    offer(1_200)
    await failed()
    expect(spool.status()).toMatchObject({
      queued: 1_200,
      lastError: expect.stringContaining('ECONNREFUSED'),
    })
    await influxd.start()
    await drained()

    await influxd.stop('SIGKILL')
    offer(750)
    await failed()
    await influxd.start()
    offer(50)
    await drained()

    // Down and up again without a write between: the kept-alive connection is stale, and nobody need notice.
    await influxd.stop()
    await influxd.start()
    offer(600)
    await drained()
    expect(spool.status()).toMatchObject({ droppedTotal: 0, healthy: true })
    expect(await contentOf(influxd.url)).toEqual(first(offered()))
  })

  it('loses nothing while the server is killed again and again under load', async () => {
    await using influxd = await startInfluxd()
    const { spool, offer, drained, offered } = spoolTo(influxd.url)
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 10; i++) {
        offer(500)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      await influxd.stop('SIGKILL')
      offer(500)
      await influxd.start()
    }
    await drained()
    expect(spool.status().droppedTotal).toBe(0)
    expect(await contentOf(influxd.url)).toEqual(first(offered()))
  })

  it('loses nothing and keeps nothing twice behind a proxy that does all that proxies do', async () => {
    await using influxd = await startInfluxd()
    const faults: readonly Fault[] = [
      'reset-before',
      'reset-after',
      { status: 503, retryAfter: 1 },
      'half-an-answer',
      { status: 429, retryAfter: 2 },
      'endless-answer',
      { status: 500 },
      'none',
      { status: 413 },
      { status: 401 },
      'no-answer',
      { status: 404 },
      { status: 403 },
      'none',
    ]
    await using proxy = await startFaultProxy(influxd.url, (write) =>
      write < 2 * faults.length ? (faults[write % faults.length] ?? 'none') : 'none',
    )
    const { spool, offer, drained, offered } = spoolTo(proxy.url, { timeoutMs: 200 }, 200)
    for (let i = 0; i < 30; i++) {
      offer(200)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await eventually(
      'every fault',
      () => (proxy.seen.get('/write') ?? 0) > 2 * faults.length || spool.status().queued === 0,
      60_000,
    )
    while ((proxy.seen.get('/write') ?? 0) <= 2 * faults.length) {
      offer(1)
      await drained()
    }
    await drained()
    expect(spool.status().droppedTotal).toBe(0)
    expect(await contentOf(influxd.url)).toEqual(first(offered()))
  })

  it('makes the database again when someone drops it, and says what a partly bad write lost', async () => {
    await using influxd = await startInfluxd()
    const { spool, offer, drained } = spoolTo(influxd.url)
    offer(100)
    await drained()
    await askInfluxd(influxd.url, 'samples', 'DROP DATABASE samples')
    offer(50)
    await drained()
    expect(await contentOf(influxd.url)).toMatchObject({ count: 50 })
    await askInfluxd(influxd.url, 'samples', 'DROP MEASUREMENT icmp')
    await fetch(`${influxd.url}/write?db=samples`, {
      method: 'POST',
      body: `element,element=z cpu_ratio="text" ${at}000000`,
    })
    spool.offer([sampleOf('element', { element: 'x' }, { cpu_ratio: 0.5 }, at)])
    offer(10)
    await drained()
    expect(spool.status()).toMatchObject({
      droppedTotal: 1,
      lastError: expect.stringContaining('field type conflict'),
    })
    expect(await contentOf(influxd.url)).toMatchObject({ count: 10 })
  })

  it('sends compressed when told to', async () => {
    await using influxd = await startInfluxd()
    const { offer, drained, offered } = spoolTo(influxd.url, { gzip: true })
    offer(5_000)
    await drained()
    expect(await contentOf(influxd.url)).toEqual(first(offered()))
  })

  it('trusts the authority that it is told to trust, and no other', async () => {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: path, stdio: 'pipe' })
    const days = ['-days', '2', '-nodes', '-newkey', 'rsa:2048']
    openssl('req', '-x509', ...days, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=our authority')
    openssl(
      'req',
      ...days.slice(2),
      '-keyout',
      'key.pem',
      '-out',
      'req.pem',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
    )
    openssl(
      'x509',
      '-req',
      '-in',
      'req.pem',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'cert.pem',
      '-days',
      '2',
      '-copy_extensions',
      'copy',
    )
    const file = (name: string) => readFileSync(join(path, name))
    const bodies: string[] = []
    const server = createServer(
      { key: file('key.pem'), cert: file('cert.pem') },
      async (request, response) => {
        const body = Buffer.concat(await request.toArray())
        if (!request.url?.startsWith('/write')) return void response.end('{"results":[{}]}')
        bodies.push(gunzipSync(body).toString())
        response.writeHead(204).end()
      },
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const url = `https://localhost:${typeof address === 'object' ? address?.port : ''}`
    const sample = sampleOf('icmp', { element: 'e', vantage: 'v' }, { sent: 1 }, at)
    const query = { measurement: 'icmp', field: 'sent', tags: {}, from: at, to: at + 1, limit: 1 } as const

    const { store } = spoolTo(url, { ca: file('ca.pem').toString(), gzip: true })
    expect(await store.write([sample], signal)).toEqual({ written: 1, refused: 0 })
    expect(bodies).toEqual([`icmp,element=e,vantage=v sent=1i ${at}\n`])
    expect(await store.query(query, signal)).toEqual([])
    const { store: stranger } = spoolTo(url)
    await expect(stranger.write([sample], signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(stranger.ping(signal)).rejects.toThrow(/certificate/)
    server.closeAllConnections()
    server.close()
  })
})
