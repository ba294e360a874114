import { describe, expect, it } from 'vitest'
import type { ApiDeps } from '../../src/api/api-deps.ts'
import { createApi } from '../../src/api/create-api.ts'
import { revokeToken } from '../../src/api/tokens.ts'
import type { Role } from '../../src/api/views/session-schemas.ts'
import type { IncidentEvent } from '../../src/model/incident-event.ts'
import { benchIncident, benchNow, conforms, startApi } from '../support/api-bench.ts'
import { hostileName } from '../support/small-network.ts'

const change = { method: 'POST', body: {} }
const report = { method: 'POST', body: { service: 's-2', symptom: 'slow' } }

describe('without any token', () => {
  it('takes whoever is on this machine for an admin, and says so', async () => {
    await using bench = await startApi()
    expect(await bench.see('/api/v1/session', 'Session')).toEqual({
      actor: 'local',
      role: 'admin',
      authentication: 'loopback',
      demo: true,
      version: '0.1.0',
    })
  })

  it.for([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'localhost.',
    'a@127.0.0.1',
  ])('answers nothing under the name "%s"', async (host) => {
    await using bench = await startApi()
    for (const path of ['/api/v1/elements', '/', '/healthz']) {
      const answer = await bench.ask(path, { headers: { host } })
      expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    }
  })

  it.for(['localhost:1234', '127.0.0.1', '127.1.2.3:80', '[::1]:8080'])('answers under %s', async (host) => {
    await using bench = await startApi()
    expect((await bench.ask('/api/v1/elements', { headers: { host } })).status).toBe(200)
  })

  it('answers under its public address', async () => {
    await using bench = await startApi(() => ({ publicUrl: 'https://noc.example.net' }))
    const path = '/api/v1/elements'
    expect((await bench.ask(path, { headers: { host: 'noc.example.net' } })).status).toBe(200)
    expect((await bench.ask(path, { headers: { host: 'other.example.net' } })).status).toBe(403)
  })

  it.for(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'])(
    'refuses what a proxy passes on with %s',
    async (header) => {
      await using bench = await startApi()
      const answer = await bench.ask('/api/v1/elements', { headers: { [header]: '203.0.113.7' } })
      expect(answer.status).toBe(401)
    },
  )

  it.for<[string, Record<string, string>, number]>([
    ['a program without Origin', {}, 200],
    ['our own page', { origin: 'OWN' }, 200],
    ['our own page, says the browser', { 'sec-fetch-site': 'same-origin' }, 200],
    ['the page of another site', { origin: 'https://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['another site, says the browser', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a sibling site, says the browser', { 'sec-fetch-site': 'same-site' }, 403],
  ])('judges a change by %s', async ([, headers, status]) => {
    await using bench = await startApi()
    const own = headers.origin === 'OWN' ? { origin: bench.url } : headers
    const answer = await bench.ask('/api/v1/incidents/inc-1/close', { ...change, headers: own })
    expect(answer.status).toBe(status)
    expect(bench.callsOf('act')).toHaveLength(status === 200 ? 1 : 0)
  })

  it('takes no change as a form, which needs no permission from a browser', async () => {
    await using bench = await startApi()
    const how = { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }
    expect((await bench.ask('/api/v1/incidents/inc-1/close', how)).status).toBe(415)
  })
})

describe('a change without a body', () => {
  it.for([
    '/api/v1/incidents/inc-1/acknowledge',
    '/api/v1/incidents/inc-1/close',
    '/api/v1/incidents/inc-1/start',
    '/api/v1/elements/acc1/poll',
  ])('is one that says nothing more: POST %s', async (path) => {
    await using bench = await startApi()
    for (const headers of [{}, { 'content-type': 'application/json' }, { 'content-length': '0' }])
      expect(await bench.ask(path, { method: 'POST', headers })).toMatchObject({ status: 200 })
  })

  it('still is not taken from the page of another site', async () => {
    await using bench = await startApi()
    const how = { method: 'POST', headers: { origin: 'https://evil.example' } }
    expect((await bench.ask('/api/v1/incidents/inc-1/close', how)).status).toBe(403)
    expect(bench.callsOf('act')).toEqual([])
  })
})

describe('with a token that nobody is asked for', () => {
  it('still takes whoever is on this machine, under its own names', async () => {
    await using bench = await startApi(() => ({ tokens: false }))
    await bench.token('readonly')
    expect(await bench.see('/api/v1/session', 'Session')).toMatchObject({ actor: 'local', role: 'admin' })
    const foreign = await bench.ask('/api/v1/elements', { headers: { host: 'evil.example' } })
    expect(foreign.status).toBe(403)
  })

  it('listens on this machine only', async () => {
    let deps: ApiDeps | undefined
    await using bench = await startApi((made) => {
      deps = { ...made, tokens: false }
      return {}
    })
    await bench.token('readonly')
    if (!deps) throw new Error('no deps')
    await expect(createApi(deps).listen('0.0.0.0', 0)).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
  })
})

describe('with tokens', () => {
  it('asks for one, and refuses a wrong one', async () => {
    await using bench = await startApi()
    await bench.token('admin')
    const none = await bench.ask('/api/v1/elements')
    expect(none).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect(none.headers['www-authenticate']).toBe('Bearer realm="faultline"')
    expect((await bench.ask('/api/v1/elements', { token: `flt_${'A'.repeat(43)}` })).status).toBe(401)
    expect((await bench.ask('/api/v1/elements', { headers: { authorization: 'Basic x' } })).status).toBe(401)
    expect((await bench.ask('/healthz', { headers: { host: 'anything.example' } })).status).toBe(200)
    expect((await bench.ask('/')).status).toBe(200)
  })

  it.for<[Role, string, object]>([
    ['readonly', '/api/v1/incidents', {}],
    ['desk', '/api/v1/customers/c-2/status', {}],
    ['desk', '/api/v1/services/s-2/status', {}],
    ['desk', '/api/v1/fault-reports', report],
    ['noc', '/api/v1/incidents/inc-1/acknowledge', change],
    ['noc', '/api/v1/elements/acc1/poll', change],
    ['noc', '/api/v1/notifications/preview', { method: 'POST', body: { incident: 'inc-1' } }],
  ])('lets %s and above at %s', async ([needed, path, how]) => {
    await using bench = await startApi()
    const order: readonly Role[] = ['readonly', 'desk', 'noc', 'admin']
    for (const role of order) {
      const answer = await bench.ask(path, { ...how, token: await bench.token(role) })
      const allowed = order.indexOf(role) >= order.indexOf(needed)
      expect([role, answer.status < 300 ? 'in' : answer.status]).toEqual([role, allowed ? 'in' : 403])
    }
  })

  it('gives names and words to the desk, and not to a wall display', async () => {
    await using bench = await startApi()
    const [wall, desk] = [await bench.token('readonly'), await bench.token('desk')]
    for (const path of [
      '/api/v1/incidents/inc-1',
      '/api/v1/fault-reports',
      '/api/v1/fault-reports/rep-1',
      '/api/v1/notifications',
    ]) {
      const name = JSON.stringify(hostileName)
      expect((await bench.ask(path, { token: wall })).text).not.toContain(name)
      expect((await bench.ask(path, { token: wall })).text).not.toContain('onerror')
      expect((await bench.ask(path, { token: desk })).text).toContain(name)
    }
    expect(await bench.audited()).toEqual([
      'desk incident.read inc-1',
      'desk fault-report.list *',
      'desk fault-report.read rep-1',
      'desk notification.list *',
    ])
  })

  it('does not show a wall display what people wrote: notes, assignees, and reasons of a hold, a shelf, a reopening, a status', async () => {
    const secret = 'Mrs Byrne, 555 0100'
    const mark = { by: 'ann', at: benchNow, reason: secret }
    await using bench = await startApi(({ incidents, alarms, reports }) => {
      const held = { ...benchIncident, hold: mark, reopened: mark, assignee: secret }
      const logged = { incident: 'inc-1', at: benchNow, actor: 'ann' }
      const shelf = { ...mark, until: benchNow + 1 }
      const alarm = async () => {
        const one = await alarms.get('alm-1')
        if (!one) throw new Error('the bench has no alarm')
        return { ...one, shelved: shelf }
      }
      const events: IncidentEvent[] = [
        { ...logged, sequence: 1, type: 'noted', text: secret },
        { ...logged, sequence: 2, type: 'held', reason: secret },
        { ...logged, sequence: 3, type: 'reopened', reason: secret },
        { ...logged, sequence: 4, type: 'started', assignee: secret },
        { ...logged, sequence: 5, type: 'assigned', assignee: secret },
      ]
      return {
        incidents: {
          ...incidents,
          get: async () => held,
          open: async () => [held],
          list: async () => ({ items: [held] }),
          events: async () => events,
        },
        alarms: {
          ...alarms,
          get: alarm,
          list: async () => ({ items: [await alarm()] }),
          getMany: async () => new Map([['alm-1', await alarm()]]),
          transitions: async () => [
            {
              alarm: 'alm-1',
              sequence: 1,
              at: benchNow,
              actor: 'ann',
              kind: 'shelved' as const,
              severity: 'major' as const,
              reason: secret,
            },
          ],
        },
        reports: {
          ...reports,
          get: async (id) => {
            const found = await reports.get(id)
            return found && { ...found, report: { ...found.report, externalId: secret } }
          },
          log: async (_, withWords) => [
            {
              sequence: 1,
              at: benchNow,
              actor: 'ann',
              type: 'status',
              text: withWords ? secret : 'Changed.',
            },
          ],
        },
      }
    })
    const [wall, desk] = [await bench.token('readonly'), await bench.token('desk')]
    for (const [path, view, times] of [
      ['/api/v1/incidents', 'IncidentPage', 3],
      ['/api/v1/incidents?sort=weight', 'IncidentPage', 3],
      ['/api/v1/incidents/inc-1', 'IncidentDetail', 9],
      ['/api/v1/alarms', 'AlarmPage', 1],
      ['/api/v1/alarms/alm-1', 'AlarmDetail', 2],
      ['/api/v1/fault-reports/rep-1', 'FaultReportDetail', 2],
    ] as const) {
      const shown = await bench.ask(path, { token: wall })
      expect([path, shown.status, shown.text.includes('Byrne')]).toEqual([path, 200, false])
      expect(conforms(shown.body, view)).toBe(true)
      const told = await bench.ask(path, { token: desk })
      expect([path, told.text.split('Byrne').length - 1]).toEqual([path, times])
    }
  })

  it('does not show a wall display what people wrote of planned work', async () => {
    await using bench = await startApi()
    const secret = 'at Mrs Byrne'
    const [wall, noc] = [await bench.token('readonly'), await bench.token('noc')]
    const start = new Date(benchNow + 3_600_000).toISOString()
    const body = { elements: ['acc2'], start, duration: '2h', title: secret, description: secret }
    const at = '/api/v1/maintenance-windows'
    const made = await bench.ask(at, { method: 'POST', token: noc, body: { ...body, externalId: secret } })
    expect(made.status).toBe(201)
    for (const [path, view] of [
      [at, 'MaintenanceWindowPage'],
      [String(made.headers.location), 'MaintenanceWindowDetail'],
    ] as const) {
      const shown = await bench.ask(path, { token: wall })
      expect([path, shown.status, shown.text.includes('Byrne')]).toEqual([path, 200, false])
      expect(conforms(shown.body, view)).toBe(true)
      expect((await bench.ask(path, { token: noc })).text.split('Byrne').length - 1).toBe(3)
    }
  })

  it('does not show a wall display what a provider says about a recipient', async () => {
    const reason = '550 <ADA@EXAMPLE.NET>: no Ada Byrne here'
    await using bench = await startApi(({ notifications }) => ({
      notifications: {
        ...notifications,
        list: async (filter) => {
          const { items } = await notifications.list(filter)
          return { items: items.map((row) => ({ ...row, state: 'failed', reason })) }
        },
      },
    }))
    const [wall, desk] = [await bench.token('readonly'), await bench.token('desk')]
    expect((await bench.ask('/api/v1/notifications', { token: wall })).text).not.toMatch(/ada|byrne/i)
    const { items } = await bench.see('/api/v1/notifications', 'NotificationPage', { token: desk })
    expect(items[0]?.reason).toBe(reason)
  })

  it('writes down who read about a customer, before they have read it', async () => {
    await using bench = await startApi()
    const token = await bench.token('desk', 'ann')
    await bench.ask('/api/v1/customers/c-2/status', { token })
    expect(await bench.audited()).toEqual(['ann customer.status c-2'])
    await bench.db.schema.dropTable('audit').execute()
    const answer = await bench.ask('/api/v1/customers/c-2/status', { token })
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('c-2@')
  })

  it('acts in the name of the token, and not after it was revoked', async () => {
    await using bench = await startApi()
    const token = await bench.token('noc', 'night shift')
    await bench.ask('/api/v1/incidents/inc-1/close', { ...change, token })
    expect(bench.callsOf('act')[0]?.[2]).toBe('night shift')
    const row = await bench.db.selectFrom('api_token').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ last_used_at: benchNow })
    expect(JSON.stringify(row)).not.toContain(token)
    await revokeToken(bench.db, row.id, benchNow)
    expect((await bench.ask('/api/v1/elements', { token })).status).toBe(401)
    // The last token is gone, and the machine is still not open to whoever is on it.
    expect((await bench.ask('/api/v1/elements')).status).toBe(401)
  })

  it('answers the eleventh wrong token of a minute with 429, and still takes a right one', async () => {
    await using bench = await startApi()
    const right = await bench.token('readonly')
    const wrong = () => bench.ask('/api/v1/elements', { token: 'flt_wrong' })
    for (let i = 0; i < 10; i++) expect((await wrong()).status).toBe(401)
    const limited = await wrong()
    expect(limited).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } })
    expect(limited.headers['retry-after']).toBe('60')
    expect((await bench.ask('/api/v1/elements', { token: right })).status).toBe(200)
    await bench.clock.advance(60_000)
    expect((await wrong()).status).toBe(401)
  })
})

describe('a session', () => {
  const signIn = (token: string) => ({ method: 'POST', body: { token } })
  const cookieOf = (setCookie: readonly string[] | undefined) => setCookie?.[0]?.split(';')[0] ?? ''

  it('is had for a token, as a cookie that scripts and other sites cannot use', async () => {
    await using bench = await startApi()
    const token = await bench.token('desk', 'ann')
    const answer = await bench.ask('/api/v1/session', signIn(token))
    expect(answer).toMatchObject({
      status: 200,
      body: { actor: 'ann', role: 'desk', authentication: 'session' },
    })
    const [header] = answer.headers['set-cookie'] ?? []
    expect(header).toMatch(/^faultline_session=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(header).not.toContain(token)
    const cookie = cookieOf(answer.headers['set-cookie'])
    const headers = { cookie: `other=1; ${cookie}` }
    expect(await bench.see('/api/v1/session', 'Session', { headers })).toMatchObject({
      actor: 'ann',
      role: 'desk',
    })
    expect((await bench.ask('/api/v1/fault-reports', { ...report, headers })).status).toBe(201)
    const foreign = { ...headers, origin: 'https://evil.example' }
    expect((await bench.ask('/api/v1/fault-reports', { ...report, headers: foreign })).status).toBe(403)
    expect(await bench.audited()).toEqual([expect.stringMatching(/^ann session\.start tok-/)])
  })

  it('is not had for a wrong token, nor by changing a cookie', async () => {
    await using bench = await startApi()
    const token = await bench.token('desk')
    expect((await bench.ask('/api/v1/session', signIn('flt_wrong'))).status).toBe(401)
    const cookie = cookieOf((await bench.ask('/api/v1/session', signIn(token))).headers['set-cookie'])
    const [id, expires, signature] = cookie.slice('faultline_session='.length).split('.')
    const forged = [
      `${id}.${Number(expires) + 1}.${signature}`,
      `tok-x.${expires}.${signature}`,
      'x',
      `${id}.${expires}.`,
    ]
    for (const value of forged) {
      const headers = { cookie: `faultline_session=${value}` }
      expect((await bench.ask('/api/v1/session', { headers })).status).toBe(401)
    }
  })

  it('ends by itself, with its token, and when told', async () => {
    await using bench = await startApi(() => ({ publicUrl: 'https://noc.example.net' }))
    const token = await bench.token('desk')
    const answer = await bench.ask('/api/v1/session', signIn(token))
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; Secure$/)
    const headers = { cookie: cookieOf(answer.headers['set-cookie']) }
    const ended = await bench.ask('/api/v1/session', { method: 'DELETE', headers })
    expect(ended.status).toBe(204)
    expect(ended.headers['set-cookie']?.[0]).toMatch(/^faultline_session=; Max-Age=0;/)
    await bench.clock.advance(7 * 24 * 3_600_000)
    expect((await bench.ask('/api/v1/session', { headers })).status).toBe(401)
    const again = {
      cookie: cookieOf((await bench.ask('/api/v1/session', signIn(token))).headers['set-cookie']),
    }
    expect((await bench.ask('/api/v1/session', { headers: again })).status).toBe(200)
    const { id } = await bench.db.selectFrom('api_token').select('id').executeTakeFirstOrThrow()
    await revokeToken(bench.db, id, bench.clock.now())
    expect((await bench.ask('/api/v1/session', { headers: again })).status).toBe(401)
  })
})
