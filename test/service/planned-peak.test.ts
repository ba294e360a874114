import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { views } from '../../src/api/views.ts'
import { startApp } from '../../src/app.ts'
import type { Probe } from '../../src/collect/probe.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import type { Burst } from '../../src/model/reading.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import type { SampleStore } from '../../src/store/sample-store.ts'
import { openSampleStore } from '../../src/wiring/open-sample-store.ts'
import { eventually } from '../support/eventually.ts'
import { startInfluxd } from '../support/influxd.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { cellsOf } from '../support/report-command.ts'
import { has } from '../support/requires.ts'

const minute = 60_000
const run = promisify(execFile)
const main = resolve(import.meta.dirname, '../../src/main.ts')

/** The day that is judged, in Berlin's summer: the last two hours, of which the second half hour is planned work. */
const midnight = Date.parse('2026-05-10T22:00:00Z')
const at = (time: string) => Date.parse(`2026-05-11T${time}:00+02:00`)
const work = { from: at('22:30'), to: at('23:00') }

const fine: Burst = { sent: 10, rttsMs: Array<number>(10).fill(20) }
const lossy: Burst = { sent: 10, rttsMs: [...Array<number>(5).fill(20), ...Array<null>(5).fill(null)] }
const inWork = (now: number) => now >= work.from && now < work.to

/** What the burst to an element sees; undefined: this host does not get to sending it. */
const paths: Readonly<Record<string, (now: number) => Burst | undefined>> = {
  planned: (now) => (inWork(now) ? lossy : fine),
  unplanned: (now) => (inWork(now) ? lossy : fine),
  unmeasured: (now) => (inWork(now) ? undefined : fine),
  bad: (now) => (now >= at('23:00') ? lossy : fine),
  // Without the work it would have been measured for just enough of the evening.
  short: (now) => (now >= at('22:10') && now < at('22:30') ? undefined : inWork(now) ? lossy : fine),
}
const elements = Object.keys(paths)
/** Those that the maintenance window names: all but one, which is as bad then and has no window. */
const worked = elements.filter((element) => element !== 'unplanned')

const probeOf = (clock: ManualClock): Probe => ({
  name: 'icmp',
  engine: 'test',
  batched: true,
  measure: async (targets, deliver) => {
    for (const { element } of targets) {
      const now = clock.now()
      const burst = paths[element]?.(now)
      const reading = { element, probe: 'icmp', at: now, durationMs: 20 } as const
      deliver(burst ? { ...reading, outcome: 'answered', burst } : { ...reading, outcome: 'notSent' })
    }
  },
  close: async () => {},
})

const stores = {
  embedded: async (folder: string) => ({
    samples: { kind: 'embedded', path: join(folder, 'samples'), retention: '3650d' },
    close: async () => {},
  }),
  InfluxDB: async () => {
    const influxd = await startInfluxd()
    return {
      samples: { kind: 'influxdb', url: influxd.url, database: 'planned', retention: '3650d' },
      close: () => influxd[Symbol.asyncDispose](),
    }
  },
} as const

async function daemonOn(folder: string, samples: object) {
  const text = JSON.stringify({
    server: { listen: '127.0.0.1:0' },
    samples,
    peak: { window: ['22:00', '24:00'], timeZone: 'Europe/Berlin' },
    poll: { icmp: { interval: '1m', timeout: '1s', count: 10 } },
    elements: elements.map((id, i) => ({ id, address: `192.0.2.${i + 1}` })),
    customers: [{ id: 'c-1', name: 'A', contacts: [{ channel: 'box', address: 'a@example.net' }] }],
    services: elements.map((id) => ({ id: `s-${id}`, customer: 'c-1', element: id })),
    notify: { channels: { box: { kind: 'mailbox', path: 'box', from: 'noc@example.net' } } },
  })
  const file = join(folder, 'faultline.json')
  const loaded = await loadConfigText(text, file, {})
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const clock = new ManualClock(at('21:50'))
  const app = await startApp(loaded.config, {
    clock,
    log: pino({ enabled: false }),
    probes: async () => [{ probe: probeOf(clock), intervalMs: minute }],
  })
  // As an operator writes it: where the daemon listens.
  await writeFile(file, text.replace('127.0.0.1:0', new URL(app.url).host))
  return { app, clock, config: loaded.config, file }
}

/** Lets time pass as fast as the daemon can go. */
async function passUntil(clock: ManualClock, end: number): Promise<void> {
  while (clock.now() < end) await clock.advance(10_000)
}

/** The last row of each service, by its name without `s-`. */
async function rowsOf(store: SampleStore) {
  const fields = ['judged', 'good', 'insufficient', 'planned_ratio', 'coverage', 'loss_ratio'] as const
  const query = {
    measurement: 'service_peak',
    fields,
    tags: {},
    from: 0,
    to: midnight + 1,
    limit: 100,
  } as const
  const { series, values } = await store.columns(query, new AbortController().signal)
  return Object.fromEntries(
    series.map(({ tags, end }) => [
      tags.service?.replace('s-', ''),
      Object.fromEntries(fields.map((field) => [field, values[field][end - 1]])),
    ]),
  )
}

describe.each(Object.keys(stores).filter((name) => name === 'embedded' || has('influxd')))(
  'planned work in the evening, with the %s store',
  (name) => {
    it('counts neither for nor against a service, from the window to the report', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'faultline-planned-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const { samples, close } = await (stores[name as keyof typeof stores] ?? stores.embedded)(folder)
      onTestFinished(close)
      const { app, clock, config, file } = await daemonOn(folder, samples)
      const ask = async (path: string, body?: object) => {
        const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
        const answer = await fetch(
          app.url + path,
          body === undefined ? {} : { ...post, body: JSON.stringify(body) },
        )
        return { status: answer.status, body: await answer.json() }
      }
      const window = { title: 'New line card', elements: worked, start: '2026-05-11T22:30:00+02:00' }
      const planned = await ask('/api/v1/maintenance-windows', { ...window, duration: '30m' })
      expect(planned.status).toBe(201)

      await passUntil(clock, midnight + 24 * 60 * minute + 11 * minute)
      const range = 'from=2026-05-11T00:00:00%2B02:00&to=2026-05-12T00:00:00%2B02:00'
      const kpi = await eventually('the day is told', async () => {
        await clock.advance(1_000)
        const { body } = await ask(`/api/v1/reports/kpi?${range}`)
        const { peakGood } = views.Kpi.parse(body)
        return peakGood.services === elements.length && peakGood
      })
      expect(kpi.total).toMatchObject({ good: 2, bad: 2, insufficient: 1, planned: 0 })
      expect(kpi.byDay.map(({ name: day }) => day)).toEqual(['2026-05-11'])
      expect(kpi.missed).toEqual({ latency: 0, loss: 2, jitter: 0, utilisation: 0 })
      expect(kpi.worst.map(({ service, bad, insufficient }) => [service, bad, insufficient])).toEqual([
        ['s-bad', 1, 0],
        ['s-unplanned', 1, 0],
        ['s-short', 0, 1],
      ])

      // What the command prints is what the daemon answers.
      const report = (format: string) =>
        run(process.execPath, [
          ...['--disable-warning=ExperimentalWarning', main, 'report', 'kpi', '--config', file],
          ...['--from', '2026-05-11', '--to', '2026-05-12', '--format', format],
        ])
      expect(views.Kpi.parse(JSON.parse((await report('json')).stdout)).peakGood).toEqual(kpi)

      const closing = app.close()
      let isClosed = false
      void closing.then(() => {
        isClosed = true
      })
      await eventually('the daemon is closed', async () => {
        await clock.advance(100)
        return isClosed
      })
      expect(await closing).toEqual([])

      // And where no daemon runs, what the store holds.
      const lines = (await report('csv')).stdout.trimEnd().split('\r\n').map(cellsOf)
      expect(lines.filter(([group]) => group === 'service').map(([, service]) => service)).toEqual(
        kpi.worst.map(({ service }) => service),
      )
      expect((await report('table')).stdout).toContain('\nMissed: 50.0 % of the judged')

      const log = pino({ enabled: false })
      const store = openSampleStore(config.samples, { clock, log, metrics: createMetrics() })
      onTestFinished(() => store.close())
      const rows = await rowsOf(store)
      const good = { judged: 1, good: 1, insufficient: 0, coverage: 1, loss_ratio: 0 }
      expect(rows).toMatchObject({
        planned: { ...good, planned_ratio: 0.25 },
        unmeasured: { ...good, planned_ratio: 0.25 },
        unplanned: { judged: 1, good: 0, planned_ratio: 0, coverage: 1, loss_ratio: 0.125 },
        // Of the 90 minutes that are left.
        bad: { judged: 1, good: 0, planned_ratio: 0.25, coverage: 1 },
        short: { judged: 0, insufficient: 1, planned_ratio: 0.25 },
      })
      expect(rows.short?.coverage).toBeCloseTo(70 / 90, 6)
      expect(rows.bad?.loss_ratio).toBeCloseTo(60 / 90 / 2, 6)
    })
  },
)
