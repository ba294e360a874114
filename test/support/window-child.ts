import { createWindowDesk } from '../../src/incident/maintenance/window-desk.ts'
import { createWindowStore } from '../../src/incident/maintenance/window-store.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { newId } from '../../src/platform/id.ts'

/**
 * A desk in a process of its own, to be killed: `node window-child.ts STATE_DB`. It plans windows and renames them
 * without end; a line on stdout, `id version`, for what is said to be stored.
 */
const [path = ''] = process.argv.slice(2)
const desk = createWindowDesk({
  db: await openStateDb(path),
  clock: systemClock,
  windows: createWindowStore(),
  isElement: () => true,
  newWindowId: (now) => newId('mw', now),
  afterCommit: () => {},
})
for (;;) {
  const start = Math.floor(systemClock.now() / 1_000) * 1_000 + 60_000
  const plan = { title: 'one', elements: ['a'], includeDownstream: true, start, durationMs: 3_600_000 }
  const { id } = await desk.plan({ ...plan, timeZone: 'Europe/Berlin' }, 'li')
  process.stdout.write(`${id} 1\n`)
  await desk.change(id, { type: 'replan', plan: { title: 'two' } }, 'li')
  process.stdout.write(`${id} 2\n`)
  await desk.change(id, { type: 'cancel' }, 'li')
  process.stdout.write(`${id} 3\n`)
}
