import { existsSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../platform/clock.ts'
import { copySqlite } from '../platform/db/copy-sqlite.ts'
import { openStateDb } from '../platform/db/state-db.ts'
import { lockState } from '../platform/db/state-lock.ts'
import { FaultlineError } from '../platform/errors.ts'
import { sampleFileIn } from '../store/embedded/sample-file-name.ts'
import { samplesBeside } from './backup.ts'
import { type ConfigDeps, readConfig } from './read-config.ts'
import { exitCodes, failureText, type Terminal } from './terminal.ts'

export interface RestoreRequest {
  readonly config: string
  readonly file: string
}

export interface RestoreDeps extends ConfigDeps {
  readonly clock: Pick<Clock, 'now'>
}

/**
 * `faultline restore`: puts a backup in place while no daemon runs: the state, and the samples where the backup has them.
 * It is copied and checked first; what was there before is kept beside it. Returns the exit code.
 */
export async function restore(
  { config: file, file: from }: RestoreRequest,
  deps: RestoreDeps,
): Promise<number> {
  const { terminal, clock } = deps
  const config = await readConfig(file, deps)
  if (!config) return exitCodes.config
  try {
    const release = lockState(config.state.path)
    try {
      const at = new Date(clock.now()).toISOString().replace(/[:.]/g, '')
      const state = `${config.state.path}.restored-${at}`
      copySqlite(from, state)
      await checkState(state, from)
      const samples = samplesBeside(from)
      if (config.samples.kind === 'embedded' && existsSync(samples)) {
        const copy = `${sampleFileIn(config.samples.path)}.restored-${at}`
        copySqlite(samples, copy)
        putInPlace(copy, sampleFileIn(config.samples.path), at, terminal)
      }
      putInPlace(state, config.state.path, at, terminal)
      return exitCodes.ok
    } finally {
      release()
    }
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    terminal.error(`nothing was restored: ${failureText(error)}`)
    return exitCodes.failed
  }
}

/** Whether it is a state store, and one that this version can use. */
async function checkState(copy: string, from: string): Promise<void> {
  try {
    const db = new DatabaseSync(copy, { readOnly: true })
    const isOurs =
      db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'").get() !== undefined
    db.close()
    if (!isOurs) throw new FaultlineError('STATE_UNAVAILABLE', `${from} is no state store of Faultline`)
    await (await openStateDb(copy)).destroy()
  } catch (error) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true })
    throw error
  }
}

function putInPlace(copy: string, to: string, at: string, terminal: Terminal): void {
  const before = `${to}.before-${at}`
  for (const suffix of ['', '-wal', '-shm'])
    if (existsSync(to + suffix)) renameSync(to + suffix, before + suffix)
  renameSync(copy, to)
  terminal.out(existsSync(before) ? `${to}, and what was there before: ${before}` : to)
}
