import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sample, sampleOf } from '../../src/model/sample.ts'
import { createZone } from '../../src/model/zone.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createInfluxStore } from '../../src/store/influx/influx-store.ts'
import { filledIn, grafanaQueries } from '../support/grafana-queries.ts'
import { askInfluxd, type Influxd, startInfluxd } from '../support/influxd.ts'
import { has } from '../support/requires.ts'

const element = 'agg1'
// Slashes end a pattern and quotes end a string: names of real ports hold both.
const port = `Gi0/1.5 "up" 'x'`
const now = Date.now()
const minute = 60_000
const times = Array.from({ length: 10 }, (_, i) => now - (10 - i) * minute)

const probe = {
  sent: 10,
  received: 9,
  loss_ratio: 0.1,
  rtt_min_ms: 1,
  rtt_avg_ms: 2,
  rtt_median_ms: 2,
  rtt_max_ms: 5,
  rtt_stddev_ms: 1,
  jitter_ms: 0.5,
}
const everyMinute = (at: number): Sample[] => [
  sampleOf('icmp', { element, vantage: 'nms' }, probe, at),
  sampleOf(
    'stamp',
    { element, vantage: 'nms' },
    {
      ...probe,
      loss_forward_ratio: 0.1,
      loss_backward_ratio: 0.05,
      jitter_forward_ms: 1,
      jitter_backward_ms: 2,
    },
    at,
  ),
  sampleOf(
    'interface',
    { element, interface: port },
    {
      in_bps: 300_000_000,
      out_bps: 600_000_000,
      in_errors_per_s: 1,
      out_errors_per_s: 2,
      in_discards_per_s: 3,
      out_discards_per_s: 4,
      in_pps: 5,
      out_pps: 6,
      oper_up: 1,
      speed_bps: 1_000_000_000,
    },
    at,
  ),
  sampleOf(
    'element',
    { element },
    {
      uptime_s: 1_000,
      cpu_ratio: 0.5,
      memory_ratio: 0.6,
      temperature_c: 40,
      reachable: 1,
      poll_duration_ms: 12,
    },
    at,
  ),
  sampleOf('sensor', { element, sensor: `${port} rx`, unit: 'dBm' }, { value: -7.4 }, at),
  sampleOf('sensor', { element, sensor: 'fan 1', unit: 'rpm' }, { value: 4_200 }, at),
]
/** Roll-ups of the hour and the day before, as the daemon makes them. */
const hour = 60 * minute
const hourAgo = Math.floor(now / hour) * hour
const figures = (field: string, value: number) =>
  Object.fromEntries(['count', 'mean', 'p50', 'p95', 'max'].map((name) => [`${field}_${name}`, value]))
const peak = { samples: 1_440, coverage: 1, window_samples: 240, window_coverage: 1, trailing_days: 7 }
const peakOf = (suffix: 'bps' | 'ms', value: number) =>
  Object.fromEntries(
    ['peak_mean', 'peak_p95', 'peak_max', 'window_mean', 'window_p95', 'window_max', 'adph', 'tcbh'].map(
      (name) => [`${name}_${suffix}`, value],
    ),
  )
const shanghai = createZone('Asia/Shanghai')
const yesterday = shanghai.dayAfter(shanghai.dayAt(now), -1).from
const dayBefore = shanghai.dayAfter(shanghai.dayAt(now), -2).from
const judged = { judged: 1, insufficient: 0, planned_ratio: 0 }
const failed = { latency_failed: 0, loss_failed: 0, jitter_failed: 0, utilisation_failed: 0 }
const rollups: Sample[] = [
  sampleOf(
    'interface_15min',
    { element, interface: port },
    { in_bps: 300_000_000, out_bps: 600_000_000, samples: 15 },
    hourAgo,
  ),
  sampleOf(
    'icmp_hour',
    { element, vantage: 'nms' },
    { ...figures('rtt_avg_ms', 2), ...figures('loss_ratio', 0.1), ...figures('jitter_ms', 0.5) },
    hourAgo,
  ),
  ...(['in', 'out'] as const).map((direction) =>
    sampleOf(
      'interface_peak_day',
      { element, interface: port, direction },
      {
        ...peak,
        ...peakOf('bps', direction === 'in' ? 300_000_000 : 600_000_000),
        tcbh_hour: 20,
        peak_start_at: hourAgo,
        speed_bps: 1_000_000_000,
      },
      hourAgo,
    ),
  ),
  sampleOf(
    'icmp_peak_day',
    { element, vantage: 'nms' },
    { ...peak, ...peakOf('ms', 2), window_loss_ratio: 0.1, window_jitter_ms: 0.5 },
    hourAgo,
  ),
  ...[
    // On two days, of four services: good, bad, without enough data, and all planned work.
    ['s-1', { ...judged, good: 1, coverage: 1, ...failed, rtt_avg_ms: 2 }] as const,
    ['s-2', { ...judged, good: 0, coverage: 1, ...failed, loss_failed: 1, jitter_failed: 1 }] as const,
    // The stale `good` of a row that was told anew does not count.
    ['s-3', { judged: 0, insufficient: 1, planned_ratio: 0, coverage: 0.1, good: 1, ...failed }] as const,
    ['s-4', { judged: 0, insufficient: 0, planned_ratio: 1, good: 0 }] as const,
  ].flatMap(([service, fields]) =>
    [dayBefore, yesterday].map((midnight) =>
      sampleOf('service_peak', { service, area: 'urban', class: 'broadband' }, fields, midnight),
    ),
  ),
]

const alarm = (of: string, severity: string, active: number, at: number) =>
  sampleOf(
    'alarm',
    { element: of, interface: '-', type: 'packet-loss', severity },
    { id: `al-${of}`, text: 'loss of 12 %', active },
    at,
  )
const incident = (root: string, state: string, customers: number, at: number) =>
  sampleOf(
    'incident',
    { root, state, severity: 'major' },
    { id: `in-${root}`, text: 'agg1 is dark', customers, services: customers + 1 },
    at,
  )

const changes: Sample[] = [
  alarm(element, 'minor', 1, now - 9 * minute),
  alarm(element, 'major', 1, now - 8 * minute),
  alarm('acc1', 'major', 1, now - 8 * minute),
  alarm('acc1', 'major', 0, now - 7 * minute),
  incident(element, 'open', 3, now - 8 * minute),
  incident(element, 'acknowledged', 4, now - 7 * minute),
  incident('acc1', 'open', 9, now - 8 * minute),
  incident('acc1', 'closed', 9, now - 7 * minute),
]

describe.skipIf(!has('influxd'))('the dashboards, on a real InfluxDB', () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
    const log = createLogger('silent')
    const store = createInfluxStore(
      { url: influxd.url, database: 'faultline' },
      { log, metrics: createMetrics() },
    )
    const batch = [...times.flatMap(everyMinute), ...rollups, ...changes]
    expect(await store.write(batch, new AbortController().signal)).toEqual({
      written: batch.length,
      refused: 0,
    })
    await store.close()
  })
  afterAll(() => influxd[Symbol.asyncDispose]())

  const variables = {
    timeFilter: `time >= ${now - 72 * hour}ms and time <= ${now}ms`,
    __interval: '1m',
    element,
    interface: port,
  }
  const ask = (query: string, values: Readonly<Record<string, string>> = variables) =>
    askInfluxd(influxd.url, 'faultline', filledIn(query, values))

  it.each(grafanaQueries().map((entry) => [entry.dashboard, entry.what, entry.query] as const))(
    '%s: %s finds data',
    async (_dashboard, _what, query) => {
      const { series, error } = await ask(query)
      expect(error).toBeUndefined()
      const cells = series.flatMap(({ columns, values }) =>
        values.flatMap((row) => row.filter((_, i) => columns[i] !== 'time')),
      )
      expect(cells.filter((cell) => cell !== null && cell !== '')).not.toEqual([])
    },
  )

  const panel = async (dashboard: string, title: string, values?: Readonly<Record<string, string>>) => {
    const entry = grafanaQueries().find(
      (one) => one.dashboard === dashboard && one.what.startsWith(`panel "${title}"`),
    )
    if (entry === undefined) throw new Error(`there is no panel ${title}`)
    return (await ask(entry.query, values)).series.flatMap(({ values: rows }) =>
      rows.map((row) => row.slice(1)),
    )
  }

  it('count what is open now, whatever it was before', async () => {
    const all = { ...variables, element: '.*' }
    expect(await panel('noc-overview.json', 'Open incidents')).toEqual([[1]])
    expect(await panel('noc-overview.json', 'Customers affected')).toEqual([[4]])
    expect(await panel('noc-overview.json', 'Services affected')).toEqual([[5]])
    expect(await panel('noc-overview.json', 'Active alarms', all)).toEqual([[1]])
  })

  it('show utilisation as a share, although both numbers are integers', async () => {
    expect(await panel('noc-overview.json', 'Utilisation')).toEqual([[0.6, element, port]])
    expect(await panel('interface.json', 'Received, share of capacity')).toEqual([[0.3]])
    expect(await panel('peak-hour.json', 'Fullest interfaces at their peak')).toEqual([
      [0.6, element, port, 'out'],
      [0.3, element, port, 'in'],
    ])
  })

  it('show the KPI of the peak with its coverage, and too little data as what it is', async () => {
    const one = (title: string) => panel('peak-hour.json', title)
    expect(await one('Good at the peak')).toEqual([[0.5]])
    expect(await one('Measured well enough to say')).toEqual([[2 / 3]])
    expect(await one('Too little data')).toEqual([[2]])
    expect(await one('Planned work')).toEqual([[2]])
    expect(await one('What failed')).toEqual([[0], [0]])
    expect(await one('Services that were not good')).toEqual([
      [2, 's-2', 'broadband', 'urban', 0, 0, 2, 2, 0],
    ])
    const days = await Promise.all(
      grafanaQueries()
        .filter(({ what }) => what.startsWith('panel "Services by day"'))
        .map(async ({ query }) => (await ask(query)).series.flatMap(({ values }) => values)),
    )
    // At the local midnights of the days, and not at those of UTC.
    const oneEach = [dayBefore, yesterday].map((midnight) => [midnight, 1])
    expect(days).toEqual([oneEach, oneEach, oneEach, oneEach])
  })

  it('offer the elements, and only the interfaces of the chosen one', async () => {
    const offered = async (name: string, values: Readonly<Record<string, string>>) => {
      const entry = grafanaQueries().find(
        (one) => one.dashboard === 'interface.json' && one.what === `variable ${name}`,
      )
      return (await ask(entry?.query ?? '', values)).series.flatMap(({ values: rows }) =>
        rows.map(([, value]) => value),
      )
    }
    expect(await offered('element', variables)).toEqual([element])
    expect(await offered('interface', variables)).toEqual([port])
    expect(await offered('interface', { ...variables, element: 'acc1' })).toEqual([])
  })
})
