import type { Clock } from '../platform/clock.ts'
import { messageOf } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { SampleStore } from '../store/sample-store.ts'

/** How far the sample store is ready for samples. */
export interface StorePreparation {
  /** Why it could not be prepared yet, or what is not as configured in it; undefined when all is well. */
  status(): { readonly prepared: boolean; readonly remark?: string }
  close(): Promise<void>
}

const firstWaitMs = 1_000
const mostWaitMs = 30_000
/** How often what is not as configured is looked at again: somebody may have put it right. */
const lookAgainMs = 10 * 60_000

/**
 * Prepares the sample store from the start on, for as long as it takes: a store that is away holds nothing up, since
 * samples wait in the spool. Logs the first failure and the success.
 */
export function prepareStore(
  store: Pick<SampleStore, 'kind' | 'prepare'>,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): StorePreparation {
  const closing = new AbortController()
  let prepared = false
  let remark: string | undefined = 'not asked yet'

  const run = async () => {
    let waitMs = firstWaitMs
    let failing = false
    while (!closing.signal.aborted) {
      try {
        remark = await store.prepare(closing.signal)
        prepared = true
        if (failing) log.info({ store: store.kind }, 'sample store is prepared')
        failing = false
        if (remark === undefined) return
        await clock.sleep(lookAgainMs, closing.signal)
      } catch (err) {
        if (closing.signal.aborted) return
        remark = messageOf(err)
        if (!failing) log.warn({ err, store: store.kind }, 'sample store could not be prepared, trying again')
        failing = true
        await clock.sleep(waitMs, closing.signal)
        waitMs = Math.min(mostWaitMs, waitMs * 2)
      }
    }
  }
  const running = run()

  return {
    status: () => ({ prepared, ...(remark === undefined ? {} : { remark }) }),
    close: () => {
      closing.abort()
      return running
    },
  }
}
