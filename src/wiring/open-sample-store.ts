import { readFileSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import type { Clock } from '../platform/clock.ts'
import { FaultlineError, messageOf } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { createEmbeddedStore } from '../store/embedded/embedded-store.ts'
import { createInfluxStore } from '../store/influx/influx-store.ts'
import type { SampleStore } from '../store/sample-store.ts'

const dayMs = 86_400_000

/**
 * The sample store that the configuration asks for. It may be away: nothing is asked of it yet.
 * @throws FaultlineError CONFIG_INVALID when the file of `samples.ca` cannot be read.
 */
export function openSampleStore(
  settings: Config['samples'],
  deps: { readonly clock: Clock; readonly log: Logger; readonly metrics: Metrics },
): SampleStore {
  // Both stores drop whole days.
  const retentionDays = Math.max(1, Math.ceil(settings.retention / dayMs))
  if (settings.kind === 'embedded') return createEmbeddedStore({ path: settings.path, retentionDays }, deps)
  const { url, database, username, password, token, gzip, alterRetention, timeout: timeoutMs } = settings
  const ca = settings.ca === undefined ? undefined : readCertificates(settings.ca)
  return createInfluxStore(
    {
      url,
      database,
      retentionDays,
      alterRetention,
      timeoutMs,
      gzip,
      ...(ca === undefined ? {} : { ca }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(token === undefined ? {} : { token }),
    },
    deps,
  )
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new FaultlineError('CONFIG_INVALID', `samples.ca: ${messageOf(error)}`, {}, { cause: error })
  }
}
