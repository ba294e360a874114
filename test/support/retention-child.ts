import { removeOldState } from '../../src/jobs/remove-old-state.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { oldBefore } from './old-state.ts'

/** What removes old state in a process of its own, to be killed: `node retention-child.ts STATE_DB`. A line for each slice. */
const [path = ''] = process.argv.slice(2)
const pause = async () => {
  process.stdout.write('slice\n')
  // Lets the line leave.
  await new Promise(setImmediate)
}
const { signal } = new AbortController()
await removeOldState({ db: await openStateDb(path), pause, signal, slice: 12 }, oldBefore)
process.stdout.write('done\n')
