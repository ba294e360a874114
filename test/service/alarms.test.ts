import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAlarmDesk } from '../../src/incident/alarm-desk.ts'
import { createAlarmStore } from '../../src/incident/alarm-store.ts'
import type { Alarm, AlarmChange, SystemAlarm } from '../../src/model/alarm.ts'
import type { Incident } from '../../src/model/incident.ts'
import { openStateDb, type StateDb } from '../../src/platform/db/state-db.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { incidentAt } from '../support/small-network.ts'

let folder = ''
let db: StateDb
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alarms-'))
  db = await openStateDb(join(folder, 'state.db'))
})
afterEach(async () => {
  await db.destroy()
  await rm(folder, { recursive: true })
})

const alarms = createAlarmStore()
const alarmOf = (id: string, over: Partial<Alarm> = {}): Alarm => ({
  id,
  resource: { kind: 'interface', element: 'agg1', interface: 'to "core1",\n[x]' },
  type: 'interface-down',
  severity: 'major',
  eventType: 'communicationsAlarm',
  probableCause: 'lossOfSignal',
  state: 'active',
  phase: 'raised',
  onsetAt: 1_000,
  raisedAt: 2_000,
  indeterminate: false,
  rule: 'interface-down',
  text: 'down',
  ...over,
})
const cleared = (alarm: Alarm, clearedAt: number, over: Partial<Alarm> = {}): Alarm => {
  const { phase: _, ...rest } = alarm
  return { ...rest, state: 'cleared', restoredAt: clearedAt - 500, clearedAt, ...over }
}
const happen = (...changes: readonly AlarmChange[]) =>
  db.transaction().execute((tx) => alarms.save(tx, changes))
const keep = (...all: readonly Alarm[]) => happen(...all.map((alarm) => ({ kind: 'kept', alarm }) as const))
const logOf = async (id: string) =>
  (await alarms.transitions(db, id)).map(({ sequence, at, actor, kind, severity }) =>
    [sequence, at, actor, kind, severity].join(' '),
  )

describe('the alarm store', () => {
  it('keeps the last state of each alarm', async () => {
    await keep(alarmOf('a'))
    await keep(alarmOf('a', { severity: 'critical' }))
    expect(await alarms.active(db)).toEqual([alarmOf('a', { severity: 'critical' })])
    const over = cleared(alarmOf('a'), 6_000)
    await keep(over)
    expect(await alarms.active(db)).toEqual([])
    expect(await alarms.getMany(db, ['a', 'b'])).toEqual(new Map([['a', { ...over, version: 0 }]]))
  })

  it('takes a clear and a new raise of the same thing in one go, and never two active ones', async () => {
    await keep(alarmOf('a'))
    await keep(alarmOf('b'), cleared(alarmOf('a'), 6_000))
    expect((await alarms.active(db)).map(({ id }) => id)).toEqual(['b'])
    await expect(keep(alarmOf('c'))).rejects.toThrow(/UNIQUE/)
  })

  it('writes down each step of an alarm in the order in which they were, and counts them', async () => {
    const worse = alarmOf('a', { severity: 'critical', value: 0.4 })
    await happen(
      { kind: 'raised', alarm: alarmOf('a') },
      { kind: 'changed', what: 'severity', at: 3_000, alarm: worse },
      { kind: 'kept', alarm: worse },
    )
    await happen({ kind: 'changed', what: 'flapping', at: 4_000, alarm: { ...worse, phase: 'flapping' } })
    await happen({
      kind: 'cleared',
      alarm: cleared(worse, 6_000, { clearedBecause: 'the element is not polled any more' }),
    })
    expect(await logOf('a')).toEqual([
      '1 2000 system raised major',
      '2 3000 system severity critical',
      '3 4000 system flapping critical',
      '4 6000 system cleared critical',
    ])
    expect((await alarms.transitions(db, 'a')).at(-1)).toMatchObject({
      value: 0.4,
      reason: 'the element is not polled any more',
    })
    expect(await alarms.get(db, 'a')).toMatchObject({ version: 4 })
  })

  it('says of one that is raised anew while it flaps that it does', async () => {
    await happen({ kind: 'raised', alarm: alarmOf('a', { phase: 'flapping' }) })
    expect(await logOf('a')).toEqual(['1 2000 system raised major', '2 2000 system flapping major'])
  })

  it('keeps nothing of a transaction that fails, log rows included', async () => {
    await keep(alarmOf('a'))
    const twice = happen({ kind: 'raised', alarm: alarmOf('b') }, { kind: 'raised', alarm: alarmOf('c') })
    await expect(twice).rejects.toThrow(/UNIQUE/)
    expect(await logOf('b')).toEqual([])
  })

  it('tells alarms about the network from those about Faultline itself', async () => {
    const spool: SystemAlarm = {
      ...alarmOf('s', { type: 'spool-nearly-full' }),
      resource: { kind: 'system', part: 'spool' },
    }
    await keep(alarmOf('a'), spool)
    expect((await alarms.active(db)).map(({ id }) => id)).toEqual(['a'])
    expect(await alarms.activeSystem(db)).toEqual([spool])
    const ids = async (about: 'network' | 'system') =>
      (await alarms.list(db, { about, limit: 9 })).items.map(({ id }) => id)
    expect([await ids('network'), await ids('system')]).toEqual([['a'], ['s']])
  })

  it('gives the last alarm of each thing that was cleared lately, for what counts towards flapping', async () => {
    const restless = { penalty: 1_500, at: 6_000 }
    await keep(
      cleared(alarmOf('a'), 4_000, { instability: { penalty: 1_000, at: 4_000 } }),
      cleared(alarmOf('b'), 6_000, { instability: restless }),
      cleared(alarmOf('c', { type: 'unreachable' }), 3_000),
    )
    expect(await alarms.restless(db, 3_500)).toEqual([
      cleared(alarmOf('b'), 6_000, { instability: restless }),
    ])
  })

  it('takes a storm, and gives it back in pages', async () => {
    const storm = Array.from({ length: 1_500 }, (_, index) =>
      alarmOf(`a-${String(index).padStart(4, '0')}`, {
        resource: { kind: 'element', element: `e${index}` },
        type: 'unreachable',
        raisedAt: 2_000 + (index % 3),
      }),
    )
    await happen(...storm.map((alarm) => ({ kind: 'raised', alarm }) as const))
    expect(
      await alarms.getMany(
        db,
        storm.map(({ id }) => id),
      ),
    ).toHaveProperty('size', 1_500)
    const seen = new Set<string>()
    let cursor: string | undefined
    let pages = 0
    do {
      const page = await alarms.list(db, {
        state: 'active',
        limit: 400,
        ...(cursor === undefined ? {} : { cursor }),
      })
      for (const { id } of page.items) seen.add(id)
      cursor = page.nextCursor
      pages++
    } while (cursor !== undefined)
    expect(seen.size).toBe(1_500)
    expect(pages).toBe(4)
    expect((await alarms.list(db, { element: 'e7', limit: 10 })).items).toHaveLength(1)
    expect(await logOf('a-1499')).toEqual(['1 2002 system raised major'])
  })
})

describe('people and alarms', () => {
  const clock = new ManualClock(10_000)
  let told: string[] = []
  let incidents: readonly Incident[] = []
  const act = (...args: Parameters<ReturnType<typeof createAlarmDesk>['act']>) =>
    createAlarmDesk({
      db,
      clock,
      alarms,
      openIncidents: async () => incidents,
      afterCommit: (alarm, what) => told.push(`${alarm.id} ${what}`),
    }).act(...args)
  const shelve = { type: 'shelve', until: 3_600_000, reason: 'cable work <b>' } as const
  const ids = async (filter: { acknowledged?: boolean; shelved?: boolean; phase?: 'raised' | 'flapping' }) =>
    (await alarms.list(db, { ...filter, limit: 9 })).items.map(({ id }) => id)

  beforeEach(async () => {
    told = []
    incidents = []
    await happen(
      { kind: 'raised', alarm: alarmOf('a') },
      { kind: 'raised', alarm: alarmOf('other', { type: 'unreachable', phase: 'flapping' }) },
    )
  })

  it('acknowledge and take it back: in the alarm, in its log, in the audit log', async () => {
    expect(await act('a', { type: 'acknowledge' }, 'li', 1)).toMatchObject({
      acknowledged: { by: 'li', at: 10_000 },
      version: 2,
    })
    expect(await ids({ acknowledged: true })).toEqual(['a'])
    expect(await ids({ acknowledged: false })).toEqual(['other'])
    const after = await act('a', { type: 'unacknowledge' }, 'wang')
    expect(after.acknowledged).toBeUndefined()
    expect(await logOf('a')).toEqual([
      '1 2000 system raised major',
      '2 10000 li acknowledged major',
      '3 10000 wang unacknowledged major',
    ])
    const audit = await db.selectFrom('audit').select(['actor', 'action', 'subject']).execute()
    expect(audit).toEqual([
      { actor: 'li', action: 'alarm.acknowledge', subject: 'a' },
      { actor: 'wang', action: 'alarm.unacknowledge', subject: 'a' },
    ])
    expect(told).toEqual(['a acknowledged', 'a unacknowledged'])
  })

  it('say the same twice without effect, and the first one counts', async () => {
    await act('a', { type: 'acknowledge' }, 'li')
    expect(await act('a', { type: 'acknowledge' }, 'wang')).toMatchObject({
      acknowledged: { by: 'li' },
      version: 2,
    })
    await act('a', shelve, 'li')
    expect(await act('a', shelve, 'li')).toMatchObject({ version: 3 })
    expect(await act('other', { type: 'unshelve' }, 'li')).toMatchObject({ version: 2 })
    expect(told).toEqual(['a acknowledged', 'a shelved'])
  })

  it('do not undo what detection says, nor the other way round', async () => {
    await act('a', { type: 'acknowledge' }, 'li')
    await act('a', shelve, 'li')
    await happen({
      kind: 'changed',
      what: 'severity',
      at: 11_000,
      alarm: alarmOf('a', { severity: 'critical' }),
    })
    expect(await alarms.get(db, 'a')).toMatchObject({
      severity: 'critical',
      acknowledged: { by: 'li' },
      shelved: { by: 'li' },
      version: 4,
    })
    // What a process takes over at its start is what it saves again later.
    const [taken] = await alarms.active(db)
    await act('a', { type: 'unacknowledge' }, 'li')
    await act('a', { type: 'unshelve' }, 'li')
    if (taken) await keep(taken)
    const after = await alarms.get(db, 'a')
    expect([after?.acknowledged, after?.shelved]).toEqual([undefined, undefined])
  })

  it('shelve what the alarm is about: what is raised again meanwhile is shelved too, and comes back by itself', async () => {
    await act('a', shelve, 'li')
    expect(await ids({ shelved: true })).toEqual(['a'])
    expect([...(await alarms.shelves(db))]).toEqual([
      ['a', { by: 'li', at: 10_000, until: 3_600_000, reason: 'cable work <b>' }],
    ])
    await happen(
      { kind: 'cleared', alarm: cleared(alarmOf('a'), 20_000) },
      { kind: 'raised', alarm: alarmOf('b', { raisedAt: 30_000 }) },
    )
    expect(await alarms.get(db, 'b')).toMatchObject({ shelved: { by: 'li', until: 3_600_000 } })
    expect([...(await alarms.shelves(db)).keys()]).toEqual(['b'])
    const due = (now: number) => db.transaction().execute((tx) => alarms.unshelveDue(tx, now))
    expect(await due(3_599_999)).toEqual([])
    expect(await due(3_600_000)).toMatchObject([{ kind: 'changed', what: 'unshelved', alarm: { id: 'b' } }])
    expect((await alarms.get(db, 'b'))?.shelved).toBeUndefined()
    expect((await logOf('b')).at(-1)).toBe('2 3600000 system unshelved major')
    expect((await logOf('a')).at(-1)).toBe('4 3600000 system unshelved major')
    expect(await due(3_700_000)).toEqual([])
  })

  it('find what they shelved although it was cleared, and can take it from the shelf', async () => {
    await act('a', shelve, 'li')
    await happen({ kind: 'cleared', alarm: cleared(alarmOf('a'), 20_000) })
    expect(await ids({ shelved: true })).toEqual(['a'])
    await act('a', { type: 'unshelve' }, 'li')
    expect(await ids({ shelved: true })).toEqual([])
  })

  it('cannot put aside what customers were told of', async () => {
    incidents = [incidentAt(0, {}, { alarms: ['a'], firstMessageAt: 5_000 })]
    await expect(act('a', shelve, 'li')).rejects.toMatchObject({ code: 'CONFLICT' })
    incidents = [incidentAt(0, {}, { alarms: ['a'] })]
    expect(await act('a', shelve, 'li')).toMatchObject({ shelved: { by: 'li' } })
  })

  it.for([
    ['an alarm that there is not', 'nobody', { type: 'acknowledge' }, undefined, 'NOT_FOUND'],
    ['an alarm that was changed meanwhile', 'a', { type: 'acknowledge' }, 7, 'PRECONDITION_FAILED'],
    ['a time that is over', 'a', { ...shelve, until: 10_000 }, undefined, 'REQUEST_INVALID'],
    ['a time that is too far away', 'a', { ...shelve, until: 8 * 86_400_000 }, undefined, 'REQUEST_INVALID'],
  ] as const)('are refused: %s', async ([, id, action, version, code]) => {
    await expect(act(id, action, 'li', version)).rejects.toMatchObject({ code })
    expect(told).toEqual([])
  })

  it.for(['acknowledge', 'shelve'] as const)('cannot %s what is cleared', async (type) => {
    await happen({ kind: 'cleared', alarm: cleared(alarmOf('a'), 20_000) })
    await expect(act('a', type === 'shelve' ? shelve : { type }, 'li')).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })
})
