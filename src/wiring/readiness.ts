import { sql } from 'kysely'
import type { Readiness } from '../api/ports/readiness.ts'
import type { Clock } from '../platform/clock.ts'
import type { StateStore } from '../platform/db/state-db.ts'
import { FaultlineError, messageOf } from '../platform/errors.ts'
import type { SampleQueueStatus } from '../store/sample-queue.ts'
import type { SampleStore } from '../store/sample-store.ts'
import type { StorePreparation } from './prepare-store.ts'

export interface ReadinessDeps {
  readonly db: StateStore
  readonly store: Pick<SampleStore, 'kind' | 'ping'>
  readonly preparation: Pick<StorePreparation, 'status'>
  readonly queue: { status(): SampleQueueStatus }
  readonly clock: Clock
  /** When the last poll of any element ended; undefined before the first. */
  lastPollAt(): number | undefined
  /** Without a poll for this long, polling has stopped, ms. */
  readonly pollsExpectedWithinMs: number
  /** When alarms and incidents were last brought to disk; undefined before the first time. */
  lastStepAt(): number | undefined
  /** When the daemon started. */
  readonly startedAt: number
}

type Check = Readiness['checks'][number]

/** Steps come every second, the first after the first picture; without one for this long something is wrong, ms. */
const stepsExpectedWithinMs = 30_000

/** A store that is away makes us `degraded`, since polling, detection and messages go on; the rest makes us `notReady`. */
export function createReadiness(deps: ReadinessDeps): () => Promise<Readiness> {
  const checked = async (name: string, check: () => Promise<string>): Promise<Check> => {
    try {
      return { name, ok: true, text: await check() }
    } catch (error) {
      return { name, ok: false, text: messageOf(error) }
    }
  }

  const checkAge = (
    name: string,
    what: string,
    last: number | undefined,
    expectedWithinMs: number,
  ): Check => {
    const age = deps.clock.now() - (last ?? deps.startedAt)
    const text =
      last === undefined ? `no ${what} has ended yet` : `last ${what} ${Math.round(age / 1000)} s ago`
    return { name, ok: age <= expectedWithinMs, text }
  }

  return async () => {
    const [state, store] = await Promise.all([
      checked('state store', async () => {
        await sql`select 1`.execute(deps.db)
        const problem = deps.db.problem()
        if (problem !== undefined)
          throw new FaultlineError('STATE_UNAVAILABLE', `cannot be written: ${problem}`)
        return 'answers'
      }),
      checked('sample store', async () => {
        await deps.store.ping(AbortSignal.timeout(2_000))
        const { prepared, remark } = deps.preparation.status()
        if (!prepared) throw new FaultlineError('STORE_UNAVAILABLE', `not prepared yet: ${remark}`)
        return `${deps.store.kind} answers${remark === undefined ? '' : `; ${remark}`}`
      }),
    ])
    const status = deps.queue.status()
    const { queued, droppedTotal, healthy, lastError } = status
    const queue = {
      name: 'sample queue',
      ok: healthy,
      text: `${queued} waiting, ${droppedTotal} dropped${lastError === undefined ? '' : `; ${lastError}`}`,
    }
    const vital = [
      state,
      checkAge('polling', 'poll', deps.lastPollAt(), deps.pollsExpectedWithinMs),
      checkAge('judging', 'step', deps.lastStepAt(), stepsExpectedWithinMs),
    ]
    const checks = [...vital, store, queue, spoolCheck(status)]
    const isOk = ({ ok }: Check) => ok
    return { state: !vital.every(isOk) ? 'notReady' : checks.every(isOk) ? 'ready' : 'degraded', checks }
  }
}

/** Bad news in the order of weight: samples that are lost, a disk that is not written, a cap or an end that comes near. */
function spoolCheck({ spool, fillRatio, diskProblem }: SampleQueueStatus): Check {
  const { bytes, maxBytes, segments, inMemory, dropping, fault, freeBytes } = spool
  const mib = (count: number) => `${Math.round(count / 2 ** 20)} MiB`
  const isDiskFull = freeBytes !== undefined && freeBytes < leastFreeBytes
  const facts = [
    ...(dropping ? ['dropping the oldest samples'] : []),
    ...(fault === undefined ? [] : [fault]),
    ...(diskProblem === undefined ? [] : [`${diskProblem}; ${inMemory} samples in memory only`]),
    ...(isDiskFull ? [`only ${mib(freeBytes)} free on its disk`] : []),
    `${mib(bytes)} of ${mib(maxBytes)} in ${segments} segments`,
  ]
  return {
    name: 'spool',
    ok:
      !dropping && fault === undefined && diskProblem === undefined && !isDiskFull && fillRatio < nearlyFull,
    text: facts.join(', '),
  }
}

/** Time to look before anything is lost. */
const nearlyFull = 0.8
/** Two of the largest segments. */
const leastFreeBytes = 2 ** 25
