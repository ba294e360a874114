import type { Clock } from '../../platform/clock.ts'
import { errorCodes, FaultlineError, messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { EncodedLines } from '../encoded-lines.ts'
import type { SampleStore } from '../sample-store.ts'
import { BatchReader } from './batch-reader.ts'
import type { Intake } from './intake.ts'
import type { Journal, OpenSpool } from './journal.ts'
import { unpacked } from './payload.ts'
import type { StoreWatch } from './store-watch.ts'
import { isBefore, type Position, type Range } from './undelivered.ts'
import { Wake } from './wake.ts'

interface DeliveryDeps {
  readonly store: Pick<SampleStore, 'writeLines' | 'batch'>
  readonly journal: Journal
  readonly intake: Intake
  readonly watch: StoreWatch
  readonly clock: Clock
  readonly log: Logger
  /** Aborts when the end begins. */
  readonly closing: AbortSignal
  /** Cuts writes short. */
  readonly givingUp: AbortSignal
  /** Runs while the journal does not write. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
}

/** For a store that does not say; of the backlog fewer when it is slow. */
const usualBatch = { rows: 8_000, ms: 250 }
/** Rows with which a store that was away is asked: a frame more or less. */
const fewestRows = 500
/** Small writes cost a store more a row, so one that is slow since it is busy is not given the smallest. */
const fewestShare = 4
/** Share of the time that the backlog may have the store; the rest is for queries and for others. */
const backlogShare = 0.9
/** So many flushes (about as many seconds) late, live data has become backlog, and what comes next goes first. */
const flushesLate = 30
/** With more flushes of live data waiting than this, the backlog holds still; beside one the store has room. */
const flushesInTime = 1
const readAgainMs = 1_000

/** What one step came to. */
type Step = 'done' | 'idle' | 'away'

/** One of the two ways to the store, with what it remembers. */
interface Lane {
  readonly wake: Wake
  readonly step: () => Promise<Step>
  /** Time to leave the store to others after a step, as a share of the step's. */
  readonly rest: number
  readonly reader: BatchReader
}

/**
 * Takes the spool to the store on two lanes: live data (or what is only in memory, while the disk cannot be written), and
 * beside it the backlog, oldest first, for a bounded share of the time. Each write is acknowledged by moving on, so what
 * was not acknowledged is sent again. When the store is away both lanes wait, and live data tries first.
 */
export class Delivery {
  readonly #deps: DeliveryDeps
  readonly #live: Lane
  readonly #backlog: Lane
  /** Ends of the flushes that are not delivered yet. */
  #flushes: Position[] = []
  /** Ends when the store has been left alone long enough. */
  #pause: Promise<void> | undefined
  readonly #batch: NonNullable<SampleStore['batch']>
  #backlogRows: number

  constructor(deps: DeliveryDeps) {
    this.#deps = deps
    this.#batch = deps.store.batch ?? usualBatch
    this.#backlogRows = this.#batch.rows
    const lane = (step: () => Promise<Step>, rest: number): Lane => ({
      wake: new Wake(),
      step,
      rest,
      reader: new BatchReader(deps.log),
    })
    this.#live = lane(() => this.#liveStep(), 0)
    this.#backlog = lane(() => this.#backlogStep(), 1 / backlogShare - 1)
  }

  /** More became durable, or is there to be delivered from memory. */
  noteFlush(): void {
    const live = this.#deps.journal.spool?.undelivered.live
    if (live !== undefined && isBefore(this.#flushes.at(-1) ?? live.from, live.to))
      this.#flushes.push(live.to)
    this.wake()
  }

  wake(): void {
    this.#live.wake.call()
    this.#backlog.wake.call()
  }

  /** Until the end begins. */
  async run(): Promise<void> {
    await Promise.all([this.#live, this.#backlog].map((lane) => this.#runLane(lane)))
  }

  /** Delivers what is left, unless the store is away; for the end, when nothing else runs. */
  async finish(): Promise<void> {
    const { watch, givingUp } = this.#deps
    for (const lane of [this.#live, this.#backlog])
      while (watch.healthy && !givingUp.aborted && (await lane.step()) === 'done');
  }

  async #runLane({ wake, step, rest }: Lane): Promise<void> {
    const { clock, closing } = this.#deps
    while (!closing.aborted) {
      await this.#pause
      // The clock on the wall may be set meanwhile.
      const since = performance.now()
      const came = await step().catch((err: unknown) => this.#stumble(err))
      if (came === 'idle') await wake.wait()
      else if (rest > 0) await clock.sleep((performance.now() - since) * rest, closing)
    }
  }

  /** A slip of ours: delivery must not end with it. */
  #stumble(err: unknown): Step {
    this.#deps.log.error({ err }, 'delivery failed, trying again')
    this.#leaveAlone(readAgainMs)
    return 'away'
  }

  async #liveStep(): Promise<Step> {
    const { journal, intake } = this.#deps
    const { spool } = journal
    if (this.#flushes.length > flushesLate) this.#postpone()
    if (journal.problem !== undefined && intake.rows > 0) return this.#deliverMemory()
    if (spool === undefined || !spool.undelivered.hasLive) return 'idle'
    const { undelivered } = spool
    const advance = (to: Position) => undelivered.advanceLive(to)
    const came = await this.#deliver(spool, this.#live, undelivered.live, advance, this.#batch.rows)
    if (came === 'away') this.#postpone()
    else {
      const { from } = undelivered.live
      this.#flushes = this.#flushes.filter((end) => isBefore(from, end))
      if (this.#flushes.length <= flushesInTime) this.#backlog.wake.call()
    }
    return came
  }

  async #backlogStep(): Promise<Step> {
    const { journal, watch } = this.#deps
    const { spool } = journal
    const [oldest] = spool?.undelivered.backlog ?? []
    if (spool === undefined || oldest === undefined) return 'idle'
    const { undelivered } = spool
    // Live data goes first when it falls behind, and finds out whether the store is back.
    if (undelivered.hasLive && (!watch.healthy || this.#flushes.length > flushesInTime)) return 'idle'
    const advance = (to: Position) => undelivered.advanceBacklog(to)
    const since = performance.now()
    const came = await this.#deliver(spool, this.#backlog, oldest, advance, this.#backlogRows)
    const { rows, ms } = this.#batch
    const share = ms / (performance.now() - since)
    this.#backlogRows = Math.round(Math.max(rows / fewestShare, Math.min(rows, this.#backlogRows * share)))
    return came
  }

  async #deliverMemory(): Promise<Step> {
    const { intake, exclusively } = this.#deps
    return exclusively(async () => {
      const blocks = intake.take(this.#batch.rows)
      let came: Step = 'idle'
      try {
        const frames = await Promise.all(
          blocks.map(async (block) => ({ payload: (await block.frame()).payload, rows: block.rows })),
        )
        if (frames.length > 0) came = await this.#write(await unpacked(frames))
        return came
      } finally {
        intake.settle(came === 'done')
      }
    })
  }

  async #deliver(
    spool: OpenSpool,
    { reader }: Lane,
    range: Range,
    advance: (to: Position) => void,
    rows: number,
  ): Promise<Step> {
    const { journal, watch, exclusively } = this.#deps
    const batch = await reader.take(spool, range, watch.healthy ? rows : fewestRows)
    if (batch === 'gone') await exclusively(() => journal.findRemoved())
    if (batch === 'unreadable' || batch === 'gone') {
      this.#leaveAlone(readAgainMs)
      return 'away'
    }
    if (batch === 'empty') {
      advance(range.to)
      await journal.release()
      return 'done'
    }
    const { from, end, lines } = batch
    if (lines === undefined) journal.countDamage(end.segment, end.offset - from.offset)
    else {
      if (watch.healthy) reader.readAhead(spool, { from: end, to: range.to }, rows)
      if ((await this.#write(lines)) === 'away') return 'away'
      spool.table.take(end.segment, lines.rows)
    }
    advance(end)
    await journal.release()
    return 'done'
  }

  async #write(lines: EncodedLines): Promise<Step> {
    const { store, watch, givingUp } = this.#deps
    try {
      watch.accept(await orGivenUp(store.writeLines(lines, givingUp), givingUp))
    } catch (error) {
      if (!isFinal(error)) {
        // Two writes that fail together are one failure.
        if (this.#pause === undefined) this.#leaveAlone(watch.fail(error))
        return 'away'
      }
      watch.accept({ written: 0, refused: lines.rows, reason: messageOf(error) })
    }
    return 'done'
  }

  #leaveAlone(ms: number): void {
    const { clock, closing } = this.#deps
    this.#pause = clock.sleep(ms, closing).then(() => {
      this.#pause = undefined
      this.wake()
    })
  }

  /** Only while no write of live data is under way. */
  #postpone(): void {
    this.#deps.journal.spool?.undelivered.postpone()
    this.#flushes = []
    this.#backlog.wake.call()
  }
}

/** A store that does not listen to the signal must not hold up the end. */
async function orGivenUp<T>(work: Promise<T>, givingUp: AbortSignal): Promise<T> {
  const { promise: givenUp, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(new FaultlineError('STORE_UNAVAILABLE', 'given up'))
  if (givingUp.aborted) giveUp()
  givingUp.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([work, givenUp])
  } finally {
    givingUp.removeEventListener('abort', giveUp)
  }
}

/** Offering the same lines again would end the same way. */
const isFinal = (error: unknown): boolean => error instanceof FaultlineError && !errorCodes[error.code].retry
