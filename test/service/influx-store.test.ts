import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import { FaultlineError } from '../../src/platform/errors.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import type { InfluxSettings } from '../../src/store/influx/influx-settings.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { fieldText, tagText } from '../../src/store/tag-text.ts'
import { askInfluxd, type Influxd, startInfluxd } from '../support/influxd.ts'
import { has } from '../support/requires.ts'

const at = Date.UTC(2026, 2, 1, 8)
const signal = new AbortController().signal
const unavailable = { code: 'STORE_UNAVAILABLE' }
const ping = (element: string, time = at): Sample =>
  sampleOf('icmp', { element, vantage: 'nms' }, { sent: 5, rtt_avg_ms: 1.5 }, time)

const stores: SampleStore[] = []
function storeAt(url: string, settings: Partial<InfluxSettings> = {}) {
  const metrics = createMetrics()
  const logged: Record<string, unknown>[] = []
  const log = createLogger('debug', { write: (line: string) => logged.push(JSON.parse(line)) })
  const store = createInfluxStore({ url, database: 'samples', ...settings }, { log, metrics })
  stores.push(store)
  return Object.assign(store, { metrics, logged })
}
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

describe.skipIf(!has('influxd'))('a real InfluxDB', () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd[Symbol.asyncDispose]())
  const ask = (statement: string, database = 'samples') => askInfluxd(influxd.url, database, statement)
  const countOf = async (element: string) =>
    (await ask(`SELECT count(sent) FROM icmp WHERE element = '${element}'`)).series[0]?.values[0]?.[1] ?? 0

  it('gets its database and retention policy at the first write, and a changed retention later', async () => {
    const policies = async () => {
      const { series } = await ask('SHOW RETENTION POLICIES', 'kept')
      return series[0]?.values.find(([name]) => name === 'faultline')
    }
    for (const retentionDays of [30, 30, 90]) {
      const store = storeAt(influxd.url, { database: 'kept', retentionDays })
      expect(await store.write([ping('a', Date.now())], signal)).toEqual({ written: 1, refused: 0 })
      expect(await policies()).toEqual([
        'faultline',
        `${retentionDays * 24}h0m0s`,
        expect.anything(),
        1,
        true,
      ])
    }
  })

  it('refuses what is older than the retention, and says so', async () => {
    const store = storeAt(influxd.url, { database: 'kept-short', retentionDays: 2 })
    const result = await store.write(
      [ping('old', Date.now() - 5 * 86_400_000), ping('new', Date.now())],
      signal,
    )
    expect(result).toMatchObject({ written: 1, refused: 1, reason: expect.stringContaining('retention') })
  })

  it('answers a query before anything was written with nothing', async () => {
    const store = storeAt(influxd.url, { database: 'empty' })
    const query = { measurement: 'icmp', field: 'sent', tags: {}, from: at, to: at + 1, limit: 1 } as const
    expect(await store.query(query, signal)).toEqual([])
  })

  it('makes the database again after someone dropped it', async () => {
    const store = storeAt(influxd.url)
    await store.write([ping('dropped')], signal)
    await ask('DROP DATABASE samples')
    expect(await store.write([ping('dropped')], signal)).toEqual({ written: 1, refused: 0 })
    expect(await countOf('dropped')).toBe(1)
  })

  it('keeps the good points of a batch with a bad one, once', async () => {
    await ask('CREATE DATABASE samples')
    await fetch(`${influxd.url}/write?db=samples`, {
      method: 'POST',
      body: `element,element=z cpu_ratio="text" ${at}000000`,
    })
    const bad = sampleOf('element', { element: 'x' }, { cpu_ratio: 0.5 }, at)
    const result = await storeAt(influxd.url).write([ping('partial'), bad, ping('partial', at + 1)], signal)
    expect(result).toEqual({ written: 2, refused: 1, reason: expect.stringContaining('field type conflict') })
    expect(await countOf('partial')).toBe(2)
  })

  it('gives back hostile tags and text exactly as our encoder meant them', async () => {
    const store = storeAt(influxd.url)
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(',', '=', ' ', '\\', '\n', '"', "'", 'a', '\ud800'), maxLength: 10 }),
    )
    let round = 0
    await fc.assert(
      fc.asyncProperty(
        hostile,
        hostile,
        fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
        async (tag, text, active) => {
          const element = `round-${round++}`
          const { written } = await store.write(
            [sampleOf('alarm', { element, interface: '-', type: tag, severity: 's' }, { text, active }, at)],
            signal,
          )
          expect(written).toBe(tagText(tag) === '' ? 0 : 1)
          const answer = await fetch(
            `${influxd.url}/query?${new URLSearchParams({ db: 'samples', q: `SELECT active, text, type FROM alarm WHERE element = '${element}'` })}`,
          )
          const body = await answer.text()
          if (written === 0) return
          // The integer is looked for as text: JSON.parse would round it.
          expect(body).toContain(`${active},`)
          const [row] = JSON.parse(body).results[0].series[0].values
          expect(row.slice(2)).toEqual([fieldText(text), tagText(tag)])
        },
      ),
      { numRuns: 150 },
    )
    const { series } = await ask('SHOW MEASUREMENTS')
    expect(series[0]?.values.flat()).toEqual(['alarm', 'element', 'icmp'])
  })

  it('splits what is larger than the server takes', async () => {
    await using small = await startInfluxd({ INFLUXDB_HTTP_MAX_BODY_SIZE: '2000' })
    const store = storeAt(small.url)
    const batch = Array.from({ length: 500 }, (_, i) => ping('split', at + i))
    expect(await store.write(batch, signal)).toEqual({ written: 500, refused: 0 })
    const { series } = await askInfluxd(small.url, 'samples', 'SELECT count(sent) FROM icmp')
    expect(series[0]?.values[0]?.[1]).toBe(500)
  })

  it('lets in who has the password, and refuses others without a secret in the log', async () => {
    await using locked = await startInfluxd({ INFLUXDB_HTTP_AUTH_ENABLED: 'true' })
    await askInfluxd(locked.url, '', `CREATE USER admin WITH PASSWORD 'right' WITH ALL PRIVILEGES`)
    const right = storeAt(locked.url, { username: 'admin', password: 'right' })
    expect(await right.write([ping('a')], signal)).toEqual({ written: 1, refused: 0 })
    const query = { measurement: 'icmp', field: 'sent', tags: {}, from: at, to: at + 1, limit: 1 } as const
    expect(await right.query(query, signal)).toHaveLength(1)

    const wrong = storeAt(locked.url, { username: 'admin', password: 'wr0ng-secret' })
    const result = await wrong.write([ping('a')], signal).catch((error: unknown) => error)
    expect(result).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('HTTP 401') })
    await expect(wrong.query(query, signal)).rejects.toMatchObject({ code: 'STORE_REJECTED' })
    expect(JSON.stringify([wrong.logged, String(result)])).not.toContain('wr0ng-secret')

    await fetch(`${locked.url}/query`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('admin:right')}` },
      body: new URLSearchParams({
        q: `CREATE USER writer WITH PASSWORD 'w'; GRANT ALL ON samples TO writer`,
      }),
    })
    const writer = storeAt(locked.url, { username: 'writer', password: 'w', retentionDays: 30 })
    expect(await writer.write([ping('b')], signal)).toEqual({ written: 1, refused: 0 })
  })
})

describe('a server that misbehaves', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.closeAllConnections()
  })
  async function serving(answer: RequestListener): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1')
    servers.push(server)
    server.unref()
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
  }
  const query = { measurement: 'icmp', field: 'sent', tags: {}, from: at, to: at + 1, limit: 1 } as const
  const fast = { timeoutMs: 300 }

  it.each<[string, RequestListener]>([
    ['never answers', () => {}],
    [
      'stops in the middle of its answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': '1000' })
        response.write('{"results":[')
        setTimeout(() => response.destroy(), 20)
      },
    ],
    [
      'stalls in the middle of its answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': '1000' })
        response.write('{"results":[')
      },
    ],
    ['answers 503', (_, response) => void response.writeHead(503).end('overloaded')],
    ['closes the connection', (request) => void request.socket.destroy()],
  ])('%s: nothing is decided, within the time limit', async (_, answer) => {
    const store = storeAt(await serving(answer), fast)
    const since = performance.now()
    await expect(store.query(query, signal)).rejects.toMatchObject(unavailable)
    await expect(store.write([ping('a')], signal)).rejects.toMatchObject(unavailable)
    await expect(store.ping(signal)).rejects.toMatchObject(unavailable)
    expect(performance.now() - since).toBeLessThan(2_000)
  })

  it.each([
    ['in seconds', '7', 7_000],
    ['as a date', 'Sun, 01 Mar 2026 08:02:00 GMT', 120_000],
    ['as a date that has passed', 'Sun, 01 Mar 2026 07:00:00 GMT', 0],
    ['for a day, of which ten minutes are believed', '86400', 600_000],
    ['in words', 'soon', undefined],
  ])('tells how long to wait when the server does: %s', async (_, after, retryAfterMs) => {
    const store = storeAt(
      await serving((request, response) => {
        const overloaded = request.url?.startsWith('/write')
        const headers = { 'retry-after': after, date: 'Sun, 01 Mar 2026 08:00:00 GMT' }
        if (overloaded) response.writeHead(429, headers).end('slow down')
        else response.end('{"results":[{}]}')
      }),
    )
    const refusal = await store.write([ping('a')], signal).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(refusal instanceof FaultlineError && refusal.details.retryAfterMs).toBe(retryAfterMs)
  })

  it.each([
    ['an answer that never ends', 300],
    ['one that is longer than any could be', 20_000],
  ])('does not take in %s', async (_, timeoutMs) => {
    let sent = 0
    const ended = Promise.withResolvers<void>()
    const url = await serving((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"results":[{"series":[')
      const more = () => {
        while (!response.destroyed) {
          sent += 2 ** 18
          if (!response.write(' '.repeat(2 ** 18))) return void response.once('drain', more)
        }
      }
      more()
      response.on('close', () => ended.resolve())
    })
    const closing = new AbortController()
    const asked = storeAt(url, { timeoutMs }).query(query, closing.signal)
    const refused = expect(asked).rejects.toMatchObject(unavailable)
    await ended.promise
    expect(sent).toBeLessThan(2 ** 29)
    closing.abort()
    await refused
  })

  it('reads no more of an error than it needs', async () => {
    let sent = 0
    const store = storeAt(
      await serving((request, response) => {
        if (!request.url?.startsWith('/write')) return void response.end('{"results":[{}]}')
        response.writeHead(400)
        const more = () => {
          while (!response.destroyed && sent < 500_000_000) {
            sent += 65_536
            if (!response.write('x'.repeat(65_536))) return void response.once('drain', more)
          }
        }
        more()
      }),
    )
    const { refused, reason } = await store.write([ping('a')], signal)
    expect(refused).toBe(1)
    expect(reason?.length).toBeLessThan(400)
    expect(sent).toBeLessThan(50_000_000)
  })

  it('does not carry the password to where a redirect points', async () => {
    const seen: (string | undefined)[] = []
    const elsewhere = await serving((request, response) => {
      seen.push(request.headers.authorization)
      response.end()
    })
    const store = storeAt(
      await serving((request, response) => {
        if (!request.url?.startsWith('/write')) return void response.end('{"results":[{}]}')
        response.writeHead(307, { location: `${elsewhere}/write` }).end()
      }),
      { username: 'u', password: 'p' },
    )
    expect(await store.write([ping('a')], signal)).toMatchObject({ written: 0, refused: 1 })
    expect(seen).toEqual([])
  })

  it.each([
    [{}, undefined],
    [{ username: 'u', password: 'p' }, `Basic ${btoa('u:p')}`],
    [{ token: 't' }, 'Token t'],
  ])('sees the credentials %j on every request and no others', async (credentials, expected) => {
    const seen = new Set<string | undefined>()
    const url = await serving((request, response) => {
      seen.add(request.headers.authorization)
      response.writeHead(request.url?.startsWith('/write') ? 204 : 200)
      response.end(request.url?.startsWith('/write') ? undefined : '{"results":[{}]}')
    })
    const store = storeAt(url, credentials)
    await store.write([ping('a')], signal)
    await store.query(query, signal)
    await store.ping(signal)
    expect([...seen]).toEqual([expected])
  })

  it('gets writes over one connection, and queries over another', async () => {
    const connections = new Map<Socket, Set<string | undefined>>()
    const url = await serving((request, response) => {
      const seen = connections.get(request.socket) ?? new Set()
      connections.set(request.socket, seen.add(request.url?.split('?')[0]))
      const isWrite = request.url?.startsWith('/write')
      response.writeHead(isWrite ? 204 : 200)
      response.end(isWrite ? undefined : '{"results":[{}]}')
    })
    const store = storeAt(url)
    for (let i = 0; i < 10; i++) {
      await store.write([ping(`e-${i}`)], signal)
      await store.query(query, signal)
    }
    expect(connections.size).toBeLessThanOrEqual(2)
    await store.close()
  })

  it('may stand behind a path of a proxy', async () => {
    const paths: (string | undefined)[] = []
    const url = await serving((request, response) => {
      paths.push(request.url?.split('?')[0])
      response.end('{"results":[{}]}')
    })
    const store = storeAt(`${url}/influx/`)
    await store.write([ping('a')], signal)
    await store.ping(signal)
    expect(new Set(paths)).toEqual(new Set(['/influx/query', '/influx/write', '/influx/ping']))
  })
})
