import { describe, expect, it } from 'vitest'
import { conforms, startApi } from '../support/api-bench.ts'

const until = '2026-03-01T12:00:00Z'

describe('alarms in the API', () => {
  it('are shown with their phase, who has seen them, and why they can wait', async () => {
    await using bench = await startApi()
    const { items } = await bench.see('/api/v1/alarms', 'AlarmPage')
    expect(items[0]).toMatchObject({
      id: 'alm-1',
      about: 'element',
      element: 'acc2',
      elementName: 'ACC2',
      phase: 'flapping',
      acknowledged: { by: 'ann' },
      shelved: { by: 'ann', reason: '<b>known</b>', until: '2026-03-01T09:00:00.000Z' },
      version: 2,
    })
    expect(items[1]).toMatchObject({
      about: 'system',
      element: 'system',
      elementName: 'Faultline',
      part: 'spool',
      phase: 'raised',
    })
  })

  it('are asked for by what is known of them', async () => {
    await using bench = await startApi()
    const query =
      'state=active&about=system&type=store-away&severity=major&phase=flapping&acknowledged=false&shelved=true&limit=7'
    expect((await bench.ask(`/api/v1/alarms?${query}`)).status).toBe(200)
    expect(bench.callsOf('alarms.list')).toEqual([
      [
        {
          state: 'active',
          about: 'system',
          type: 'store-away',
          severity: 'major',
          phase: 'flapping',
          acknowledged: false,
          shelved: true,
          limit: 7,
        },
      ],
    ])
  })

  it.for([
    ['a type that there is not', 'type=fire', 'type'],
    ['a phase that is not kept', 'phase=clearing', 'phase'],
    ['a word for yes', 'shelved=yes', 'shelved'],
  ] as const)('are not asked for by %s', async ([, query, path]) => {
    await using bench = await startApi()
    const { status, body } = await bench.ask(`/api/v1/alarms?${query}`)
    expect([status, body]).toMatchObject([400, { code: 'REQUEST_INVALID', errors: [{ path }] }])
  })

  it('tell one by one what happened to them', async () => {
    await using bench = await startApi()
    const { headers, body } = await bench.ask('/api/v1/alarms/alm-1')
    expect(conforms(body, 'AlarmDetail')).toBe(true)
    expect(headers.etag).toMatch(/^"2\./)
    const { transitions } = await bench.see('/api/v1/alarms/alm-1', 'AlarmDetail')
    expect(transitions.map(({ sequence, kind, actor, reason }) => [sequence, kind, actor, reason])).toEqual([
      [1, 'raised', 'system', undefined],
      [2, 'shelved', 'ann', '<b>known</b>'],
    ])
    expect((await bench.ask('/api/v1/alarms/alm-9')).status).toBe(404)
    const unchanged = await bench.ask('/api/v1/alarms/alm-1', {
      headers: { 'if-none-match': headers.etag ?? '' },
    })
    expect(unchanged.status).toBe(304)
  })

  it.for<readonly [string, object, object]>([
    ['acknowledge', {}, { type: 'acknowledge' }],
    ['unacknowledge', {}, { type: 'unacknowledge' }],
    [
      'shelve',
      { until, reason: '  cable\r\nwork ' },
      { type: 'shelve', until: Date.parse(until), reason: 'cable\nwork' },
    ],
    ['unshelve', {}, { type: 'unshelve' }],
  ])('take what a person does: %s', async ([name, body, action]) => {
    await using bench = await startApi()
    const token = await bench.token('noc', 'li')
    const answer = await bench.ask(`/api/v1/alarms/alm-1/${name}`, {
      method: 'POST',
      body,
      token,
      headers: { 'if-match': '"2.abc"' },
    })
    expect([answer.status, conforms(answer.body, 'Alarm')]).toEqual([200, true])
    expect(answer.headers.etag).toMatch(/^"2\./)
    expect(bench.callsOf('alarms.act')).toEqual([['alm-1', action, 'li', 2]])
  })

  it.for<readonly [string, string, object, Record<string, string>, number]>([
    ['by who saw an older state', 'alm-1/acknowledge', {}, { 'if-match': '"1"' }, 412],
    ['without a reason', 'alm-1/shelve', { until, reason: ' ' }, {}, 400],
    ['for ever', 'alm-1/shelve', { reason: 'known' }, {}, 400],
    ['with words that mean nothing', 'alm-1/acknowledge', { by: 'me' }, {}, 400],
    ['where there is none', 'alm-9/acknowledge', {}, {}, 404],
  ])('are not changed %s', async ([, path, body, headers, status]) => {
    await using bench = await startApi()
    const answer = await bench.ask(`/api/v1/alarms/${path}`, { method: 'POST', body, headers })
    expect(answer.status).toBe(status)
  })
})
