import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWindowDesk, stepOf } from '../../../src/incident/maintenance/window-desk.ts'
import { createWindowStore } from '../../../src/incident/maintenance/window-store.ts'
import { systemActor } from '../../../src/model/incident-event.ts'
import { linkBetween } from '../../../src/model/link.ts'
import type { WindowPlan } from '../../../src/model/maintenance-window.ts'
import { buildTopology } from '../../../src/model/topology.ts'
import { openStateDb, type StateDb } from '../../../src/platform/db/state-db.ts'
import { createPlannedTime } from '../../../src/wiring/planned-time.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const hour = 3_600_000
const day = 24 * hour
const monday = Date.parse('2026-05-11T00:00:00Z')

const graph = (...pairs: readonly string[]) => {
  const links = pairs.map((pair) => {
    const [a = '', b = ''] = pair.split('-')
    return linkBetween({ element: a }, { element: b }, 'declared')
  })
  return buildTopology('nms', ['core'], new Set(links.flatMap(({ a, b }) => [a.element, b.element])), links)
}

let folder: string
let db: StateDb
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-planned-'))
  db = await openStateDb(join(folder, 'state.db'))
})
afterEach(async () => {
  await db.destroy()
  await rm(folder, { recursive: true })
})

function bench() {
  const clock = new ManualClock(monday - day)
  const windows = createWindowStore()
  let topology = graph('core-agg1', 'agg1-acc1', 'core-acc2')
  const desk = createWindowDesk({
    db,
    clock,
    windows,
    isElement: () => true,
    newWindowId: () => `mw-${clock.now()}`,
    afterCommit: () => {},
  })
  const plan = (over: Partial<WindowPlan> = {}) =>
    desk.plan(
      {
        title: 'work',
        elements: ['agg1'],
        includeDownstream: true,
        start: monday + 12 * hour,
        durationMs: 2 * hour,
        timeZone: 'UTC',
        ...over,
      },
      systemActor,
    )
  const planned = createPlannedTime({ db, windows, topology: () => topology })
  const told = async (element: string, from = monday, to = monday + day) =>
    (await planned({ from, to }))([element]).map(({ start, end }) => [
      (start - monday) / hour,
      (end - monday) / hour,
    ])
  const rewire = (...pairs: readonly string[]) => {
    topology = graph(...pairs)
  }
  return { clock, windows, desk, plan, told, rewire }
}

describe('planned time of a day', () => {
  it('is that of windows which are long over, with what hangs on their elements', async () => {
    const { clock, plan, told } = bench()
    await plan()
    await clock.advance(3 * day)
    expect(await told('agg1')).toEqual([[12, 14]])
    expect(await told('acc1')).toEqual([[12, 14]])
    expect(await told('acc2')).toEqual([])
    expect(await told('agg1', monday + 13 * hour, monday + day)).toEqual([[13, 14]])
    expect(await told('agg1', monday + 14 * hour, monday + day)).toEqual([])
  })

  it('ends where a person ended or cancelled it', async () => {
    const { clock, desk, plan, told } = bench()
    const early = await plan()
    await clock.advance(day + 13 * hour)
    await desk.change(early.id, { type: 'moveEnd', endsAt: 'now' }, systemActor)
    const later = await plan({ start: monday + 20 * hour, elements: ['acc2'] })
    await desk.change(later.id, { type: 'cancel' }, systemActor)
    await clock.advance(2 * day)
    expect(await told('agg1')).toEqual([[12, 13]])
    expect(await told('acc2')).toEqual([])
  })

  it('is that of each occurrence', async () => {
    const { plan, told } = bench()
    await plan({ recurrence: { rule: 'FREQ=DAILY', exclude: [monday + 12 * hour + 2 * day] } })
    expect(await told('agg1', monday, monday + 4 * day)).toEqual([
      [12, 14],
      [36, 38],
      [84, 86],
    ])
  })

  it('is what was covered then, whatever the network is like now', async () => {
    const { clock, windows, plan, told, rewire } = bench()
    const { id } = await plan()
    await clock.advance(day + 12 * hour)
    const before = await windows.get(db, id)
    if (before === undefined) throw new Error('there is no window')
    const covers = { type: 'covers', start: monday + 12 * hour, elements: ['agg1', 'acc1'] } as const
    const step = stepOf(before, id, covers, systemActor, clock.now())
    await db.transaction().execute((tx) => windows.append(tx, step))
    await clock.advance(day)
    rewire('core-agg1', 'core-acc1', 'agg1-acc2')
    expect(await told('acc1')).toEqual([[12, 14]])
    expect(await told('acc2')).toEqual([])
  })
})
