import { readSync, writeSync } from 'node:fs'
import { watchWrites } from './write-boundaries.ts'

/** Set: each thread stops at every write boundary. */
export const stopAtWrites = 'SCENARIO_STOP_AT_WRITES'
const pipe = 4
const goOn = Buffer.alloc(1)

/**
 * Loaded before anything else, in each thread: at a write boundary the thread tells its parent on a pipe, and goes on
 * when the parent says so. What the parent does meanwhile is its affair.
 */
await watchWrites((kind) => {
  if (process.env[stopAtWrites] === undefined) return
  writeSync(pipe, `${kind}\n`)
  readSync(pipe, goOn)
})
