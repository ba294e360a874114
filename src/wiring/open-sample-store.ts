import type { Config } from '../config/schema.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { createEmbeddedStore } from '../store/embedded/embedded-store.ts'
import { createInfluxStore } from '../store/influx/influx-store.ts'
import type { SampleStore } from '../store/sample-store.ts'

const dayMs = 86_400_000

/** The sample store that the configuration asks for. It may be away: nothing is asked of it yet. */
export function openSampleStore(
  settings: Config['samples'],
  deps: { readonly clock: Clock; readonly log: Logger; readonly metrics: Metrics },
): SampleStore {
  // Both stores drop whole days.
  const retentionDays = Math.max(1, Math.ceil(settings.retention / dayMs))
  if (settings.kind === 'embedded') return createEmbeddedStore({ path: settings.path, retentionDays }, deps)
  const { url, database, username, password, token, timeout: timeoutMs } = settings
  return createInfluxStore(
    {
      url,
      database,
      retentionDays,
      timeoutMs,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(token === undefined ? {} : { token }),
    },
    deps,
  )
}
