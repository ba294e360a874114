import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'

/** Works again and again until the signal aborts, first after a pause. Logs a failure once, until it is over. */
export async function repeat(
  work: () => Promise<void>,
  everyMs: number,
  failure: string,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  let failing = false
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal)
    if (signal.aborted) return
    try {
      await work()
      failing = false
    } catch (err) {
      if (signal.aborted) return
      if (!failing) log.warn({ err }, failure)
      failing = true
    }
  }
}
