import fc from 'fast-check'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type RemovalDeps, removeOldState } from '../../../src/jobs/remove-old-state.ts'
import { openStateDb, type StateDb } from '../../../src/platform/db/state-db.ts'
import { fillState, loose, oldBefore, type StoredThings, whatIsLeft } from '../../support/old-state.ts'

const remove = (db: StateDb, over: Partial<RemovalDeps> = {}) =>
  removeOldState(
    { db, pause: () => Promise.resolve(), signal: new AbortController().signal, ...over },
    oldBefore,
  )

async function stored(things: Partial<StoredThings>) {
  const db = await openStateDb(':memory:')
  await fillState(db, { incidents: [], reports: [], alarms: [], ...things })
  return Object.assign(db, { [Symbol.asyncDispose]: () => db.destroy() })
}

const hanging = [
  ...['incident_event', 'fault_report_event', 'report_match', 'notification', 'notification_attempt'],
  ...['incident', 'fault_report', 'alarm', 'alarm_transition'],
]
const closed = { isOld: true, isClosed: true, alarms: [], messages: 0 }
const cleared = { isOld: true, isActive: false, isShelved: false }

describe('what is old in the state store', () => {
  it('goes with all that hangs on it', async () => {
    await using db = await stored({
      incidents: [{ ...closed, alarms: [0, 1], messages: 5 }],
      reports: [{ isOld: true, status: 'closed', matches: [0] }],
      alarms: [cleared, cleared],
    })
    const removed = await remove(db)
    expect(removed).toMatchObject({ incidents: 1, reports: 1 })
    for (const table of hanging)
      expect((await sql`select * from ${sql.table(table)}`.execute(db)).rows).toEqual([])
    expect(await whatIsLeft(db)).toEqual({ incidents: [], reports: [], alarms: [], messages: [] })
  })

  it.for<[string, Partial<StoredThings>]>([
    ['an open incident', { incidents: [{ ...closed, isClosed: false, alarms: [0] }], alarms: [cleared] }],
    [
      'one that was changed of late',
      { incidents: [{ ...closed, isOld: false, alarms: [0] }], alarms: [cleared] },
    ],
    [
      'one that an open report is linked to',
      { incidents: [closed], reports: [{ isOld: true, status: 'inProgress', matches: [0] }] },
    ],
    [
      'one that a report is linked to which was changed of late',
      { incidents: [closed], reports: [{ isOld: false, status: 'closed', matches: [0] }] },
    ],
    [
      'one that was merged into one that is kept',
      { incidents: [closed, { ...closed, isOld: false, absorbed: 0 }] },
    ],
    [
      'one whose message is covered by one that is kept, and the reverse',
      {
        incidents: [
          { ...closed, messages: 1 },
          { ...closed, isOld: false, messages: 1, coveredBy: 0 },
          { ...closed, messages: 1, coveredBy: 1 },
        ],
      },
    ],
    [
      'what is tied over several steps to something that is kept',
      {
        incidents: [closed, closed, { ...closed, isOld: false }],
        reports: [
          { isOld: true, status: 'closed', matches: [0, 1] },
          { isOld: true, status: 'cancelled', matches: [1, 2] },
        ],
      },
    ],
    ['an alarm that is active', { alarms: [{ ...cleared, isActive: true }] }],
    ['one that was cleared of late', { alarms: [{ ...cleared, isOld: false }] }],
    ['one on which something was shelved', { alarms: [{ ...cleared, isShelved: true }] }],
  ])('leaves %s', async ([, things]) => {
    await using db = await stored(things)
    const before = await whatIsLeft(db)
    expect(await remove(db)).toEqual({ incidents: 0, reports: 0, rows: 0 })
    expect(await whatIsLeft(db)).toEqual(before)
    expect(await loose(db)).toEqual([])
  })

  it('leaves what is linked by a person while it goes', async () => {
    await using db = await stored({
      incidents: [{ ...closed, messages: 6 }],
      reports: [{ isOld: false, status: 'closed', matches: [] }],
    })
    let slices = 0
    const pause = async () => {
      if (++slices !== 2) return
      await db
        .insertInto('report_match')
        .values({
          ...{ report: 'r-0', incident: 'i-0', score: 1, state: 'linked', decided_by: 'person', at: 0 },
          reasons_json: '[]',
        })
        .execute()
    }
    await remove(db, { pause, slice: 2 })
    expect((await whatIsLeft(db)).incidents).toEqual(['i-0'])
    expect(await loose(db)).toEqual([])
  })

  it('removes little at a time, and ends when the daemon closes', async () => {
    await using db = await stored({ incidents: [{ ...closed, messages: 100 }] })
    const closing = new AbortController()
    const sizes: number[] = []
    const pause = async () => {
      sizes.push((await whatIsLeft(db)).messages.length)
      if (sizes.length === 4) closing.abort()
    }
    await remove(db, { pause, signal: closing.signal, slice: 20 })
    expect(sizes[0]).toBe(150)
    expect(sizes.at(-1)).toBeGreaterThan(50)
    const steps = sizes.slice(1).map((left, index) => (sizes[index] ?? 0) - left)
    expect(Math.max(...steps)).toBeLessThanOrEqual(20)
    expect(await loose(db)).toEqual([])
    await remove(db)
    expect((await whatIsLeft(db)).incidents).toEqual([])
  })

  it('is what nothing that is kept refers to, whatever is tied to what', async () => {
    const some = fc.nat({ max: 5 })
    const things: fc.Arbitrary<StoredThings> = fc.record({
      incidents: fc.array(
        fc.record({
          isOld: fc.boolean(),
          isClosed: fc.nat({ max: 5 }).map((one) => one > 0),
          absorbed: fc.option(some, { nil: undefined }),
          alarms: fc.uniqueArray(some, { maxLength: 3 }),
          messages: fc.nat({ max: 3 }),
          coveredBy: fc.option(some, { nil: undefined }),
        }),
        { minLength: 6, maxLength: 6 },
      ),
      reports: fc.array(
        fc.record({
          isOld: fc.boolean(),
          status: fc.constantFrom('closed', 'resolved', 'rejected', 'inProgress'),
          matches: fc.uniqueArray(some, { maxLength: 2 }),
        }),
        { maxLength: 4 },
      ),
      alarms: fc.array(fc.record({ isOld: fc.boolean(), isActive: fc.boolean(), isShelved: fc.boolean() }), {
        minLength: 6,
        maxLength: 6,
      }),
    }) as fc.Arbitrary<StoredThings>
    await fc.assert(
      fc.asyncProperty(things, fc.constantFrom(1, 3, 400), async (some, slice) => {
        await using db = await stored(some)
        await remove(db, { slice })
        const left = await whatIsLeft(db)
        const expected = keptOf(some)
        expect(left.incidents).toEqual(expected.incidents)
        expect(left.reports).toEqual(expected.reports)
        expect(left.alarms).toEqual(expected.alarms)
        expect(await loose(db)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

/** The same by hand: what is tied to something young or open stays, and what it names. */
function keptOf({ incidents, reports, alarms }: StoredThings) {
  const kept = new Set<string>()
  incidents.forEach(({ isOld, isClosed }, index) => {
    if (!isOld || !isClosed) kept.add(`i-${index}`)
  })
  reports.forEach(({ isOld, status }, index) => {
    if (!isOld || status === 'inProgress') kept.add(`r-${index}`)
  })
  const has = (index: number) => (incidents[index]?.messages ?? 0) > 0
  const ties = [
    ...incidents.flatMap(({ absorbed, coveredBy }, index) => [
      ...(absorbed === undefined ? [] : [[`i-${index}`, `i-${absorbed}`]]),
      ...(coveredBy !== undefined && coveredBy < index && has(index) && has(coveredBy)
        ? [[`i-${index}`, `i-${coveredBy}`]]
        : []),
    ]),
    ...reports.flatMap(({ matches }, index) => matches.map((one) => [`r-${index}`, `i-${one}`])),
  ]
  for (let before = -1; before < kept.size; ) {
    before = kept.size
    for (const pair of ties) if (pair.some((id) => kept.has(id))) for (const id of pair) kept.add(id)
  }
  const named = new Set(incidents.flatMap((one, index) => (kept.has(`i-${index}`) ? one.alarms : [])))
  return {
    incidents: incidents.flatMap((_, index) => (kept.has(`i-${index}`) ? [`i-${index}`] : [])),
    reports: reports.flatMap((_, index) => (kept.has(`r-${index}`) ? [`r-${index}`] : [])),
    alarms: alarms.flatMap(({ isOld, isActive, isShelved }, index) =>
      !isOld || isActive || isShelved || named.has(index) ? [`a-${index}`] : [],
    ),
  }
}
