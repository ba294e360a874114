import { expect, it, onTestFinished } from 'vitest'
import { beyond, type Cursor } from '../../../src/platform/db/cursor.ts'
import { openStateDb } from '../../../src/platform/db/state-db.ts'

/** Two incidents of one time: the id tells them apart. */
const incidents = [
  { id: 'inc-a', onset_at: 100 },
  { id: 'inc-b', onset_at: 200 },
  { id: 'inc-c', onset_at: 200 },
  { id: 'inc-d', onset_at: 300 },
]

it('a list goes on after the last row of the page before, in either direction and over joined tables', async () => {
  const db = await openStateDb(':memory:')
  onTestFinished(() => db.destroy())
  const other = { state: 'open', kind: 'outage', severity: 'major', updated_at: 0, version: 1 } as const
  await db
    .insertInto('incident')
    .values(incidents.map((one) => ({ ...one, ...other, incident_json: '{}' })))
    .execute()
  const after = async (cursor: Cursor, order: 'asc' | 'desc') => {
    const rows = await db
      .selectFrom('incident')
      .leftJoin('report_match', 'report_match.incident', 'incident.id')
      .select('incident.id')
      .where(beyond(cursor, 'onset_at', { order, table: 'incident' }))
      .orderBy('incident.id', order)
      .execute()
    return rows.map(({ id }) => id)
  }
  expect(await after({ at: 200, id: 'inc-c' }, 'desc')).toEqual(['inc-b', 'inc-a'])
  expect(await after({ at: 200, id: 'inc-b' }, 'asc')).toEqual(['inc-c', 'inc-d'])
  expect(await after({ at: 300, id: 'inc-d' }, 'asc')).toEqual([])
})
