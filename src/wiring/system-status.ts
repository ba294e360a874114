import type { SystemStatus } from '../model/system-status.ts'
import type { Clock } from '../platform/clock.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { SampleQueueStatus } from '../store/sample-queue.ts'
import type { WatchedChannels } from './watched-channels.ts'

export interface SystemStatusDeps {
  readonly db: StateDb
  readonly clock: Clock
  /** Time that passes whatever the clock is set to, ms. */
  readonly elapsedMs: () => number
  readonly metrics: Pick<Metrics, 'polls' | 'pollOverruns' | 'pollerRestarts'>
  readonly queue: { status(): SampleQueueStatus }
  readonly channels: Pick<WatchedChannels, 'status'>
}

/** What counts only grow tell is told over this time, ms. */
const windowMs = 60_000

interface Counts {
  readonly elapsed: number
  readonly polls: number
  readonly skipped: number
}

/** Looks at how Faultline itself is doing; what it says of the last minute, it says from the looks of that minute. */
export function createSystemStatus(deps: SystemStatusDeps): () => Promise<SystemStatus> {
  const { db, clock, elapsedMs, metrics, queue, channels } = deps
  let looks: Counts[] = []
  let restarts = 0
  let before: { readonly now: number; readonly elapsed: number } | undefined
  let awaySince: number | undefined

  async function countPolls(elapsed: number): Promise<{ readonly polls: number; readonly skipped: number }> {
    const counts = { elapsed, polls: await sumOf(metrics.polls), skipped: await sumOf(metrics.pollOverruns) }
    looks = [...looks.filter((look) => elapsed - look.elapsed <= windowMs), counts]
    const [first = counts] = looks
    return { polls: counts.polls - first.polls, skipped: counts.skipped - first.skipped }
  }

  async function countRestarts(): Promise<number> {
    const all = await sumOf(metrics.pollerRestarts)
    const since = all - restarts
    restarts = all
    return since
  }

  function storeStatus({ healthy, lastWriteAt, lastError }: SampleQueueStatus, elapsed: number) {
    if (healthy) {
      awaySince = undefined
      return lastWriteAt === undefined ? {} : { awayMs: 0 }
    }
    awaySince ??= elapsed
    return {
      awayMs: Math.max(1, elapsed - awaySince),
      ...(lastError === undefined ? {} : { problem: lastError }),
    }
  }

  return async () => {
    const now = clock.now()
    const elapsed = elapsedMs()
    const clockJumpMs = before === undefined ? 0 : now - before.now - (elapsed - before.elapsed)
    before = { now, elapsed }
    const status = queue.status()
    const { fillRatio, diskProblem, spool } = status
    return {
      polling: { ...(await countPolls(elapsed)), restarts: await countRestarts() },
      spool: {
        fillRatio,
        dropping: spool.dropping,
        ...(diskProblem === undefined ? {} : { problem: diskProblem }),
      },
      store: storeStatus(status, elapsed),
      channels: channels.status(now),
      messages: await overdueMessages(db, now),
      clockJumpMs,
    }
  }
}

interface Counted {
  get(): Promise<{ readonly values: readonly { readonly value: number }[] }>
}

const sumOf = async (counter: Counted): Promise<number> =>
  (await counter.get()).values.reduce((sum, { value }) => sum + value, 0)

/** Of outage messages: the others wait for theirs. While the vantage is blind nothing is sent on purpose. */
async function overdueMessages(db: StateDb, now: number): Promise<SystemStatus['messages']> {
  const blind = await db
    .selectFrom('incident')
    .select('id')
    .where('kind', '=', 'blind')
    .where('state', 'not in', ['resolved', 'closed'])
    .limit(1)
    .executeTakeFirst()
  if (blind) return { overdue: 0, longestMs: 0 }
  const { overdue, first } = await db
    .selectFrom('notification')
    .select(({ fn }) => [fn.countAll<number>().as('overdue'), fn.min('due_at').as('first')])
    .where('state', '=', 'queued')
    .where('kind', '=', 'outage')
    .where('due_at', '<=', now)
    .executeTakeFirstOrThrow()
  return { overdue, longestMs: first === null ? 0 : now - first }
}
