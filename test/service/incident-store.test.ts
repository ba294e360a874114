import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { foldIncident } from '../../src/incident/fold-incident.ts'
import { happen, type IncidentChange } from '../../src/incident/incident-change.ts'
import { createIncidentDesk } from '../../src/incident/incident-desk.ts'
import { createIncidentStore } from '../../src/incident/incident-store.ts'
import { trackIncidents } from '../../src/incident/track-incidents.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { IncidentAction } from '../../src/model/incident-action.ts'
import type { Finding, IncidentEventBody } from '../../src/model/incident-event.ts'
import { openStateDb, type StateDb } from '../../src/platform/db/state-db.ts'
import { createIncidentAccess } from '../../src/wiring/incident-access.ts'
import { findingOf, impactOf } from '../support/finding-of.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { trackSettings } from '../support/tracker-bench.ts'

let folder = ''
let db: StateDb
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'incidents-'))
  db = await openStateDb(join(folder, 'state.db'))
})
afterEach(async () => {
  await db.destroy()
  await rm(folder, { recursive: true })
})

const incidents = createIncidentStore()
let made = 0
const openedBy = (finding: Finding, now: number): readonly IncidentChange[] =>
  trackIncidents({
    incidents: [],
    findings: [finding],
    undecided: [],
    alarms: new Map(),
    now,
    settings: { verifyMs: 1, mendMs: 1, darkMendMs: 1, measuringSince: 0, reopenMs: 1, closeAfterMs: 1 },
    newIncidentId: () => `i-${String(++made).padStart(3, '0')}`,
  })
const keep = (changes: readonly IncidentChange[]) =>
  db.transaction().execute((tx) => incidents.append(tx, changes))
const open = async (element: string, at = 5_000, over: Partial<Finding> = {}) => {
  const changes = openedBy(findingOf(element, over), at)
  await keep(changes)
  const id = changes[0]?.incident.id ?? ''
  return {
    id,
    async lets(...bodies: readonly IncidentEventBody[]) {
      const before = await incidents.get(db, id)
      const change = before && happen(before, bodies, 'system', 9_000)
      if (change) await keep([change])
    },
  }
}

describe('the incident store', () => {
  it('gives back what was put in, and the log makes the same state again', async () => {
    const { id, lets } = await open('agg1', 5_000, { impact: impactOf('down', 's-1') })
    await lets({ type: 'acknowledged' }, { type: 'noted', text: '光缆被挖断 <b>' })
    const incident = await incidents.get(db, id)
    expect(incident).toMatchObject({ state: 'acknowledged', version: 3, impact: impactOf('down', 's-1') })
    const events = await incidents.events(db, id)
    expect(events.map(({ sequence, type }) => `${sequence} ${type}`)).toEqual([
      '1 opened',
      '2 acknowledged',
      '3 noted',
    ])
    expect(foldIncident(events)).toEqual(incident)
  })

  it('keeps nothing of a change that began from an older state', async () => {
    const { id, lets } = await open('agg1')
    const before = await incidents.get(db, id)
    const stale = before && happen(before, [{ type: 'acknowledged' }], 'li', 6_000)
    await lets({ type: 'noted', text: 'first' })
    const other = openedBy(findingOf('agg2'), 6_000)
    await expect(keep([...other, ...(stale ? [stale] : [])])).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await incidents.get(db, other[0]?.incident.id ?? '')).toBeUndefined()
    expect(await incidents.events(db, id)).toHaveLength(2)
  })

  it('tells those that are open from those that are over', async () => {
    const over = await open('a')
    await over.lets({ type: 'restored', restoredAt: 8_000 }, { type: 'resolved' })
    const filed = await open('b')
    await filed.lets({ type: 'restored', restoredAt: 8_000 }, { type: 'resolved' }, { type: 'closed' })
    const now = await open('c')
    expect((await incidents.open(db)).map(({ id }) => id)).toEqual([now.id])
    expect((await incidents.recent(db, 9_000)).map(({ id }) => id)).toEqual([over.id, filed.id])
    expect((await incidents.recent(db, 9_001)).map(({ id }) => id)).toEqual([over.id])
  })

  it('gives pages, latest first, each incident once, also when onsets are the same', async () => {
    const ids: string[] = []
    for (let index = 0; index < 7; index++)
      ids.push((await open(`e${index}`, 5_000, { onsetAt: 1_000 + Math.floor(index / 3) })).id)
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await incidents.list(db, { limit: 2, ...(cursor === undefined ? {} : { cursor }) })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(seen).toEqual(ids.toReversed())
    expect((await incidents.list(db, { limit: 10, states: ['resolved'] })).items).toEqual([])
    await expect(incidents.list(db, { limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })

  it('notes the first message to a customer once', async () => {
    const { id } = await open('agg1')
    const tell = (at: number) => db.transaction().execute((tx) => incidents.customersTold(tx, id, at))
    expect(await tell(7_000)).toMatchObject({ incident: { firstMessageAt: 7_000 } })
    expect(await tell(8_000)).toBeUndefined()
    expect(await tell(7_000)).toBeUndefined()
  })

  it('says so when a row is damaged', async () => {
    const { id } = await open('agg1')
    await db.updateTable('incident').set({ incident_json: '{"id":' }).where('id', '=', id).execute()
    await expect(incidents.get(db, id)).rejects.toMatchObject({ code: 'STATE_UNAVAILABLE' })
  })
})

describe('a past moment', () => {
  /** A minute of an incident: what is found, what people do, what is told, and how long until somebody looks again. */
  const happening = fc.record({
    ms: fc.constantFrom(1, 900, 30_000, 61_000, 700_000),
    found: fc.subarray(['a', 'b', 'c']),
    together: fc.boolean(),
    act: fc.option(
      fc.constantFrom<IncidentAction>(
        { type: 'acknowledge' },
        { type: 'start', assignee: 'wu' },
        { type: 'hold', reason: 'no access' },
        { type: 'release' },
        { type: 'assign', assignee: null },
        { type: 'note', text: 'called' },
        { type: 'eta', etaAt: 9_000_000 },
        { type: 'resolve' },
        { type: 'reopen', reason: 'still slow' },
        { type: 'close' },
      ),
    ),
    which: fc.nat(3),
  })

  it('is told by the log as the store told it then, byte for byte of the state', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 15 }), async (happenings) => {
        const state = await openStateDb(':memory:')
        const clock = new ManualClock(10_000)
        let named = 0
        const desk = createIncidentDesk({
          db: state,
          clock,
          incidents,
          follow: async () => undefined,
          afterCommit: () => {},
        })
        const access = createIncidentAccess(state, incidents, desk)
        const all = async () => (await access.list({ limit: 100 })).items
        const then: { readonly at: number; readonly incidents: readonly Incident[] }[] = []
        let acted = 0
        for (const { ms, found, together, act, which } of happenings) {
          await clock.advance(ms)
          const [root, ...shadowed] = found
          const findings =
            together && root !== undefined
              ? [findingOf(root, { shadowed, impact: impactOf('down', ...found.map((id) => `s-${id}`)) })]
              : found.map((id) => findingOf(id, { impact: impactOf('degraded', `s-${id}`) }))
          await state.transaction().execute(async (tx) =>
            incidents.append(
              tx,
              trackIncidents({
                incidents: [...(await incidents.open(tx)), ...(await incidents.recent(tx, clock.now()))],
                findings,
                undecided: [],
                alarms: new Map(),
                now: clock.now(),
                settings: trackSettings,
                newIncidentId: () => `i-${++named}`,
              }),
            ),
          )
          const chosen = (await all())[which]
          if (act && chosen)
            await access.act(chosen.id, act, 'li').then(
              () => acted++,
              (error: unknown) => expect(error).toMatchObject({ code: 'CONFLICT' }),
            )
          then.push({ at: clock.now(), incidents: await all() })
        }
        for (const incident of await all()) {
          const log = await access.events(incident.id)
          expect(log.filter(({ actor }) => actor === 'li').length).toBeLessThanOrEqual(acted)
          for (const moment of then)
            for (const at of [moment.at, (then[then.indexOf(moment) + 1]?.at ?? Infinity) - 1])
              expect(access.stateIn(log, at)).toEqual(moment.incidents.find(({ id }) => id === incident.id))
        }
        const logs = await Promise.all((await all()).map(({ id }) => access.events(id)))
        expect(logs.flat().filter(({ actor }) => actor === 'li')).toHaveLength(acted)
        await state.destroy()
      }),
      { numRuns: 40 },
    )
  })
})

describe('the incident desk', () => {
  const desk = (told: string[], follow = async () => 'and reports') =>
    createIncidentDesk({
      db,
      clock: new ManualClock(9_000),
      incidents,
      follow,
      afterCommit: ({ incident }, followed) => told.push(`${incident.id} ${incident.state} ${followed}`),
    })
  const audit = () => db.selectFrom('audit').select(['actor', 'action', 'subject']).execute()

  it('carries out an action: log, state, audit, and what follows', async () => {
    const { id } = await open('agg1')
    const told: string[] = []
    const after = await desk(told).act(id, { type: 'acknowledge' }, 'li', 1)
    expect(after).toMatchObject({ state: 'acknowledged', version: 2 })
    expect(await incidents.get(db, id)).toEqual(after)
    expect(told).toEqual([`${id} acknowledged and reports`])
    expect(await audit()).toEqual([{ actor: 'li', action: 'incident.acknowledge', subject: id }])
  })

  it('writes who did it into the log, whatever was done', async () => {
    const { id, lets } = await open('agg1')
    const done: IncidentAction[] = [
      { type: 'acknowledge' },
      { type: 'start', assignee: 'wu' },
      { type: 'assign', assignee: 'li' },
      { type: 'hold', reason: 'no access' },
      { type: 'release' },
      { type: 'eta', etaAt: 90_000 },
      { type: 'note', text: 'called' },
      { type: 'resolve' },
      { type: 'reopen', reason: 'still slow' },
      { type: 'resolve' },
      { type: 'close' },
    ]
    for (const [index, action] of done.entries()) {
      if (index === 7) await lets({ type: 'restored', restoredAt: 8_000 })
      await desk([]).act(id, action, `person ${index}`)
    }
    const log = await incidents.events(db, id)
    expect(
      log.filter(({ actor }) => actor !== 'system').map(({ type, actor }) => `${type}: ${actor}`),
    ).toEqual(
      [
        'acknowledged',
        'started',
        'assigned',
        'held',
        'released',
        'etaSet',
        'noted',
        'resolved',
        'reopened',
        'resolved',
        'closed',
      ].map((type, index) => `${type}: person ${index}`),
    )
    expect((await audit()).map(({ actor, action }) => `${action}: ${actor}`)).toEqual(
      done.map(({ type }, index) => `incident.${type}: person ${index}`),
    )
  })

  it('keeps nothing when the action is refused or what follows fails', async () => {
    const { id } = await open('agg1')
    const told: string[] = []
    const failing = desk(told, () => Promise.reject(new Error('no')))
    await expect(failing.act(id, { type: 'acknowledge' }, 'li')).rejects.toThrow('no')
    const good = desk(told)
    await expect(good.act(id, { type: 'close' }, 'li')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(good.act(id, { type: 'acknowledge' }, 'li', 7)).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    })
    await expect(good.act('i-none', { type: 'acknowledge' }, 'li')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await incidents.get(db, id)).toMatchObject({ version: 1 })
    expect(told).toEqual([])
    expect(await audit()).toEqual([])
  })

  it('lets one of two win who saw the same version', async () => {
    const { id } = await open('agg1')
    const both = await Promise.allSettled([
      desk([]).act(id, { type: 'acknowledge' }, 'li', 1),
      desk([]).act(id, { type: 'start', assignee: 'wu' }, 'wu', 1),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
})
