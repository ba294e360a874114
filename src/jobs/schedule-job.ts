import cron from 'node-cron'
import type { Logger } from '../platform/logger.ts'

/**
 * Runs a job by the calendar (crontab fields, UTC), never twice at once. Returns how to stop it: node-cron's own
 * `destroy` stops the schedule and does not wait for a run in progress, so that run is remembered here.
 */
export function scheduleJob(
  name: string,
  when: string,
  run: () => Promise<void>,
  log: Logger,
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  const task = cron.schedule(
    when,
    () => {
      running = run().catch((err: unknown) => log.error({ err, job: name }, 'job failed'))
      return running
    },
    { name, timezone: 'UTC', noOverlap: true },
  )
  return async () => {
    await task.destroy()
    await running
  }
}
