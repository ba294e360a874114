import { compareLinks } from '../jobs/compare-links.ts'
import { housekeeping } from '../jobs/housekeeping.ts'
import { scheduleJob } from '../jobs/schedule-job.ts'
import type { Pipeline } from '../pipeline.ts'
import { elapsedMs, systemClock } from '../platform/clock.ts'
import type { Foundation } from './foundation.ts'
import type { Detection } from './open-detection.ts'
import type { Notices } from './open-notify.ts'
import type { Samples } from './open-samples.ts'
import type { State } from './open-state.ts'
import { startSystemAlarms } from './system-alarms.ts'
import { createSystemStatus } from './system-status.ts'

/** A series that was silent for this long has no latest value any more, ms. */
const silentForMs = 86_400_000

/** What the jobs look after. */
export interface JobParts {
  readonly state: Pick<State, 'db'>
  readonly samples: Pick<Samples, 'queue' | 'latest'>
  readonly detection: Pick<Detection, 'systemWatch' | 'networkState'>
  readonly notices: Pick<Notices, 'measured' | 'watched'>
  readonly pipeline: Pick<Pipeline, 'note'>
}

/** What goes on beside the flow: care of the state store, of the latest values and of links, and looking at ourselves. */
export function startJobs(
  { config, clock, part, metrics, life, live }: Foundation,
  { state: { db }, samples, detection, notices, pipeline }: JobParts,
): void {
  const { queue, latest } = samples
  const { measured, watched } = notices
  const tidying = new AbortController()
  const { signal } = tidying
  const tidy = () =>
    housekeeping({ db, clock, log: part('jobs'), retentionMs: config.state.retention, signal })
  const stopTidying = scheduleJob('housekeeping', '17 3 * * *', tidy, part('jobs'))
  life.onClose('housekeeping', () => {
    tidying.abort()
    return stopTidying()
  })
  const forgetSilent = async () => latest.forget(clock.now() - silentForMs)
  life.onClose('latest values', scheduleJob('latest values', '47 * * * *', forgetSilent, part('jobs')))
  const compare = compareLinks(() => live.differences(), part('inventory'))
  life.onClose('link comparison', scheduleJob('link comparison', '*/10 * * * *', compare, part('jobs')))
  life.onClose(
    'internal alarms',
    startSystemAlarms({
      watch: detection.systemWatch,
      look: createSystemStatus({
        isMeasured: measured.isMeasured,
        db,
        clock,
        // Where time is not that of the system, no other time passes.
        elapsedMs: clock === systemClock ? elapsedMs : () => clock.now(),
        metrics,
        network: detection.networkState,
        queue,
        channels: watched,
      }),
      note: pipeline.note,
      clock,
      log: part('internal alarms'),
    }),
  )
}
