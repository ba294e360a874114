import type { EventEmitter } from 'node:events'
import type { App } from '../app.ts'
import type { Config } from '../config/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { FaultlineError } from '../platform/errors.ts'
import { missingCiphers } from './missing-ciphers.ts'
import { type ConfigDeps, readConfig } from './read-config.ts'
import { exitCodes, failureText } from './terminal.ts'
import { warnOfPaths } from './warn-of-paths.ts'

export interface RunDeps extends ConfigDeps {
  readonly startApp: (config: Config) => Promise<App>
  /** The demo network and a daemon that watches it. */
  readonly startDemo: () => Promise<App>
  readonly clock: Pick<Clock, 'now'>
  /** Where SIGINT and SIGTERM arrive: the process. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>
  /** Ends the process at once, for whoever asks twice. */
  readonly exit: (code: number) => void
}

// One Ctrl-C arrives up to three times under `npm start`: from the terminal, from npm, and from the start script.
const sameRequestMs = 500

/**
 * `faultline run`: the daemon, or without a configuration the demo, until SIGINT or SIGTERM. The first of these stops it
 * cleanly, a second one at once. Returns the exit code.
 */
export async function run(file: string | undefined, deps: RunDeps): Promise<number> {
  const { terminal, clock, signals, exit } = deps
  const config = file === undefined ? undefined : await readConfig(file, deps)
  if (file !== undefined && !config) return exitCodes.config
  // One element that cannot be asked is no reason to watch none.
  for (const line of config ? missingCiphers(config) : []) terminal.error(`warning: ${line}`)
  if (file !== undefined && config) await warnOfPaths(file, config, terminal)

  const stop = Promise.withResolvers<void>()
  let askedAt: number | undefined
  const onSignal = () => {
    const now = clock.now()
    if (askedAt !== undefined && now - askedAt >= sameRequestMs) exit(exitCodes.failed)
    askedAt ??= now
    stop.resolve()
  }
  signals.on('SIGINT', onSignal)
  signals.on('SIGTERM', onSignal)
  try {
    const app = await (config ? deps.startApp(config) : deps.startDemo())
    terminal.out(`Faultline${config ? '' : ' demo'}: ${app.url}`)
    await stop.promise
    const failures = await app.close()
    for (const failure of failures) terminal.error(failure.message)
    return failures.length === 0 ? exitCodes.ok : exitCodes.failed
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    terminal.error(`faultline could not start: ${failureText(error)}`)
    return exitCodes.failed
  } finally {
    signals.off('SIGINT', onSignal)
    signals.off('SIGTERM', onSignal)
  }
}
