import { describe, expect, it } from 'vitest'
import type { ApiDeps } from '../../src/api/api-deps.ts'
import { createApi } from '../../src/api/create-api.ts'
import type { ViewName } from '../../src/api/views.ts'
import type { PeakExperience } from '../../src/model/peak-experience.ts'
import { FaultlineError } from '../../src/platform/errors.ts'
import { benchIncident, benchNow, conforms, startApi } from '../support/api-bench.ts'
import { hostileName } from '../support/small-network.ts'

describe('the API', () => {
  it.for<[string, ViewName]>([
    ['/healthz', 'Health'],
    ['/readyz', 'Readiness'],
    ['/api/v1/session', 'Session'],
    ['/api/v1/elements', 'ElementPage'],
    ['/api/v1/elements/acc1', 'Element'],
    ['/api/v1/elements/acc1/interfaces', 'InterfaceList'],
    ['/api/v1/links', 'LinkList'],
    ['/api/v1/topology', 'Topology'],
    ['/api/v1/collection', 'Collection'],
    ['/api/v1/samples?measurement=icmp&field=rtt_avg_ms&element=acc1', 'Samples'],
    ['/api/v1/reports/busy-hour?element=acc1', 'BusyHour'],
    ['/api/v1/reports/kpi?class=broadband', 'Kpi'],
    ['/api/v1/alarms?state=active', 'AlarmPage'],
    ['/api/v1/incidents', 'IncidentPage'],
    ['/api/v1/incidents/inc-1', 'IncidentDetail'],
    ['/api/v1/incidents/inc-1?at=2026-03-01T07:55:00Z', 'IncidentDetail'],
    ['/api/v1/incidents/inc-1/impact-history', 'ImpactHistory'],
    ['/api/v1/maintenance-windows', 'MaintenanceWindowPage'],
    ['/api/v1/fault-reports', 'FaultReportPage'],
    ['/api/v1/fault-reports/rep-1', 'FaultReportDetail'],
    ['/api/v1/services/s-2/status', 'ServiceStatus'],
    ['/api/v1/customers/c-2/status', 'CustomerStatus'],
    ['/api/v1/notifications', 'NotificationPage'],
  ])('answers %s with what %s describes', async ([path, view]) => {
    await using bench = await startApi()
    const { status, body, headers } = await bench.ask(path)
    expect(status).toBe(200)
    expect(conforms(body, view)).toBe(true)
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toMatch(/^default-src 'self';/)
    expect(headers['x-powered-by']).toBeUndefined()
  })

  it('shows the live state of the network', async () => {
    await using bench = await startApi()
    const { nodes, links } = await bench.see('/api/v1/topology', 'Topology')
    const node = (id: string) => nodes.find((one) => one.id === id)
    expect(node('acc2')).toMatchObject({
      reach: 'dark',
      hops: 2,
      activeAlarms: 1,
      worstSeverity: 'major',
      incidents: [{ id: 'inc-1', as: 'root' }],
      services: 2,
    })
    expect(node('cpe2')?.incidents).toEqual([{ id: 'inc-1', as: 'shadowed' }])
    expect(node('nms')?.reach).toBe('answering')
    const states = links.map((link) => `${link.id} ${link.state}`)
    expect(states).toContain('acc2[to-agg1]--agg1[to-acc2] dark')
    expect(states).toContain('core1[to-nms]--nms[to-core1] up')
  })

  it('lists the elements whose polls overrun', async () => {
    await using bench = await startApi()
    const { body } = await bench.ask('/api/v1/collection')
    expect(body).toMatchObject({ overruns: [{ element: 'acc2', probe: 'snmp', skipped: 3 }] })
  })

  it('tells why polls fail', async () => {
    await using bench = await startApi()
    const { failing } = await bench.see('/api/v1/collection', 'Collection')
    expect(failing).toEqual([
      {
        element: 'acc2',
        probe: 'snmp',
        outcome: 'refused',
        problem: "the agent's table 1.3.6.1.2.1.2.2.1.2 has more than 65536 rows",
        since: '2026-03-01T07:40:00.000Z',
        lastAt: '2026-03-01T07:59:00.000Z',
      },
    ])
  })

  it('pages through elements', async () => {
    await using bench = await startApi()
    const first = await bench.see('/api/v1/elements?limit=5', 'ElementPage')
    const second = await bench.see(`/api/v1/elements?limit=5&cursor=${first.nextCursor}`, 'ElementPage')
    const ids = [...first.items, ...second.items].map((one) => one.id)
    expect(ids).toEqual(['acc1', 'acc2', 'agg1', 'core1', 'cpe1', 'cpe2', 'nms'])
    expect(second.nextCursor).toBeUndefined()
  })

  it('pages through services, without names of customers', async () => {
    await using bench = await startApi()
    const first = await bench.see('/api/v1/services?limit=2', 'ServicePage')
    const second = await bench.see(`/api/v1/services?limit=2&cursor=${first.nextCursor}`, 'ServicePage')
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['s-1', 's-2', 's-3'])
    expect(second.nextCursor).toBeUndefined()
    const own = await bench.ask('/api/v1/services?customer=c-2&element=acc2')
    expect(own.body).toEqual({ items: [expect.objectContaining({ id: 's-2', customer: 'c-2' })] })
    expect(own.text).not.toContain('script')
    expect((await bench.see('/api/v1/services?element=acc9', 'ServicePage')).items).toEqual([])
  })

  it('hands hostile text on as text', async () => {
    await using bench = await startApi()
    const { body } = await bench.ask('/api/v1/fault-reports/rep-1')
    expect(body).toMatchObject({ customerName: hostileName, description: '<img src=x onerror=alert(1)>' })
    const { items } = await bench.see('/api/v1/elements/acc1/interfaces', 'InterfaceList')
    expect(items[0]?.description).toBe('"a",\n<b>')
  })

  it('asks the sample store for what the table of measurements knows', async () => {
    await using bench = await startApi()
    const query =
      'measurement=interface&field=in_bps&element=acc1&interface=to-agg1&from=2026-03-01T14:00:00%2B08:00&to=2026-03-01T07:00:00Z&step=1m&aggregate=max'
    const { body } = await bench.ask(`/api/v1/samples?${query}`)
    expect(bench.callsOf('querySamples')).toEqual([
      [
        {
          measurement: 'interface',
          field: 'in_bps',
          tags: { element: 'acc1', interface: 'to-agg1' },
          from: Date.parse('2026-03-01T06:00:00Z'),
          to: Date.parse('2026-03-01T07:00:00Z'),
          step: 60_000,
          aggregate: 'max',
          limit: 5_000,
        },
      ],
    ])
    expect(body).toMatchObject({ unit: 'bit/s', series: [{ points: [['2026-03-01T08:00:00.000Z', 1.5]] }] })
  })

  it('tells the newest samples from memory', async () => {
    await using bench = await startApi()
    const answer = await bench.see(
      '/api/v1/samples/latest?measurement=interface&element=acc1&limit=9',
      'LatestSamples',
    )
    expect(answer.items).toEqual([
      {
        tags: { element: 'acc1', interface: '"a",\n<b>' },
        at: '2026-03-01T08:00:00.000Z',
        values: { in_bps: 1.5 },
      },
    ])
    expect(answer.units).toMatchObject({ in_bps: 'bit/s', oper_up: '0|1' })
    const [asked] = bench.callsOf('latestSamples')
    expect(asked).toMatchObject([{ measurement: 'interface', tags: { element: 'acc1' }, limit: 9 }])
    for (const wrong of [
      'measurement=interface&field=__proto__',
      'measurement=icmp&interface=x',
      'measurement=interface_hour',
      'measurement=icmp&limit=20001',
    ])
      expect(await bench.ask(`/api/v1/samples/latest?${wrong}`)).toMatchObject({
        status: 400,
        body: { code: 'REQUEST_INVALID' },
      })
  })

  it.for<[string, unknown, unknown]>([
    ['acknowledge', {}, { type: 'acknowledge' }],
    ['start', { assignee: 'ann' }, { type: 'start', assignee: 'ann' }],
    ['hold', { reason: 'waits for access' }, { type: 'hold', reason: 'waits for access' }],
    ['release', {}, { type: 'release' }],
    ['assign', { assignee: 'ann' }, { type: 'assign', assignee: 'ann' }],
    ['assign', { assignee: null }, { type: 'assign', assignee: null }],
    ['reopen', { reason: 'still slow' }, { type: 'reopen', reason: 'still slow' }],
    ['note', { text: 'seen' }, { type: 'note', text: 'seen' }],
    ['eta', { etaAt: '2026-03-01T10:00:00Z' }, { type: 'eta', etaAt: benchNow + 7_200_000 }],
    ['eta', { etaAt: null }, { type: 'eta', etaAt: null }],
    ['resolve', {}, { type: 'resolve' }],
    ['close', {}, { type: 'close' }],
  ])('passes %s on to the incident', async ([name, body, action]) => {
    await using bench = await startApi()
    const answer = await bench.ask(`/api/v1/incidents/inc-1/${name}`, { method: 'POST', body })
    expect(answer.status).toBe(200)
    expect(conforms(answer.body, 'Incident')).toBe(true)
    expect(bench.callsOf('act')).toEqual([['inc-1', action, 'local', undefined]])
  })

  it('changes what the caller saw, and nothing newer', async () => {
    await using bench = await startApi()
    const { etag } = (await bench.ask('/api/v1/incidents/inc-1')).headers
    const act = (ifMatch: string) =>
      bench.ask('/api/v1/incidents/inc-1/close', {
        method: 'POST',
        body: {},
        headers: { 'if-match': ifMatch },
      })
    expect((await act(etag ?? '')).status).toBe(200)
    expect((await act('*')).status).toBe(200)
    const stale = await act('"3"')
    expect(stale).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED', version: 4 } })
    expect(conforms(stale.body, 'Problem')).toBe(true)
    expect((await act('"tea"')).status).toBe(412)
    expect(bench.callsOf('act').map((args) => args[3])).toEqual([benchIncident.version, undefined, 3])
  })

  it('shows an incident as it was, and says so when it was not there yet', async () => {
    await using bench = await startApi()
    const then = (at: string) => bench.ask(`/api/v1/incidents/inc-1?at=${encodeURIComponent(at)}`)
    const past = await then('2026-03-01T07:55:00Z')
    expect(past).toMatchObject({ status: 200, body: { state: 'open', version: 1, log: [] } })
    expect(past.body).not.toHaveProperty('notifications')
    expect(past.headers.etag).toMatch(/^"1\./)
    const before = await then('2026-03-01T07:50:00Z')
    expect(before).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    expect(before.text).toContain('was opened at 2026-03-01T07:50:20.000Z')
    expect(await then('2026-03-01T08:00:01Z')).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'at' }] },
    })
    expect((await then('yesterday')).status).toBe(400)
    expect((await then('2026-03-01T08:00:00+00:00')).status).toBe(200)
  })

  it('tells how impact grew and shrank, in pages, and not every service of a storm', async () => {
    await using bench = await startApi()
    const at = '/api/v1/incidents/inc-1/impact-history'
    const first = await bench.see(`${at}?limit=2`, 'ImpactHistory')
    expect(
      first.items.map(({ sequence, impact, changes, more }) => [sequence, impact.down, changes.length, more]),
    ).toEqual([
      [1, 1, 1, 0],
      [3, 150, 100, 49],
    ])
    const rest = await bench.see(`${at}?limit=2&cursor=${first.nextCursor}`, 'ImpactHistory')
    expect(rest.items).toMatchObject([{ sequence: 5, impact: { down: 1, customers: 1 }, more: 49 }])
    expect(rest.items[0]?.changes[0]).toEqual({ service: 's-1' })
    expect(rest.nextCursor).toBeUndefined()
    for (const wrong of ['?limit=101', '?cursor=x', '?cursor=-1'])
      expect((await bench.ask(at + wrong)).status).toBe(400)
    expect((await bench.ask('/api/v1/incidents/nope/impact-history')).status).toBe(404)
  })

  it('takes a report, and says whether it is new', async () => {
    await using bench = await startApi()
    const body = { service: 's-2', symptom: 'slow', reportedOnset: '2026-03-01T07:00:00Z' }
    const made = await bench.ask('/api/v1/fault-reports?wait=3s', { method: 'POST', body })
    expect(made).toMatchObject({ status: 201, headers: { location: '/api/v1/fault-reports/rep-1' } })
    expect(conforms(made.body, 'FaultReport')).toBe(true)
    expect(bench.callsOf('submit')).toEqual([
      [
        {
          kind: 'fault',
          service: 's-2',
          symptom: 'slow',
          description: '',
          channel: 'phone',
          reportedOnsetAt: benchNow - 3_600_000,
        },
        'local',
        { waitMs: 3_000 },
      ],
    ])
    const known = { ...body, externalId: 'T-1' }
    expect((await bench.ask('/api/v1/fault-reports', { method: 'POST', body: known })).status).toBe(200)
  })

  it('keeps the lines of what a customer said, and none of the control characters', async () => {
    await using bench = await startApi()
    const description = '\u001b[31mslow\r\nsince\t8\0 \ud800<b>\u0007\r'
    await bench.see('/api/v1/fault-reports', 'FaultReport', {
      method: 'POST',
      body: { service: 's-2', symptom: 'slow', description },
    })
    expect(bench.callsOf('submit')[0]?.[0]).toMatchObject({
      description: '[31mslow\nsince\t8 \ufffd<b>',
    })
  })

  it('changes, links and unlinks a report', async () => {
    await using bench = await startApi()
    const headers = { 'if-match': '"2"' }
    const at = '/api/v1/fault-reports/rep-1'
    expect((await bench.ask(at, { method: 'PATCH', headers, body: { status: 'held' } })).status).toBe(200)
    for (const name of ['link', 'unlink']) {
      const answer = await bench.ask(`${at}/${name}`, {
        method: 'POST',
        headers,
        body: { incident: 'inc-1' },
      })
      expect(answer.status).toBe(200)
      expect(bench.callsOf(name)).toEqual([['rep-1', 'inc-1', 'local', 2]])
    }
    expect(bench.callsOf('patch')).toEqual([['rep-1', { status: 'held' }, 'local', 2]])
  })

  it('answers 304 to who has it already', async () => {
    await using bench = await startApi()
    for (const path of ['/api/v1/fault-reports', '/api/v1/fault-reports/rep-1']) {
      const { etag = '' } = (await bench.ask(path)).headers
      const again = await bench.ask(path, { headers: { 'if-none-match': `"other", W/${etag}` } })
      expect(again).toMatchObject({ status: 304, text: '' })
      expect((await bench.ask(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
    }
  })

  it('polls an element and previews messages', async () => {
    await using bench = await startApi()
    const polled = await bench.see('/api/v1/elements/acc1/poll', 'Polled', { method: 'POST', body: {} })
    expect(polled.readings[0]).toMatchObject({ outcome: 'answered', sent: 2, received: 1, rttMs: 1 })
    const body = { incident: 'inc-1' }
    const preview = await bench.see('/api/v1/notifications/preview', 'NotificationPreview', {
      method: 'POST',
      body,
    })
    expect(preview.messages[0]).toMatchObject({
      customerName: hostileName,
      subject: 'An outage affects you',
    })
  })

  it('gives Prometheus its figures, and pages outside the API to the console', async () => {
    await using bench = await startApi()
    const metrics = await bench.ask('/metrics')
    expect(metrics.headers['content-type']).toMatch(/^text\/plain/)
    await bench.ask('/api/v1/nothing')
    expect((await bench.ask('/metrics')).text).toContain(
      'faultline_http_requests_total{method="GET",status="4xx"} 1',
    )
    expect((await bench.ask('/')).text).toContain('<title>console</title>')
    expect((await bench.ask('/api/nothing')).status).toBe(404)
    expect((await bench.ask('/', { method: 'POST', body: {} })).status).toBe(404)
  })

  it('is not ready while the state store is not', async () => {
    const ready = async () =>
      ({ state: 'notReady', checks: [{ name: 'state', ok: false, text: 'away' }] }) as const
    await using bench = await startApi(() => ({ ready }))
    expect(await bench.ask('/readyz')).toMatchObject({ status: 503, body: { state: 'notReady' } })
  })
})

describe('the KPI', () => {
  const noDays: PeakExperience = {
    state: 'insufficient',
    total: { good: 0, bad: 0, insufficient: 0, planned: 0 },
    services: 0,
    missed: { latency: 0, loss: 0, jitter: 0, utilisation: 0 },
    byClass: [],
    byArea: [],
    byDay: [],
    worst: [],
  }
  const bare = () => startApi(() => ({ peakExperience: async () => noDays }))

  it('of names that are nowhere is an error, and of what has no days yet an empty report', async () => {
    await using bench = await bare()
    for (const [name, value] of [
      ['service', 's-99'],
      ['service', '__proto__'],
      ['class', 'no such'],
      ['class', '\u0000'],
    ] as const) {
      const answer = await bench.ask(`/api/v1/reports/kpi?${name}=${encodeURIComponent(value)}`)
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: name }] } })
    }
    for (const query of [
      'service=s-1',
      'class=broadband',
      'from=2026-04-01T00:00:00Z&to=2026-04-02T00:00:00Z',
    ]) {
      const { peakGood } = await bench.see(`/api/v1/reports/kpi?${query}`, 'Kpi')
      expect([query, peakGood.state, peakGood.services]).toEqual([query, 'insufficient', 0])
    }
  })

  it('is told of a service that is gone, while its days are stored', async () => {
    await using bench = await startApi()
    const { peakGood } = await bench.see('/api/v1/reports/kpi?service=gone', 'Kpi')
    expect(peakGood.services).toBe(2)
  })

  it('names as many services as usual where none is said', async () => {
    await using bench = await startApi()
    for (const query of ['', 'services=']) await bench.see(`/api/v1/reports/kpi?${query}`, 'Kpi')
    expect(bench.callsOf('peakExperience')).toMatchObject([[{ mostServices: 100 }], [{ mostServices: 100 }]])
  })
})

describe('a bad request', () => {
  it.for<[string, string, unknown, string]>([
    ['an unknown query parameter', '/api/v1/elements?colour=red', undefined, 'colour'],
    ['a limit of 0', '/api/v1/elements?limit=0', undefined, 'limit'],
    ['a limit given twice', '/api/v1/elements?limit=1&limit=2', undefined, 'limit'],
    ['a cursor of its own making', '/api/v1/elements?cursor=x', undefined, 'cursor'],
    ['an unknown state', '/api/v1/alarms?state=loud', undefined, 'state'],
    ['an unknown measurement', '/api/v1/samples?measurement=tea&field=x', undefined, 'measurement'],
    ['an unknown field', '/api/v1/samples?measurement=icmp&field=in_bps', undefined, 'field'],
    ['a field of every object', '/api/v1/samples?measurement=icmp&field=constructor', undefined, 'field'],
    [
      'an interface of a ping',
      '/api/v1/samples?measurement=icmp&field=sent&interface=a',
      undefined,
      'interface',
    ],
    ['an interface of any element', '/api/v1/reports/busy-hour?interface=a', undefined, 'interface'],
    ['an unknown element', '/api/v1/reports/busy-hour?element=nobody', undefined, 'element'],
    [
      'a report of years',
      '/api/v1/reports/busy-hour?from=2020-01-01T00:00:00Z&to=2024-01-01T00:00:00Z',
      undefined,
      'from',
    ],
    [
      'a range that ends before it begins',
      '/api/v1/reports/busy-hour?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z',
      undefined,
      'from',
    ],
    [
      'an element of services',
      '/api/v1/samples?measurement=service_peak&field=good&element=acc1',
      undefined,
      'element',
    ],
    ['a field of text', '/api/v1/samples?measurement=service_peak&field=policy', undefined, 'field'],
    [
      'a KPI of years',
      '/api/v1/reports/kpi?from=2020-01-01T00:00:00Z&to=2024-01-01T00:00:00Z',
      undefined,
      'from',
    ],
    [
      'a KPI that ends before it begins',
      '/api/v1/reports/kpi?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z',
      undefined,
      'from',
    ],
    ['a KPI of an area that there is not', '/api/v1/reports/kpi?area=suburban', undefined, 'area'],
    ['a KPI of a day', '/api/v1/reports/kpi?from=2026-02-29', undefined, 'from'],
    ['a KPI from a day that is none', '/api/v1/reports/kpi?from=2026-02-29T00:00:00Z', undefined, 'from'],
    ['a KPI of when nothing is kept', '/api/v1/reports/kpi?to=9999-12-31T00:00:00Z', undefined, 'to'],
    [
      'busy hours of when nothing is kept',
      '/api/v1/reports/busy-hour?to=2262-01-01T00:00:01Z',
      undefined,
      'to',
    ],
    ['a KPI of no time', '/api/v1/reports/kpi?to=1970-01-01T00:00:00Z', undefined, 'from'],
    ['a KPI of a million services', '/api/v1/reports/kpi?services=1000000', undefined, 'services'],
    ['a KPI of half a service', '/api/v1/reports/kpi?services=0.5', undefined, 'services'],
    ['a KPI of two classes', '/api/v1/reports/kpi?class=a&class=b', undefined, 'class'],
    ['a KPI of a class without a name', '/api/v1/reports/kpi?class=', undefined, 'class'],
    ['a KPI of a service by a book', `/api/v1/reports/kpi?service=${'x'.repeat(129)}`, undefined, 'service'],
    ['a KPI by a policy', '/api/v1/reports/kpi?policy=operator-default/voice', undefined, 'policy'],
    ['a KPI by pages', '/api/v1/reports/kpi?cursor=eyJhIjoxfQ', undefined, 'cursor'],
    ['a time that is none', '/api/v1/samples?measurement=icmp&field=sent&from=yesterday', undefined, 'from'],
    [
      'an end before the beginning',
      '/api/v1/samples?measurement=icmp&field=sent&from=2026-03-02T00:00:00Z',
      undefined,
      'from',
    ],
    [
      'a span of years',
      '/api/v1/samples?measurement=icmp&field=sent&from=2020-01-01T00:00:00Z',
      undefined,
      'from',
    ],
    ['too many buckets', '/api/v1/samples?measurement=icmp&field=sent&step=1ms', undefined, 'step'],
    [
      'an aggregate of nothing',
      '/api/v1/samples?measurement=icmp&field=sent&aggregate=max',
      undefined,
      'aggregate',
    ],
    ['a wait of an hour', '/api/v1/fault-reports?wait=1h', { service: 's-1', symptom: 'slow' }, 'wait'],
    ['a missing symptom', '/api/v1/fault-reports', { service: 's-1' }, 'symptom'],
    ['an unknown symptom', '/api/v1/fault-reports', { service: 's-1', symptom: 'sad' }, 'symptom'],
    ['neither service nor customer', '/api/v1/fault-reports', { symptom: 'slow' }, 'service'],
    ['an unknown key', '/api/v1/fault-reports', { service: 's-1', symptom: 'slow', admin: true }, 'admin'],
    [
      'a description of a book',
      '/api/v1/fault-reports',
      { service: 's-1', symptom: 'slow', description: 'x'.repeat(4_001) },
      'description',
    ],
    ...['T\r\nX: 1', 'T\0', '\u2028', '\ud800'].map((externalId): [string, string, unknown, string] => [
      `an external id of ${JSON.stringify(externalId)}`,
      '/api/v1/fault-reports',
      { service: 's-1', symptom: 'slow', externalId },
      'externalId',
    ]),
    [
      'a line break in the channel',
      '/api/v1/fault-reports',
      { service: 's-1', symptom: 'slow', channel: 'a\nb' },
      'channel',
    ],
    ['an empty note', '/api/v1/incidents/inc-1/note', { text: ' ' }, 'text'],
    ['a note of nothing that shows', '/api/v1/incidents/inc-1/note', { text: '\0\u0007' }, 'text'],
    [
      'a time that cannot be written',
      '/api/v1/incidents/inc-1/eta',
      { etaAt: '9999-12-31T23:59:59-01:00' },
      'etaAt',
    ],
    [
      'a time before there was one',
      '/api/v1/fault-reports?updatedSince=0001-01-01T00:00:00Z',
      undefined,
      'updatedSince',
    ],
    ['an eta that is no time', '/api/v1/incidents/inc-1/eta', { etaAt: 'soon' }, 'etaAt'],
    ['an incident that is not there', '/api/v1/notifications/preview', { incident: 'inc-9' }, 'incident'],
  ])('with %s names the field', async ([, path, body, field]) => {
    await using bench = await startApi()
    const answer = await bench.ask(path, body === undefined ? {} : { method: 'POST', body })
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(conforms(answer.body, 'Problem')).toBe(true)
    expect(answer.body).toMatchObject({ status: 400, code: 'REQUEST_INVALID', errors: [{ path: field }] })
  })

  it.for<[string, string, object, string]>([
    ['twice', '/api/v1/alarms?limit=1&limit=2', {}, 'limit: is given more than once'],
    ['no number', '/api/v1/alarms?limit=x', {}, 'limit: Invalid input: expected number'],
    [
      'no object',
      '/api/v1/incidents/inc-1/note',
      { method: 'POST', body: 'null' },
      'body: Invalid input: expected object, received null',
    ],
  ])('says what is wrong with what is %s', async ([, path, how, detail]) => {
    await using bench = await startApi()
    expect(await bench.ask(path, how)).toMatchObject({ status: 400, body: { detail } })
  })

  it('names every field that is wrong in one go', async () => {
    await using bench = await startApi()
    const body = { service: 7, symptom: 'sad', channel: '' }
    const { errors } = await bench.see('/api/v1/fault-reports', 'Problem', { method: 'POST', body })
    expect(errors?.map((error) => error.path)).toEqual(['service', 'symptom', 'channel'])
  })

  it.for<[string, string, Parameters<Awaited<ReturnType<typeof startApi>>['ask']>[1], number, string]>([
    ['an unknown address', '/api/v2/x', {}, 404, 'NOT_FOUND'],
    ['an unknown element', '/api/v1/elements/nope', {}, 404, 'NOT_FOUND'],
    ['an unknown incident', '/api/v1/incidents/nope', {}, 404, 'NOT_FOUND'],
    ['an unknown report', '/api/v1/fault-reports/nope', {}, 404, 'NOT_FOUND'],
    ['an unknown service', '/api/v1/services/nope/status', {}, 404, 'NOT_FOUND'],
    ['an unknown customer', '/api/v1/customers/__proto__/status', {}, 404, 'NOT_FOUND'],
    ['a path that is not encoded right', '/api/v1/elements/%E0%A4%A', {}, 400, 'REQUEST_INVALID'],
    ['a wrong method', '/api/v1/elements', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
    [
      'a form',
      '/api/v1/fault-reports',
      { method: 'POST', body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'UNSUPPORTED_MEDIA',
    ],
    [
      'no body where one is needed',
      '/api/v1/incidents/inc-1/note',
      { method: 'POST' },
      400,
      'REQUEST_INVALID',
    ],
    [
      'an empty form where JSON is needed',
      '/api/v1/fault-reports',
      { method: 'POST', body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      400,
      'REQUEST_INVALID',
    ],
    [
      'a compressed body',
      '/api/v1/fault-reports',
      { method: 'POST', body: 'x', headers: { 'content-encoding': 'gzip' } },
      415,
      'UNSUPPORTED_MEDIA',
    ],
    ['half a body', '/api/v1/fault-reports', { method: 'POST', body: '{"a":' }, 400, 'REQUEST_INVALID'],
    [
      'a body that is a number',
      '/api/v1/fault-reports',
      { method: 'POST', body: '7' },
      400,
      'REQUEST_INVALID',
    ],
    [
      'a body of 64 KB and more',
      '/api/v1/fault-reports',
      { method: 'POST', body: JSON.stringify('x'.repeat(65_536)) },
      413,
      'BODY_TOO_LARGE',
    ],
  ])('with %s is told so', async ([, path, how, status, code]) => {
    await using bench = await startApi()
    const answer = await bench.ask(path, how)
    expect(answer).toMatchObject({ status, body: { status, code } })
    expect(conforms(answer.body, 'Problem')).toBe(true)
  })

  it('is told which methods there are', async () => {
    await using bench = await startApi()
    const { headers } = await bench.ask('/api/v1/fault-reports', { method: 'DELETE' })
    expect(headers.allow).toBe('POST, GET, HEAD')
  })

  it('gets the code of a failure, and nothing of what is inside', async () => {
    await using bench = await startApi((made) => ({
      querySamples: async () => {
        throw new FaultlineError('STORE_UNAVAILABLE', 'influx is away')
      },
      incidents: {
        ...made.incidents,
        list: async () => {
          throw new Error('SELECT secret FROM table')
        },
      },
    }))
    const samples = await bench.ask('/api/v1/samples?measurement=icmp&field=sent')
    expect(samples).toMatchObject({
      status: 503,
      body: { code: 'STORE_UNAVAILABLE', detail: 'influx is away' },
    })
    const incidents = await bench.ask('/api/v1/incidents')
    expect(incidents).toMatchObject({ status: 500, body: { code: 'INTERNAL' } })
    expect(incidents.text).not.toContain('secret')
  })
})

describe('listening', () => {
  it('is refused beyond this machine while there is no token', async () => {
    let deps: ApiDeps | undefined
    await using bench = await startApi((made) => {
      deps = made
      return {}
    })
    if (!deps) throw new Error('no deps')
    const other = createApi(deps)
    await expect(other.listen('0.0.0.0', 0)).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
    const taken = Number(new URL(bench.url).port)
    await expect(other.listen('127.0.0.1', taken)).rejects.toMatchObject({ details: { port: taken } })
    await bench.token('readonly')
    await expect(other.listen('0.0.0.0', 0)).resolves.toMatchObject({ url: expect.stringMatching(/^http:/) })
    await other.close()
  })
})
