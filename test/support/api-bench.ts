import { type IncomingHttpHeaders, request } from 'node:http'
import { pino } from 'pino'
import type { z } from 'zod'
import type { ApiDeps } from '../../src/api/api-deps.ts'
import { createApi } from '../../src/api/create-api.ts'
import { createToken } from '../../src/api/tokens.ts'
import type { Role } from '../../src/api/views/session-schemas.ts'
import { type ViewName, views } from '../../src/api/views.ts'
import type { StoredAlarm } from '../../src/model/alarm.ts'
import type { BusyHourReport } from '../../src/model/busy-hour.ts'
import type { Evidence, FaultReport, Match } from '../../src/model/fault-report.ts'
import type { ImpactStep } from '../../src/model/incident-event.ts'
import type { Notification } from '../../src/model/notification.ts'
import type { PeakExperience } from '../../src/model/peak-experience.ts'
import { openStateDb, type StateDb } from '../../src/platform/db/state-db.ts'
import { FaultlineError } from '../../src/platform/errors.ts'
import { EventHub } from '../../src/platform/event-hub.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { openMaintenance } from '../../src/wiring/maintenance.ts'
import { ManualClock } from './manual-clock.ts'
import { alarmOn, incidentAt, smallInventory, smallState, smallTopology } from './small-network.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: unknown
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  readonly token?: string
}

/** One HTTP request with any headers, Host among them, which fetch does not let one set. */
function ask(url: string, { method = 'GET', headers = {}, body, token }: Ask = {}): Promise<Answer> {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        agent: false,
        headers: {
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => {
          const json = /json/.test(response.headers['content-type'] ?? '') && text !== ''
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: json ? JSON.parse(text) : undefined,
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(payload)
  })
}

export const benchNow = Date.parse('2026-03-01T08:00:00Z')

const evidence: Evidence = {
  state: 'measured',
  coverage: 1,
  good: true,
  from: benchNow - 300_000,
  to: benchNow,
  findings: ['acc1 answers and has no alarm.'],
}

const benchReport: FaultReport = {
  id: 'rep-1',
  kind: 'fault',
  externalId: 'T-1',
  customer: 'c-2',
  service: 's-2',
  symptom: 'slow',
  description: '<img src=x onerror=alert(1)>',
  channel: 'phone',
  status: 'acknowledged',
  reportedAt: benchNow - 60_000,
  verdict: 'matched',
  evidence,
  version: 2,
  updatedAt: benchNow - 60_000,
}

const benchMatch: Match = {
  report: 'rep-1',
  incident: 'inc-1',
  score: 0.95,
  reasons: [{ factor: 'topology', points: 0.6, text: 'Service s-2 was down in this incident.' }],
  state: 'linked',
  decidedBy: 'system',
  at: benchNow,
}

const benchMessage: Notification = {
  id: 'ntf-1',
  incident: 'inc-1',
  customer: 'c-2',
  kind: 'outage',
  services: ['s-2'],
  state: 'sent',
  dueAt: benchNow,
  channel: 'email',
  attempts: 1,
  queuedAt: benchNow - 30_000,
  sentAt: benchNow - 20_000,
  updatedAt: benchNow - 20_000,
}

const benchPeakExperience: PeakExperience = {
  state: 'missed',
  total: { good: 6, bad: 2, insufficient: 1, planned: 1, share: 0.75, coverage: 8 / 9 },
  services: 2,
  missed: { latency: 0, loss: 2, jitter: 1, utilisation: 0 },
  byClass: [
    { name: 'broadband', good: 6, bad: 2, insufficient: 1, planned: 1, share: 0.75, coverage: 8 / 9 },
  ],
  byArea: [{ name: 'urban', good: 6, bad: 2, insufficient: 1, planned: 1, share: 0.75, coverage: 8 / 9 }],
  byDay: [{ name: '2026-02-28', good: 6, bad: 2, insufficient: 1, planned: 1, share: 0.75, coverage: 8 / 9 }],
  worst: [
    {
      service: 's-1',
      class: 'broadband',
      area: 'urban',
      good: 1,
      bad: 2,
      insufficient: 1,
      planned: 1,
      share: 1 / 3,
      coverage: 0.75,
      missed: { latency: 0, loss: 2, jitter: 1, utilisation: 0 },
    },
  ],
}

const benchBusyHour: BusyHourReport = {
  from: benchNow - 86_400_000,
  to: benchNow,
  interfaces: [
    {
      element: 'acc1',
      interface: '<b>to-agg1</b>',
      days: 30,
      speedBps: 1e9,
      in: { meanBps: 5e8, highestBps: 6e8, p95Bps: 5.5e8, tcbhHour: 20, tcbhBps: 4e8, ratesP95Bps: 5e8 },
      utilisation: 0.5,
      headroomBps: 5e8,
      daysOver: 0,
      forecast: { state: 'expected', date: '2027-01-31' },
    },
  ],
  elements: [
    {
      element: 'acc1',
      interfaces: 1,
      inMeanBps: 5e8,
      outMeanBps: 0,
      inP95Bps: 5.5e8,
      inRatesP95Bps: 5e8,
      fullest: { interface: '<b>to-agg1</b>', utilisation: 0.5, headroomBps: 5e8 },
      daysOver: 0,
      forecast: { state: 'unknown' },
    },
  ],
}

export const benchIncident = incidentAt(
  benchNow - 600_000,
  { 's-2': 'down', 's-3': 'degraded' },
  {
    roots: [{ kind: 'element', element: 'acc2' }],
    shadowed: ['cpe2'],
    version: 4,
    etaAt: benchNow + 3_600_000,
  },
)

/** One service falls, 149 more, and all but one are good again. */
const benchImpactSteps: readonly ImpactStep[] = [1, 150, 1].map((count, index, counts) => {
  const service = (_: unknown, number: number) =>
    ({ service: `s-${number}`, customer: `c-${number}`, state: 'down' }) as const
  const impact = Array.from({ length: count }, service)
  const gone = Array.from({ length: Math.max(0, (counts[index - 1] ?? 0) - count) }, (_, n) => `s-${n + 1}`)
  return {
    sequence: index * 2 + 1,
    at: benchNow - 600_000 + index * 1_000,
    type: index === 0 ? 'opened' : 'changed',
    change: { set: impact.slice(counts[index - 1] ?? 0), gone },
    impact,
  }
})

const benchAlarm: StoredAlarm = {
  ...alarmOn('acc2', 'unreachable'),
  id: 'alm-1',
  phase: 'flapping',
  acknowledged: { by: 'ann', at: benchNow },
  shelved: { by: 'ann', at: benchNow, until: benchNow + 3_600_000, reason: '<b>known</b>' },
  version: 2,
}

const spoolAlarm: StoredAlarm = {
  ...alarmOn('', 'spool-nearly-full'),
  id: 'alm-2',
  resource: { kind: 'system', part: 'spool' },
  version: 1,
}

/** Makes the parts that a test wants otherwise. */
export type DepsOver = (made: ApiDeps) => Partial<ApiDeps>

/** An API on a free port over an in-memory state store and hand-made stages. */
export async function startApi(over: DepsOver = () => ({})) {
  const db = await openStateDb(':memory:')
  const clock = new ManualClock(benchNow)
  const events = new EventHub(1_000)
  const calls: { readonly name: string; readonly args: readonly unknown[] }[] = []
  const maintenance = await openMaintenance({
    db,
    clock,
    log: pino({ enabled: false }),
    live: { inventory: smallInventory, topology: () => smallTopology },
    storedAlarms: [],
    activeAlarms: () => [],
    publish: (topic, id, change) => events.publish({ topic, id, change, at: clock.now() }),
    changed: () => calls.push({ name: 'maintenance.changed', args: [] }),
  })
  const made: ApiDeps = {
    version: '0.1.0',
    demo: true,
    timeZone: 'Asia/Shanghai',
    tokens: true,
    clock,
    log: pino({ enabled: false }),
    metrics: createMetrics(),
    db,
    events,
    console: (_request, response) => {
      response.type('html').send('<!doctype html><title>console</title>')
    },
    ready: async () => ({ state: 'ready', checks: [{ name: 'state', ok: true, text: 'open' }] }),
    inventory: () => smallInventory,
    topology: () => smallTopology,
    linkDifferences: () => [
      { kind: 'unknownNeighbour', a: { element: 'acc1', interface: 'ge-1' }, neighbour: '<b>', text: '<b>' },
      { kind: 'missingLink', a: { element: 'acc1' }, b: { element: 'agg1' }, text: 'not shown' },
    ],
    collection: async () => ({
      probes: [{ name: 'icmp', engine: 'fping 5.1', intervalMs: 10_000 }],
      overruns: [{ element: 'acc2', probe: 'snmp', skipped: 3 }],
      failing: [
        {
          element: 'acc2',
          probe: 'snmp',
          outcome: 'refused',
          problem: "the agent's table 1.3.6.1.2.1.2.2.1.2 has more than 65536 rows",
          since: Date.parse('2026-03-01T07:40:00Z'),
          lastAt: Date.parse('2026-03-01T07:59:00Z'),
        },
      ],
      refused: [{ protocol: 'snmp', reason: 'malformed', count: 2 }],
      traps: {
        host: '0.0.0.0',
        port: 1162,
        receiveBuffer: 4_194_304,
        counts: [{ kind: 'linkDown', outcome: 'accepted', count: 1 }],
        latest: [
          {
            element: 'acc1',
            at: benchNow,
            kind: 'linkDown',
            oid: '1.3.6.1.6.3.1.1.5.3',
            version: '3',
            inform: false,
            authenticated: true,
            source: '192.0.2.1',
            interfaceIndex: 7,
          },
        ],
        refused: [
          {
            address: '192.0.2.9',
            why: 'unknown-sender',
            count: 4,
            firstAt: benchNow - 1_000,
            lastAt: benchNow,
          },
        ],
        unknown: [
          { element: 'acc1', oid: '1.3.6.1.4.1.9.9.43.2.0.1', count: 1, firstAt: benchNow, lastAt: benchNow },
        ],
      },
    }),
    networkState: () => smallState(benchNow, { acc2: { reach: 'dark', since: benchNow - 600_000 } }),
    interfaces: (element) => [
      {
        element,
        name: 'to-agg1',
        index: 1,
        description: '"a",\n<b>',
        alias: '',
        adminStatus: 'up',
        operStatus: 'up',
        speedBps: 1e9,
        seenAt: benchNow,
      },
    ],
    system: () => ({ description: 'Linux', objectId: '1.3.6', name: 'x', location: '', upTimeTicks: 4_200 }),
    pollNow: async (element) => [
      {
        element,
        at: benchNow,
        outcome: 'answered',
        durationMs: 3,
        probe: 'icmp',
        burst: { sent: 2, rttsMs: [1, null] },
      },
    ],
    querySamples: async (query) => {
      calls.push({ name: 'querySamples', args: [query] })
      return [{ tags: { element: 'acc1', vantage: 'nms' }, points: [[benchNow, 1.5]] }]
    },
    latestSamples: (query) => {
      calls.push({ name: 'latestSamples', args: [query] })
      const [known = '', ...others] = query.fields
      return {
        tags: [{ element: 'acc1', interface: '"a",\n<b>' }],
        at: Float64Array.of(benchNow),
        values: {
          [known]: Float64Array.of(1.5),
          ...Object.fromEntries(others.map((name) => [name, Float64Array.of(Number.NaN)])),
        },
      }
    },
    busyHour: async (query) => {
      calls.push({ name: 'busyHour', args: [query] })
      return benchBusyHour
    },
    peakExperience: async (query) => {
      calls.push({ name: 'peakExperience', args: [query] })
      return benchPeakExperience
    },
    activeAlarms: () => [alarmOn('acc2', 'unreachable')],
    alarms: {
      list: async (filter) => {
        calls.push({ name: 'alarms.list', args: [filter] })
        return { items: [benchAlarm, spoolAlarm], nextCursor: 'next' }
      },
      get: async (id) => (id === 'alm-1' ? benchAlarm : undefined),
      getMany: async () => new Map([['alm-1', benchAlarm]]),
      transitions: async () => [
        {
          alarm: 'alm-1',
          sequence: 1,
          at: benchNow - 2_000,
          actor: 'system',
          kind: 'raised',
          severity: 'major',
        },
        {
          alarm: 'alm-1',
          sequence: 2,
          at: benchNow,
          actor: 'ann',
          kind: 'shelved',
          severity: 'major',
          until: benchNow + 3_600_000,
          reason: '<b>known</b>',
        },
      ],
      act: async (...args) => {
        calls.push({ name: 'alarms.act', args })
        if (args[0] !== 'alm-1') throw new FaultlineError('NOT_FOUND')
        if (args[3] !== undefined && args[3] !== benchAlarm.version)
          throw new FaultlineError('PRECONDITION_FAILED')
        return benchAlarm
      },
    },
    incidents: {
      open: async () => [benchIncident],
      list: async (filter) => {
        calls.push({ name: 'incidents.list', args: [filter] })
        return { items: [benchIncident] }
      },
      get: async (id) => (id === 'inc-1' ? benchIncident : undefined),
      events: async () => [
        { type: 'noted', text: '<b>looked</b>', incident: 'inc-1', sequence: 1, at: benchNow, actor: 'ann' },
      ],
      stateIn: (_log, at) =>
        at < benchIncident.detectedAt ? undefined : { ...benchIncident, version: 1, state: 'open' },
      impactSteps: () => benchImpactSteps,
      act: async (...args) => {
        calls.push({ name: 'act', args })
        const { version } = benchIncident
        if (args[3] !== undefined && args[3] !== version)
          throw new FaultlineError('PRECONDITION_FAILED', 'somebody was faster', { version })
        return benchIncident
      },
    },
    maintenance: maintenance.access,
    reports: {
      list: async (filter) => {
        calls.push({ name: 'reports.list', args: [filter] })
        return { items: [benchReport] }
      },
      get: async (id) => (id === 'rep-1' ? { report: benchReport, matches: [benchMatch] } : undefined),
      matches: async () => new Map([['rep-1', [benchMatch]]]),
      matchesOf: async () => [benchMatch],
      log: async () => [{ sequence: 1, at: benchNow, actor: 'ann', type: 'submitted', text: 'Submitted.' }],
      submit: async (...args) => {
        calls.push({ name: 'submit', args })
        return { report: benchReport, matches: [benchMatch], created: args[0].externalId !== 'T-1' }
      },
      patch: async (...args) => {
        calls.push({ name: 'patch', args })
        return { report: benchReport, matches: [] }
      },
      link: async (...args) => {
        calls.push({ name: 'link', args })
        return { report: benchReport, matches: [benchMatch] }
      },
      unlink: async (...args) => {
        calls.push({ name: 'unlink', args })
        return { report: benchReport, matches: [] }
      },
      evidenceFor: async () => evidence,
    },
    notifications: {
      list: async () => ({ items: [benchMessage] }),
      countsOf: async () => ({ customersTold: 1, byKind: [{ kind: 'outage', state: 'sent', count: 1 }] }),
      preview: async () => ({
        customers: 1,
        messages: [
          {
            customer: 'c-2',
            kind: 'outage',
            language: 'en',
            channel: 'email',
            services: ['s-2'],
            dueAt: benchNow,
            subject: 'An outage affects you',
            text: 'Hello',
          },
        ],
      }),
    },
  }
  const api = createApi({ ...made, ...over(made) })
  const { url } = await api.listen('127.0.0.1', 0)
  return {
    api,
    db,
    url,
    clock,
    events,
    /** What the stages were asked, by name. */
    callsOf: (name: string) => calls.filter((call) => call.name === name).map((call) => call.args),
    ask: (path: string, how?: Ask) => ask(url + path, how),
    /** What a view is answered with, held against its schema. */
    see: async <V extends ViewName>(path: string, view: V, how?: Ask) => {
      const { status, text, body } = await ask(url + path, how)
      if (!conforms(body, view)) throw new Error(`${status} is no ${view}: ${text}`)
      return views[view].parse(body) as z.output<(typeof views)[V]>
    },
    token: async (role: Role, name: string = role) =>
      (await createToken(db, { name, role }, clock.now())).token,
    audited: () => auditedIn(db),
    async [Symbol.asyncDispose]() {
      await api.close()
      await db.destroy()
    },
  }
}

async function auditedIn(db: StateDb): Promise<readonly string[]> {
  const rows = await db.selectFrom('audit').selectAll().orderBy('id').execute()
  return rows.map(({ actor, action, subject }) => `${actor} ${action} ${subject}`)
}

/** The answer holds exactly what the named view describes: nothing missing, nothing besides. */
export function conforms(body: unknown, view: ViewName): boolean {
  const read = views[view].safeParse(body)
  return read.success && JSON.stringify(sorted(read.data)) === JSON.stringify(sorted(body))
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, field]) => [key, sorted(field)]),
        )
      : value
