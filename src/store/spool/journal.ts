import type { Clock } from '../../platform/clock.ts'
import { FaultlineError, messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { saveDeliveryRecord } from './delivery-record.ts'
import type { Intake } from './intake.ts'
import { type Loss, Losses } from './losses.ts'
import { recover } from './recover.ts'
import { SegmentFolder } from './segment-folder.ts'
import { SegmentTable } from './segment-table.ts'
import { type FrameBytes, SegmentWriter } from './segment-writer.ts'
import { takeOutRemoved } from './take-out-removed.ts'
import { type Position, Undelivered } from './undelivered.ts'

export interface JournalSettings {
  readonly path: string
  readonly maxBytes: number
  readonly segmentBytes: number
  /** Rows that may be held in memory. */
  readonly maxRows: number
}

interface JournalDeps {
  readonly intake: Intake
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<
    Metrics,
    'spoolBytes' | 'spoolSegments' | 'spoolDropped' | 'spoolDamaged' | 'spoolErrors' | 'spoolDiskFree'
  >
}

/** A spool folder that could be read. */
export interface OpenSpool {
  readonly folder: SegmentFolder
  readonly table: SegmentTable
  readonly undelivered: Undelivered
}

interface WritableSpool extends OpenSpool {
  readonly writer: SegmentWriter
}

/** A block, so that a disk without one left is found. */
const leastTrial = 4_096

/**
 * The disk side of the spool: takes what is in memory to the segments, keeps them within the cap, lets go of those that
 * were delivered. While the disk cannot be written everything stays in memory, and each flush tries again.
 */
export class Journal {
  readonly #settings: JournalSettings
  readonly #deps: JournalDeps
  #open: WritableSpool | undefined
  #problem: string | undefined
  readonly #losses: Losses
  #dropping = false
  #unsaved = false
  #freeBytes: number | undefined
  /** Something was written to the disk since the last trial. */
  #wrote = false
  /** What a trial writes: as much as could not be written last. */
  #trialBytes = leastTrial

  constructor(settings: JournalSettings, deps: JournalDeps) {
    this.#settings = settings
    this.#deps = deps
    this.#losses = new Losses(deps)
  }

  /** Undefined until the folder was read. */
  get spool(): OpenSpool | undefined {
    return this.#open
  }

  /** Why the disk cannot be written; undefined when it can. */
  get problem(): string | undefined {
    return this.#problem
  }

  get status() {
    const { table } = this.#open ?? {}
    return {
      bytes: table?.bytes ?? 0,
      maxBytes: this.#settings.maxBytes,
      segments: table?.size ?? 0,
      waiting: table?.waiting ?? 0,
      dropping: this.#dropping,
      ...this.#losses.status,
      ...(this.#freeBytes === undefined ? {} : { freeBytes: this.#freeBytes }),
    }
  }

  /**
   * Looks at the disk: how much room there is, and, when nothing was written for a while, whether it can be written at
   * all. So a disk that fails is known before samples come, and so are segments that were taken away. Never throws. Not
   * while `flush` runs.
   */
  async tryDisk(): Promise<void> {
    const { folder } = this.#open ?? { folder: new SegmentFolder(this.#settings.path) }
    await this.findRemoved()
    try {
      if (!this.#wrote) {
        await folder.tryWrite(this.#trialBytes)
        this.#recover()
      }
    } catch (error) {
      this.#complain(error)
    }
    this.#wrote = false
    this.#freeBytes = await folder.freeBytes().catch(() => undefined)
    if (this.#freeBytes !== undefined) this.#deps.metrics.spoolDiskFree.set(this.#freeBytes)
  }

  /** Looks for segments that were taken away, and counts what they held. Never throws. Not while `flush` runs. */
  async findRemoved(): Promise<void> {
    if (this.#open === undefined) return
    // A folder that cannot be read now is looked at again.
    await this.#passOverRemoved(this.#open).catch((err: unknown) =>
      this.#deps.log.debug({ err }, 'spool folder cannot be read'),
    )
  }

  /** Everything in memory to the disk; true when it is there. Never throws. Not to be called twice at a time. */
  async flush(): Promise<boolean> {
    const { intake } = this.#deps
    const blocks = intake.take()
    let written = false
    try {
      const open = await this.#opened()
      if (blocks.length > 0) {
        const frames = await Promise.all(blocks.map((block) => block.frame()))
        const bytes = frames.reduce((sum, { header, payload }) => sum + header.length + payload.length, 0)
        const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
        this.#trialBytes = Math.max(leastTrial, bytes)
        const end = await this.#append(open, frames)
        this.#trialBytes = leastTrial
        open.table.grow(end.segment, bytes, rows)
        // At once, so that no row is counted in two places.
        intake.settle(true)
        open.undelivered.append(end)
        this.#unsaved = true
        this.#wrote = true
        this.#recover()
      }
      written = true
      await this.#keepWithinCap(open)
    } catch (error) {
      await this.#fail(error)
    } finally {
      intake.settle(written)
      this.#show()
    }
    return written
  }

  /** Lets go of segments of which all was delivered. */
  async release(): Promise<void> {
    const open = this.#open
    if (open === undefined) return
    this.#unsaved = true
    const { table, undelivered, writer } = open
    const newest = writer.position.segment
    // What is still waiting in a segment of which all was delivered could not be read.
    for (const segment of table.numbers)
      if (segment !== newest && !undelivered.needs(segment)) await this.#remove(open, segment, 'damaged')
    if (undelivered.isEmpty) this.#losses.drop(table.writeOff(newest), 'damaged')
    this.#show()
  }

  /** A place in a segment is no frame. */
  countDamage(segment: number, bytes: number): void {
    this.#losses.damage(segment, bytes)
  }

  /** Keeps over a restart what was delivered, if that changed. */
  async save(): Promise<void> {
    const open = this.#open
    if (open === undefined || !this.#unsaved) return
    this.#unsaved = false
    const { undelivered, table, writer, folder } = open
    try {
      await saveDeliveryRecord(folder, {
        next: writer.position.segment + 1,
        backlog: undelivered.backlog,
        live: undelivered.live.from,
        segments: table.list(),
      })
    } catch (error) {
      this.#unsaved = true
      this.#deps.metrics.spoolErrors.inc({ operation: 'record' })
      this.#deps.log.debug({ err: error }, 'delivery could not be recorded')
    }
  }

  /** Nothing is appended any more. */
  async close(): Promise<void> {
    const open = this.#open
    if (open === undefined) return
    await open.writer.seal().catch(() => {})
    const { undelivered, writer, table } = open
    undelivered.append(writer.position)
    const { segment, offset } = undelivered.live.from
    if (offset >= (table.bytesOf(segment) ?? 0)) undelivered.advanceLive({ segment: segment + 1, offset: 0 })
    await this.release()
    await this.save()
  }

  async #opened(): Promise<WritableSpool> {
    if (this.#open !== undefined) return this.#open
    const { log } = this.#deps
    const folder = new SegmentFolder(this.#settings.path)
    const table = new SegmentTable()
    const { backlog, next, tornTails, unreadable } = await recover(folder, table)
    if (table.waiting > 0)
      log.info({ samples: table.waiting, segments: table.size }, 'spool holds samples of before')
    this.#losses.tornTails(tornTails)
    for (const segment of unreadable) this.countDamage(segment, 0)
    this.#open = {
      folder,
      table,
      undelivered: new Undelivered(backlog, { segment: next, offset: 0 }),
      writer: new SegmentWriter(folder, this.#settings.segmentBytes, next),
    }
    return this.#open
  }

  /** Frames whose segment was taken away while they were written go into another one: of these none is lost. */
  async #append(open: WritableSpool, frames: readonly FrameBytes[]): Promise<Position> {
    const end = await open.writer.append(frames)
    if (end !== 'removed') return end
    await this.#passOverRemoved(open)
    const again = await open.writer.append(frames)
    if (again !== 'removed') return again
    throw new FaultlineError('STORE_UNAVAILABLE', 'the segments of the spool vanish as they are written')
  }

  async #passOverRemoved(open: WritableSpool): Promise<void> {
    const { segments, samples } = await takeOutRemoved(open)
    if (segments === 0) return
    this.#losses.removed(segments, samples)
    this.#unsaved = true
    this.#show()
  }

  async #keepWithinCap(open: WritableSpool): Promise<void> {
    const { table } = open
    const { maxBytes } = this.#settings
    while (table.bytes > maxBytes && table.size > 1) await this.#dropOldest(open, 'full')
    // Not before half of it is free: else each segment would be an episode of its own.
    if (table.bytes < maxBytes / 2) this.#dropping = false
  }

  async #dropOldest(open: WritableSpool, reason: Loss): Promise<void> {
    const { table, undelivered, writer } = open
    const segment = table.oldest
    if (segment === undefined) return
    if (segment === writer.position.segment) await writer.seal()
    if (!this.#dropping)
      this.#deps.log.error(
        { reason, maxBytes: this.#settings.maxBytes },
        'spool is full, dropping the oldest',
      )
    this.#dropping = true
    undelivered.dropThrough(segment)
    await this.#remove(open, segment, reason)
  }

  async #remove({ folder, table }: OpenSpool, segment: number, reason: Loss): Promise<void> {
    this.#losses.drop(table.remove(segment), reason)
    this.#unsaved = true
    try {
      await folder.remove(segment)
    } catch (error) {
      // It stays until the next start finds it, and is delivered again then.
      this.#deps.metrics.spoolErrors.inc({ operation: 'remove' })
      this.#deps.log.warn({ err: error, segment }, 'spool segment could not be removed')
    }
  }

  #recover(): void {
    if (this.#problem !== undefined) this.#deps.log.info({}, 'spool can be written again')
    this.#problem = undefined
  }

  #complain(error: unknown): void {
    const { log, metrics } = this.#deps
    metrics.spoolErrors.inc({ operation: 'write' })
    if (this.#problem === undefined)
      log.error({ err: error }, 'spool cannot be written, holding samples in memory')
    this.#problem = messageOf(error)
  }

  async #fail(error: unknown): Promise<void> {
    const { intake } = this.#deps
    this.#complain(error)
    // New samples are worth more than the oldest: once memory is half full they get the room of a segment.
    const open = this.#open
    if (open !== undefined && isDiskFull(error) && intake.rows > this.#settings.maxRows / 2)
      await this.#dropOldest(open, 'disk-full')
  }

  #show(): void {
    const { metrics } = this.#deps
    metrics.spoolBytes.set(this.#open?.table.bytes ?? 0)
    metrics.spoolSegments.set(this.#open?.table.size ?? 0)
  }
}

/** No room, or none within our quota. */
const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
