import { describe, expect, it } from 'vitest'
import { views } from '../../src/api/views.ts'
import { benchNow, conforms, startApi } from '../support/api-bench.ts'

const at = '/api/v1/maintenance-windows'
const soon = new Date(benchNow + 3_600_000).toISOString()
const plan = { title: 'New line card', elements: ['acc2'], start: soon, duration: '2h' }
const post = (body: unknown) => ({ method: 'POST', body })
const hours = (count: number) => new Date(benchNow + count * 3_600_000).toISOString()

async function planned(over: object = {}) {
  const bench = await startApi()
  const { status, body, headers } = await bench.ask(at, post({ ...plan, ...over }))
  if (status !== 201 || !conforms(body, 'MaintenanceWindow')) throw new Error(JSON.stringify(body))
  const own = String(headers.location)
  return Object.assign(bench, {
    own,
    see1: () => bench.see(own, 'MaintenanceWindowDetail'),
    patch: (change: object, ifMatch?: string) =>
      bench.ask(own, {
        method: 'PATCH',
        body: change,
        headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
      }),
    cancel: (ifMatch?: string) =>
      bench.ask(own, { method: 'DELETE', headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } }),
  })
}

describe('planning a maintenance window', () => {
  it('stores it, says where it is, and shows what it will cover', async () => {
    await using bench = await planned({ description: 'Two lines,\r\nof words.' })
    const window = await bench.see1()
    expect(window).toMatchObject({
      title: 'New line card',
      description: 'Two lines,\nof words.',
      elements: ['acc2'],
      includeDownstream: true,
      timeZone: 'Asia/Shanghai',
      durationMs: 7_200_000,
      state: 'scheduled',
      next: [{ startsAt: hours(1), endsAt: hours(3) }],
      createdBy: 'local',
      version: 1,
      covered: { elements: ['acc2', 'cpe2'], elementCount: 2, services: ['s-2', 's-3'], customerCount: 2 },
      log: [{ sequence: 1, actor: 'local', type: 'planned', text: expect.stringContaining('1 elements') }],
    })
    expect(await bench.audited()).toEqual([`local maintenance.plan ${window.id}`])
    expect(bench.callsOf('maintenance.changed')).toHaveLength(1)
    expect(bench.events.since(1_000)?.map(({ event }) => [event.topic, event.id, event.change])).toEqual([
      ['maintenance', window.id, 'planned'],
    ])
  })

  it('keeps no control that turns the direction of text', async () => {
    await using bench = await planned({ title: 'New \u202Edrac enil\u2069', description: '\u2067a\u200Fb' })
    expect(await bench.see1()).toMatchObject({ title: 'New drac enil', description: 'ab' })
    const nothing = await bench.ask(at, post({ ...plan, title: '\u202E' }))
    expect(nothing).toMatchObject({ status: 400, body: { errors: [{ path: 'title' }] } })
  })

  it('is one window for one external id: the same again is 200 and that window, anything else a conflict', async () => {
    await using bench = await planned({ externalId: 'CHG-7' })
    const again = await bench.ask(at, post({ ...plan, externalId: 'CHG-7' }))
    expect(again).toMatchObject({ status: 200, body: { externalId: 'CHG-7', version: 1 } })
    expect(again.headers.location).toBe(bench.own)
    expect(again.headers.etag).toMatch(/^"1\./)
    const other = await bench.ask(at, post({ ...plan, externalId: 'CHG-7', title: 'Other card' }))
    expect(other).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect((await bench.see(at, 'MaintenanceWindowPage')).items).toHaveLength(1)
    expect(await bench.audited()).toHaveLength(1)
    expect(await bench.patch({ externalId: 'CHG-8' })).toMatchObject({ status: 400 })
  })

  it('shows beforehand when it would take place and whom it would concern, and keeps nothing', async () => {
    await using bench = await startApi()
    const recurrence = { rule: 'FREQ=WEEKLY;BYDAY=SU', exclude: ['2026-03-08T09:00:00Z'] }
    const preview = await bench.see(
      `${at}/preview`,
      'MaintenancePreview',
      post({ ...plan, elements: ['agg1'], timeZone: 'Europe/Berlin', recurrence }),
    )
    expect(preview.next.slice(0, 5).map(({ startsAt }) => startsAt)).toEqual([
      '2026-03-01T09:00:00.000Z',
      '2026-03-15T09:00:00.000Z',
      '2026-03-22T09:00:00.000Z',
      '2026-03-29T08:00:00.000Z',
      '2026-04-05T08:00:00.000Z',
    ])
    expect(preview.covered).toMatchObject({ elementCount: 5, serviceCount: 3, customerCount: 3 })
    const alone = await bench.see(
      `${at}/preview`,
      'MaintenancePreview',
      post({ ...plan, includeDownstream: false }),
    )
    expect(alone.covered.elements).toEqual(['acc2'])
    expect((await bench.see(at, 'MaintenanceWindowPage')).items).toEqual([])
    expect(await bench.audited()).toEqual([])
  })

  it.for<[string, object, string]>([
    ['no title', { title: '' }, 'title'],
    ['a title of two lines', { title: 'a\nb' }, 'title'],
    ['no elements', { elements: [] }, 'elements'],
    ['an unknown element', { elements: ['acc2', 'acc9'] }, 'elements.1'],
    ['an element of every object', { elements: ['__proto__'] }, 'elements.0'],
    ['a start in the past', { start: hours(-1) }, 'start'],
    ['a start that is none', { start: 'tonight' }, 'start'],
    ['a duration of a second', { duration: '1s' }, 'duration'],
    ['a duration of months', { duration: '60d' }, 'duration'],
    ['a zone that is none', { timeZone: 'Berlin' }, 'timeZone'],
    ['a rule that is none', { recurrence: { rule: 'every night' } }, 'recurrence.rule'],
    ['a rule of every minute', { recurrence: { rule: 'FREQ=MINUTELY' } }, 'recurrence.rule'],
    ['a rule that its start is not of', { recurrence: { rule: 'FREQ=WEEKLY;BYDAY=MO' } }, 'recurrence.rule'],
    ['nights that overlap', { duration: '25h', recurrence: { rule: 'FREQ=DAILY' } }, 'recurrence.rule'],
    [
      'a day out that is not in',
      { recurrence: { rule: 'FREQ=DAILY', exclude: [hours(2)] } },
      'recurrence.exclude.0',
    ],
    ['an unknown key', { colour: 'red' }, 'colour'],
  ])('with %s names the field, and keeps nothing', async ([, over, field]) => {
    await using bench = await startApi()
    for (const path of [at, `${at}/preview`]) {
      const answer = await bench.ask(path, post({ ...plan, ...over }))
      expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } })
      expect(answer.body).toMatchObject({ errors: [{ path: field }] })
      expect(conforms(answer.body, 'Problem')).toBe(true)
    }
    expect((await bench.see(at, 'MaintenanceWindowPage')).items).toEqual([])
    expect(await bench.audited()).toEqual([])
  })

  it('keeps nothing when it cannot all be kept', async () => {
    await using bench = await startApi()
    await bench.db.schema.dropTable('maintenance_window_event').execute()
    expect((await bench.ask(at, post(plan))).status).toBe(500)
    expect((await bench.see(at, 'MaintenanceWindowPage')).items).toEqual([])
    expect(await bench.audited()).toEqual([])
  })
})

describe('a maintenance window', () => {
  it('can be changed until it begins', async () => {
    await using bench = await planned()
    const changed = await bench.patch({
      title: 'Other card',
      description: 'Why',
      elements: ['acc1', 'acc1'],
      start: hours(2),
      duration: '1d',
      timeZone: 'Europe/Berlin',
      recurrence: { rule: 'FREQ=DAILY;COUNT=2' },
    })
    expect(changed).toMatchObject({
      status: 200,
      body: {
        ...{ version: 2, title: 'Other card', elements: ['acc1'], durationMs: 86_400_000 },
        next: [{ startsAt: hours(2) }, { startsAt: hours(26) }],
      },
    })
    expect((await bench.patch({ recurrence: null, description: null })).body).toMatchObject({ version: 3 })
    const now = await bench.see1()
    expect(now).not.toHaveProperty('recurrence')
    expect(now).not.toHaveProperty('description')
    expect(now.log.map(({ text }) => text).slice(1)).toEqual([
      'Changed: title, description, elements, start, duration, recurrence, time zone.',
      'Changed: description, recurrence.',
    ])
    // The same again changes nothing.
    expect((await bench.patch({ title: 'Other card' })).body).toMatchObject({ version: 3 })
    expect((await bench.patch({ elements: ['acc9'] })).status).toBe(400)
    expect((await bench.patch({})).status).toBe(400)
    expect((await bench.patch({ endsAt: 'now', title: 'x' })).status).toBe(400)
    expect((await bench.patch({ endsAt: 'now' })).status).toBe(409)
  })

  it('stands once it has begun, but for its title and its end', async () => {
    await using bench = await planned()
    await bench.clock.advance(benchNow + 3_700_000 - bench.clock.now())
    expect((await bench.see1()).state).toBe('underway')
    for (const change of [
      { elements: ['acc1'] },
      { start: hours(2) },
      { duration: '3h' },
      { includeDownstream: false },
    ])
      expect(await bench.patch(change)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect((await bench.patch({ title: 'Card, at last' })).status).toBe(200)
    expect((await bench.patch({ endsAt: hours(5) })).body).toMatchObject({
      current: { startsAt: hours(1), endsAt: hours(5) },
    })
    await bench.clock.advance(benchNow + 4 * 3_600_000 - bench.clock.now())
    expect((await bench.see1()).state).toBe('underway')
    expect((await bench.patch({ endsAt: hours(3) })).body).toMatchObject({ errors: [{ path: 'endsAt' }] })
    expect((await bench.patch({ endsAt: hours(24 * 40) })).status).toBe(400)
    expect((await bench.patch({ endsAt: 'now' })).body).toMatchObject({ state: 'over', next: [] })
    expect((await bench.patch({ endsAt: hours(5) })).status).toBe(409)
    expect((await bench.patch({ title: 'x' })).status).toBe(409)
    expect((await bench.cancel()).status).toBe(409)
    const types = (await bench.see1()).log.map(({ type }) => type)
    expect(types).toEqual(['planned', 'replanned', 'endMoved', 'endMoved'])
  })

  it('that recurs is ended once and goes on, and can skip a night that has not begun', async () => {
    await using bench = await planned({ recurrence: { rule: 'FREQ=DAILY' } })
    await bench.clock.advance(benchNow + 3_700_000 - bench.clock.now())
    const nights = ({ body }: { readonly body: unknown }) =>
      views.MaintenanceWindow.parse(body)
        .next.slice(0, 2)
        .map(({ startsAt }) => startsAt)
    const ended = await bench.patch({ endsAt: 'now' })
    expect(ended.body).toMatchObject({ state: 'scheduled' })
    expect(nights(ended)).toEqual([hours(25), hours(49)])
    const skip = (...exclude: readonly string[]) =>
      bench.patch({ recurrence: { rule: 'FREQ=DAILY', exclude } })
    expect(nights(await skip(hours(25)))).toEqual([hours(49), hours(73)])
    expect((await skip(hours(1), hours(25))).status).toBe(409)
    expect((await bench.patch({ recurrence: { rule: 'FREQ=WEEKLY' } })).status).toBe(409)
    await bench.clock.advance(benchNow + 49.5 * 3_600_000 - bench.clock.now())
    expect((await bench.patch({ endsAt: hours(74) })).body).toMatchObject({ errors: [{ path: 'endsAt' }] })
    expect((await bench.patch({ endsAt: hours(60) })).body).toMatchObject({ current: { endsAt: hours(60) } })
  })

  it('ends with all that follows when it is cancelled, and stays in the list', async () => {
    await using bench = await planned({ recurrence: { rule: 'FREQ=DAILY' } })
    await bench.clock.advance(benchNow + 3_700_000 - bench.clock.now())
    expect((await bench.see(`${at}?state=current`, 'MaintenanceWindowPage')).items).toHaveLength(1)
    const cancelled = await bench.cancel()
    expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled', next: [] } })
    expect(cancelled.body).not.toHaveProperty('current')
    expect((await bench.see(`${at}?state=current`, 'MaintenanceWindowPage')).items).toEqual([])
    expect((await bench.see(`${at}?state=over`, 'MaintenanceWindowPage')).items).toHaveLength(1)
    expect(await bench.cancel()).toMatchObject({ status: 409 })
  })

  it('is changed by who saw its newest version', async () => {
    await using bench = await planned()
    const { etag = '' } = (await bench.ask(bench.own)).headers
    expect((await bench.ask(bench.own, { headers: { 'if-none-match': etag } })).status).toBe(304)
    expect((await bench.patch({ title: 'one' }, etag)).status).toBe(200)
    expect(await bench.patch({ title: 'two' }, etag)).toMatchObject({
      status: 412,
      body: { code: 'PRECONDITION_FAILED', version: 2 },
    })
    expect((await bench.cancel(etag)).status).toBe(412)
    expect((await bench.cancel('"2"')).status).toBe(200)
  })

  it('is listed in pages, planned last first', async () => {
    await using bench = await startApi()
    for (const title of ['a', 'b', 'c']) {
      await bench.clock.advance(1_000)
      await bench.ask(at, post({ ...plan, title }))
    }
    const first = await bench.see(`${at}?limit=2`, 'MaintenanceWindowPage')
    const rest = await bench.see(`${at}?limit=2&cursor=${first.nextCursor}`, 'MaintenanceWindowPage')
    expect([...first.items, ...rest.items].map(({ title }) => title)).toEqual(['c', 'b', 'a'])
    expect(rest.nextCursor).toBeUndefined()
    expect((await bench.ask(`${at}?state=tea`)).status).toBe(400)
    expect((await bench.ask(`${at}/mw-nope`)).status).toBe(404)
    expect((await bench.ask(`${at}/mw-nope`, { method: 'DELETE' })).status).toBe(404)
    expect((await bench.ask(`${at}/mw-nope`, { method: 'PATCH', body: { title: 'x' } })).status).toBe(404)
    expect((await bench.ask(`${at}/preview`)).headers.allow).toBe('POST')
  })
})
