import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../config/schema.ts'
import { copySqlite } from '../platform/db/copy-sqlite.ts'
import { FaultlineError } from '../platform/errors.ts'
import { sampleFileIn } from '../store/embedded/sample-file-name.ts'
import { type ConfigDeps, readConfig } from './read-config.ts'
import { exitCodes, failureText } from './terminal.ts'

export interface BackupRequest {
  readonly config: string
  readonly file: string
  /** Whether the samples of the embedded store are copied as well. */
  readonly samples: boolean
}

/**
 * `faultline backup`: copies the state store while the daemon runs, and beside it (`FILE.samples`) the samples, where
 * they lie in a file of ours; those of InfluxDB have `influxd backup`. Each copy is checked. Returns the exit code.
 */
export async function backup(
  { config: file, file: to, samples }: BackupRequest,
  deps: ConfigDeps,
): Promise<number> {
  const { terminal } = deps
  const config = await readConfig(file, deps)
  if (!config) return exitCodes.config
  // Made for the one who mistyped it, the folder of a disk that is not mounted would lie on this one.
  const folder = dirname(to)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    terminal.error(`there is no folder ${folder}: nothing was copied`)
    return exitCodes.usage
  }
  try {
    for (const copy of copiesOf(config, to, samples)) {
      copySqlite(copy.from, copy.to)
      terminal.out(`${copy.what}: ${copy.to}, ${statSync(copy.to).size} bytes, checked`)
    }
    if (samples && config.samples.kind === 'influxdb')
      terminal.error('samples are in InfluxDB, which has a backup of its own (influxd backup)')
    return exitCodes.ok
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    terminal.error(failureText(error))
    return exitCodes.failed
  }
}

interface Copy {
  readonly what: string
  readonly from: string
  readonly to: string
}

function copiesOf({ state, samples }: Config, to: string, withSamples: boolean): readonly Copy[] {
  const copies = [{ what: 'state', from: state.path, to }]
  if (!withSamples || samples.kind !== 'embedded') return copies
  const from = sampleFileIn(samples.path)
  // Before the first sample there is none.
  return existsSync(from) ? [...copies, { what: 'samples', from, to: samplesBeside(to) }] : copies
}

/** Where the samples of a backup lie. */
export const samplesBeside = (file: string): string => `${file}.samples`
