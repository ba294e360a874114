import type { IncidentId } from '../model/incident.ts'
import type { NetworkState } from '../model/network-state.ts'
import type { SystemStatus, UnsentElements } from '../model/system-status.ts'
import { seesSince } from '../notify/sees-since.ts'
import {
  createUnmeasuredIncidents,
  type IsMeasured,
  type UnmeasuredIncidents,
} from '../notify/unmeasured-incidents.ts'
import type { Clock } from '../platform/clock.ts'
import type { StateDb, StateStore } from '../platform/db/state-db.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { SampleQueueStatus } from '../store/sample-queue.ts'
import type { WatchedChannels } from './watched-channels.ts'

export interface SystemStatusDeps {
  readonly db: StateStore
  readonly clock: Clock
  /** Time that passes whatever the clock is set to, ms. */
  readonly elapsedMs: () => number
  readonly metrics: Pick<Metrics, 'polls' | 'pollOverruns' | 'pollerRestarts'>
  /** What the last polls said. */
  readonly network: () => NetworkState
  readonly queue: { status(): SampleQueueStatus }
  readonly channels: Pick<WatchedChannels, 'status'>
  /** What is due of an incident of which nothing is measured waits on purpose. Absent: all always is. */
  readonly isMeasured?: IsMeasured
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
  const { db, clock, elapsedMs, metrics, network, queue, channels } = deps
  let looks: Counts[] = []
  let restarts = 0
  let before: { readonly now: number; readonly elapsed: number } | undefined
  let awaySince: number | undefined
  const overdue = createOverdue(createUnmeasuredIncidents(deps.isMeasured ?? (() => true)))

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
    const problem = diskProblem ?? spool.fault
    return {
      polling: { ...(await countPolls(elapsed)), restarts: await countRestarts(), ...unsentIn(network()) },
      spool: {
        fillRatio,
        dropping: spool.dropping,
        ...(problem === undefined ? {} : { problem }),
      },
      state: stateStatus(db),
      store: storeStatus(status, elapsed),
      channels: channels.status(now),
      messages: await overdue(db, now),
      clockJumpMs,
    }
  }
}

function stateStatus(db: StateStore): SystemStatus['state'] {
  const problem = db.problem()
  return problem === undefined ? {} : { problem }
}

/** One that could not be sent to once may have met a full queue. */
function unsentIn({ elements }: NetworkState): { readonly unsent?: UnsentElements } {
  const unsent = [...elements].flatMap(([id, state]) =>
    state.unsent?.isConfirmed ? [{ id, ...state.unsent }] : [],
  )
  const [first] = unsent
  if (first === undefined) return {}
  const { problem } = first
  return {
    unsent: {
      elements: unsent.map(({ id }) => id).sort(),
      polled: elements.size,
      ...(problem === undefined ? {} : { problem }),
    },
  }
}

interface Counted {
  get(): Promise<{ readonly values: readonly { readonly value: number }[] }>
}

const sumOf = async (counter: Counted): Promise<number> =>
  (await counter.get()).values.reduce((sum, { value }) => sum + value, 0)

/**
 * Of outage messages: the others wait for theirs. While the vantage is blind nothing is sent on purpose, nor of an incident
 * while nothing of it is measured; what waited for that is late from then on.
 */
function createOverdue(unmeasured: UnmeasuredIncidents) {
  let waitedUntil = new Map<IncidentId, number>()
  return async (db: StateDb, now: number): Promise<SystemStatus['messages']> => {
    const since = await seesSince(db)
    if (since === undefined) return { overdue: 0, longestMs: 0 }
    const waiting = new Set(await unmeasured(db))
    const groups = await db
      .selectFrom('notification')
      .select(({ fn }) => [
        'incident',
        fn.countAll<number>().as('overdue'),
        fn.min<number>('due_at').as('first'),
      ])
      .where('state', '=', 'queued')
      .where('kind', '=', 'outage')
      .where('due_at', '<=', now)
      .groupBy('incident')
      .execute()
    const late = groups.filter(({ incident }) => !waiting.has(incident))
    const lateMs = late.map(
      ({ incident, first }) => now - Math.max(first, since, waitedUntil.get(incident) ?? 0),
    )
    const known = waitedUntil
    waitedUntil = new Map(
      groups.flatMap(({ incident }) => {
        const until = waiting.has(incident) ? now : known.get(incident)
        return until === undefined ? [] : [[incident, until]]
      }),
    )
    return { overdue: late.reduce((sum, { overdue }) => sum + overdue, 0), longestMs: Math.max(0, ...lateMs) }
  }
}
