import type { ElementId } from '../model/network-element.ts'
import type { PollOutcome, Reading } from '../model/reading.ts'
import type { Target } from '../model/target.ts'
import type { Clock } from '../platform/clock.ts'
import { messageOf } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { CollectMetrics } from './collect-metrics.ts'
import { PollQueue } from './poll-queue.ts'
import type { Probe } from './probe.ts'
import { RunningPoll } from './running-poll.ts'
import { TimeLimit } from './time-limit.ts'

export interface PollLineOptions {
  readonly probe: Probe
  /** After this a poll is aborted. */
  readonly deadlineMs: number
  /** Polls at a time, for probes that are not batched; those that only wait for a silent element have places of their own. */
  readonly maxInFlight: number
}

export interface PollLineDeps {
  readonly deliver: (reading: Reading) => void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
}

/** How long a probe may take to obey an abort, before it is given up. */
const graceMs = 1_000

/** Distinct failures that are remembered, so that each is logged once. */
const maxFailures = 100

/** One call of the probe. */
interface Call {
  /** Those that have no reading yet. */
  readonly open: Set<ElementId>
  readonly abort: AbortController
  /** Waits for it no longer. */
  giveUp(): void
}

/**
 * All polls by one probe: at most one at a time for an element, each with a deadline and exactly one reading. Whatever a
 * probe does (throw, hang, deliver twice or not at all), the line goes on.
 */
export class PollLine {
  readonly #probe: Probe
  readonly #deadlineMs: number
  readonly #deps: PollLineDeps
  readonly #queue: PollQueue<ElementId>
  readonly #running = new Map<ElementId, RunningPoll>()
  readonly #unanswered = new Set<ElementId>()
  readonly #measuring = new Set<Call>()
  readonly #deadline: TimeLimit<Call>
  readonly #grace: TimeLimit<Call>
  readonly #calls = new Set<Promise<void>>()
  readonly #failures = new Set<string>()
  #stopped = false

  constructor({ probe, deadlineMs, maxInFlight }: PollLineOptions, deps: PollLineDeps) {
    this.#probe = probe
    this.#deadlineMs = deadlineMs
    this.#deps = deps
    this.#queue = new PollQueue(maxInFlight, deps.clock)
    this.#deadline = new TimeLimit(deadlineMs, deps.clock, (call) => this.#abort(call))
    this.#grace = new TimeLimit(graceMs, deps.clock, (call) => call.giveUp())
  }

  running(element: ElementId): RunningPoll | undefined {
    return this.#running.get(element)
  }

  /** Polls these at once, or as soon as there is room. None of them may be running. */
  launch(targets: readonly Target[], urgent: boolean): readonly RunningPoll[] {
    if (this.#stopped || targets.length === 0) return []
    const polls = targets.map(({ element }) => {
      const poll = new RunningPoll(urgent)
      this.#running.set(element, poll)
      return poll
    })
    if (this.#probe.batched) void this.#call(targets)
    else for (const target of targets) this.#enqueue(target, urgent)
    return polls
  }

  /** Someone waits for it: if it has not begun, it is next. */
  promote(element: ElementId): void {
    this.#queue.promote(element)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const element of this.#queue.close()) this.#finish(element)
    this.#deadline.close()
    for (const call of this.#measuring) this.#abort(call)
    await Promise.all(this.#calls)
    this.#grace.close()
  }

  #enqueue(target: Target, urgent: boolean): void {
    const pollClass = urgent ? 'urgent' : this.#unanswered.has(target.element) ? 'slow' : 'usual'
    this.#queue.add(target.element, pollClass, () => this.#call([target]))
  }

  #call(targets: readonly Target[]): Promise<void> {
    const call = this.#measure(targets).finally(() => this.#calls.delete(call))
    this.#calls.add(call)
    return call
  }

  #abort(call: Call): void {
    if (call.abort.signal.aborted) return
    call.abort.abort()
    this.#grace.begin(call)
  }

  /** One call of the probe, within the deadline. Never rejects. */
  async #measure(targets: readonly Target[]): Promise<void> {
    const { clock } = this.#deps
    const at = clock.now()
    const open = new Set<ElementId>()
    for (const { element } of targets) open.add(element)
    const abort = new AbortController()
    const call: Call = { open, abort, giveUp() {} }
    let failure: string | undefined
    this.#measuring.add(call)
    const limited = this.#deadline.begin(call)

    const deliver = (reading: Reading) => {
      // What a probe makes of being stopped says nothing about the element.
      if (!this.#stopped && open.delete(reading.element)) this.#settle(reading, reading.outcome)
    }
    try {
      await new Promise<void>((resolve, reject) => {
        call.giveUp = resolve
        this.#probe.measure(targets, deliver, abort.signal).then(resolve, reject)
      })
    } catch (error) {
      failure = messageOf(error)
      this.#logOnce(error)
    }
    this.#deadline.done(limited)
    this.#measuring.delete(call)
    // What comes after this belongs to nobody.
    const unread = [...open]
    open.clear()
    const late = abort.signal.aborted

    for (const element of unread) {
      if (this.#stopped) {
        this.#finish(element)
        continue
      }
      // A single target that used up its time did not answer; of a batch, nobody knows whose fault it was.
      const outcome: PollOutcome =
        late && failure === undefined && !this.#probe.batched ? 'timeout' : 'notSent'
      const problem =
        failure ?? (late ? `no result within ${this.#deadlineMs} ms` : 'the probe gave no result for it')
      const durationMs = clock.now() - at
      const reading: Reading = { element, probe: this.#probe.name, at, durationMs, outcome, problem }
      this.#settle(reading, failure === undefined ? outcome : 'failed')
    }
  }

  #settle(reading: Reading, outcome: PollOutcome | 'failed'): void {
    const { deliver, log, metrics } = this.#deps
    const probe = this.#probe.name
    metrics.polls.inc({ probe, outcome })
    metrics.pollDuration.observe({ probe }, reading.durationMs / 1_000)
    if (outcome === 'timeout') this.#unanswered.add(reading.element)
    else this.#unanswered.delete(reading.element)
    try {
      deliver(reading)
    } catch (err) {
      log.error({ err, element: reading.element }, 'reading could not be handled')
    }
    this.#finish(reading.element, reading)
  }

  #finish(element: ElementId, reading?: Reading): void {
    const poll = this.#running.get(element)
    this.#running.delete(element)
    poll?.finish(reading)
  }

  #logOnce(err: unknown): void {
    const message = messageOf(err)
    if (this.#failures.has(message) || this.#failures.size >= maxFailures) return
    this.#failures.add(message)
    this.#deps.log.error(
      { err, probe: this.#probe.name },
      'probe failed; the same failure is not logged again',
    )
  }
}
