import { setImmediate } from 'node:timers/promises'
import type { Config } from '../config/schema.ts'
import type { Inventory } from '../model/inventory.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import type { LocalDay, Zone } from '../model/zone.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { createRollupBook } from '../sample/rollup/rollup-book.ts'
import { hourMs } from '../sample/rollup/rollup-plan.ts'
import type { SampleQueue } from '../store/sample-queue.ts'
import type { SampleStore } from '../store/sample-store.ts'
import { createPeakDays, type PeakDaysDeps, type Seen } from './peak-days.ts'
import { repeat } from './repeat.ts'
import { createHistory } from './rollup-history.ts'
import { type RollupMark, readMark, writeMark } from './rollup-mark.ts'
import { createServicePolicies, policyCalendars } from './service-policies.ts'
import { createUnsettledHours } from './settle-hours.ts'

export interface RollupDeps {
  readonly store: Pick<SampleStore, 'columns'>
  readonly queue: Pick<SampleQueue, 'offer' | 'status'>
  inventory(): Pick<Inventory, 'elements' | 'services' | 'customers'>
  portsOf: PeakDaysDeps['portsOf']
  planned: PeakDaysDeps['planned']
  zoneOf(element: ElementId): Zone
  /** Told the peaks of days, besides the store. */
  readonly peaks?: (samples: readonly Sample[]) => void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<
    Metrics,
    'rollupRows' | 'rollupLate' | 'rollupOpenHours' | 'rollupSettledUntil' | 'rollupDuration'
  >
}

export interface RollupSettings {
  readonly peak: Config['peak']
  readonly poll: Config['poll']
  readonly policies: Config['policies']
  /** File that remembers how far roll-ups have come. */
  readonly markFile: string
}

export interface Rollups {
  /** Samples on their way to the store. Never waits. */
  accept(samples: readonly Sample[]): void
  /** Ends the work in progress; what is missing is made good at the next start. */
  close(): Promise<void>
}

/** A reading that takes longer than this after its poll began comes late, and is made good from the store. */
const graceMs = 90_000
const tickMs = 1_000
/** How often the store is asked for what memory does not have. */
const settleEveryMs = 15_000
/** After the end of a day, so that its last hour is stored. */
const dayGraceMs = 10 * 60_000
/** What a process did longer ago than this is not made good. */
const longestLookBackMs = 30 * 86_400_000

/**
 * Connects the stream of samples with the roll-ups and those with the store: one loop tells what memory has, another
 * makes good from the store what it has not, and does the peaks of days that have ended.
 */
export async function startRollups(settings: RollupSettings, deps: RollupDeps): Promise<Rollups> {
  const { store, queue, inventory, portsOf, zoneOf, clock, log, metrics } = deps
  const { peak, poll, markFile } = settings
  const startedAt = clock.now()
  const closing = new AbortController()
  const book = createRollupBook({ startedAt, graceMs })
  const flow = createFlow(clock)
  const offer = (samples: readonly Sample[]) => {
    if (samples.length === 0) return
    flow.add(samples.length)
    queue.offer(samples)
    for (const [measurement, own] of Map.groupBy(samples, (sample) => sample.measurement))
      metrics.rollupRows.inc({ measurement }, own.length)
  }
  const history = createHistory(store, closing.signal)
  const elements = () => inventory().elements.keys()
  const mark = await readMark(markFile).catch((err: unknown) => {
    log.error({ err }, 'no record of roll-ups, those of the last run may lack its last hour')
    return undefined
  })
  const days = createPeakDays(
    {
      history,
      settings: {
        window: peak.window,
        calendars: policyCalendars(settings),
        lookbackDays: peak.lookbackDays,
        intervalMs: { icmp: poll.icmp.interval, stamp: poll.stamp.interval, snmp: poll.snmp.interval },
      },
      elements,
      services: () => inventory().services.values(),
      portsOf,
      policyOf: createServicePolicies(settings, inventory),
      planned: deps.planned,
      zoneOf,
      offer: (samples) => {
        offer(samples)
        deps.peaks?.(samples)
      },
    },
    mark?.days ?? {},
  )
  const unsettled = createUnsettledHours({ history, elements, offer, settled: days.again })
  unsettled.add(hoursLeft(mark, startedAt).map((hour) => ({ hour, everySeries: true, parts: [] })))
  const since = mark?.since ?? startedAt
  /** Of days before the first run that is on record there may have been another, without one. */
  const seen = ({ from, to }: LocalDay): Seen => {
    if (to > startedAt || (mark !== undefined && from <= mark.aliveAt && to > mark.since)) return 'yes'
    return to <= since && from <= startedAt ? 'perhaps' : 'no'
  }

  const settledUntil = () => {
    const open = Math.floor((clock.now() - graceMs) / hourMs) * hourMs
    return Math.min(book.earliest() ?? open, unsettled.earliest() ?? open, open)
  }
  // A mark that comes to the disk before the rows of which it tells loses them to a kill: what is marked was told when the
  // mark before was written, and has left memory since.
  const progress = () => ({ settledUntil: settledUntil(), days: days.told() })
  let onDisk: Pick<RollupMark, 'settledUntil' | 'days'> = { ...progress(), ...mark }
  const saveMark = async () => {
    show()
    const { settledUntil, days } = onDisk
    await writeMark(markFile, { settledUntil, days, since, aliveAt: clock.now() })
    if (queue.status().diskProblem === undefined) onDisk = progress()
  }

  let late = 0
  const show = () => {
    const state = book.state()
    metrics.rollupLate.inc(state.late - late)
    late = state.late
    metrics.rollupOpenHours.set(state.hours + unsettled.size)
    metrics.rollupSettledUntil.set(settledUntil() / 1_000)
  }

  const tell = async () => {
    const finish = metrics.rollupDuration.startTimer({ work: 'span' })
    let told = 0
    for (const batch of book.due(clock.now())) {
      offer(batch)
      told += batch.length
      // Polls are not held up for longer than a batch.
      await setImmediate()
    }
    if (told > 0) finish()
  }

  const makeGood = async () => {
    const now = clock.now()
    for (const part of book.takeUnfinished(now)) {
      unsettled.add(part)
      await setImmediate()
    }
    if (!flow.isDelivered(queue.status())) return
    const finishHour = metrics.rollupDuration.startTimer({ work: 'hour' })
    if (await unsettled.settle(now - graceMs)) finishHour()
    const until = Math.min(now - dayGraceMs, settledUntil())
    days.plan(until, seen)
    // One day at a time, since the next one looks back on it.
    const finishDay = metrics.rollupDuration.startTimer({ work: 'day' })
    if (!(await days.work())) return
    finishDay()
    log.info('peaks of a day told')
  }

  const loops = [
    repeat(tell, tickMs, 'roll-ups failed', deps, closing.signal),
    repeat(makeGood, settleEveryMs, 'roll-ups wait for the sample store', deps, closing.signal),
    repeat(saveMark, settleEveryMs, 'record of roll-ups cannot be written', deps, closing.signal),
  ]

  return {
    accept(samples) {
      flow.add(samples.length)
      book.accept(samples)
    },
    async close() {
      closing.abort()
      await Promise.all(loops)
      await saveMark().catch((err: unknown) => log.warn({ err }, 'record of roll-ups cannot be written'))
    },
  }
}

/** Hours that the process before left untold: from the first that it had not settled to the one in which it ended. */
function hoursLeft(mark: RollupMark | undefined, startedAt: number): readonly number[] {
  if (mark === undefined) return []
  const floor = (at: number) => Math.floor(at / hourMs) * hourMs
  const first = Math.max(mark.settledUntil, floor(startedAt - longestLookBackMs))
  const hours: number[] = []
  // The hour of the start is the book's own.
  for (let hour = floor(first); hour <= mark.aliveAt && hour < floor(startedAt); hour += hourMs)
    hours.push(hour)
  return hours
}

/** Knows from the flow of samples whether what waits is only what has just come. */
function createFlow(clock: Clock) {
  const spanMs = 10_000
  let span = Number.NaN
  let current = 0
  let before = 0
  const turn = () => {
    const now = Math.floor(clock.now() / spanMs)
    if (now === span) return
    before = now === span + 1 ? current : 0
    current = 0
    span = now
  }
  return {
    add(count: number) {
      turn()
      current += count
    },
    isDelivered({ healthy, queued }: { readonly healthy: boolean; readonly queued: number }): boolean {
      turn()
      return healthy && queued <= Math.max(1_000, current + before)
    },
  }
}
