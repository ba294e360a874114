import type { ElementId } from '../../model/network-element.ts'
import type { TrapKind } from '../../model/trap.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'

export interface HintLineDeps {
  /**
   * Polls it now; what comes of it takes the usual way. Resolves with when each poll of its agent began: one that was
   * running already may have looked before that which is hinted at.
   */
  poll(element: ElementId): Promise<readonly { readonly at: number }[]>
  /** Its neighbours may have changed: they are read with one of the next polls. */
  renew(element: ElementId): void
  readonly clock: Clock
  readonly log: Logger
}

export interface HintLine {
  /** Never waits. */
  hint(element: ElementId, kind: TrapKind): void
  /** Begins no more; polls that run are their owner's to end. */
  stop(): void
}

/** From the start of a hinted poll to that of the next of the same element. */
const gapMs = 5_000
/** Hinted polls at a time: they go ahead of all others, and must not take their place. */
const maxInFlight = 20

/**
 * An authentication failure says nothing about the network, and where our own credentials are wrong, polling is what
 * causes it. What is not understood is only counted.
 */
const tellsNothing: ReadonlySet<TrapKind> = new Set<TrapKind>(['authenticationFailure', 'other'])

/**
 * Turns hints into polls: the first at once, and all that come until five seconds later into one more, so that the last
 * state is seen and no storm becomes a storm of polls. Where a poll was running already there is one more as well.
 */
export function createHintLine({ poll, renew, clock, log }: HintLineDeps): HintLine {
  const waiting = new Set<ElementId>()
  /** Polled, or polled lately; true when it was hinted at again since. */
  const resting = new Map<ElementId, boolean>()
  const stopping = new AbortController()
  let inFlight = 0

  function fill(): void {
    for (const element of waiting) {
      if (inFlight >= maxInFlight || stopping.signal.aborted) return
      waiting.delete(element)
      void run(element)
    }
  }

  async function run(element: ElementId): Promise<void> {
    const startedAt = clock.now()
    resting.set(element, false)
    inFlight++
    try {
      const polls = await poll(element)
      if (polls.some(({ at }) => at < startedAt)) resting.set(element, true)
    } catch (err) {
      log.warn({ err, element }, 'hinted poll failed')
    }
    inFlight--
    fill()
    await clock.sleep(Math.max(0, startedAt + gapMs - clock.now()), stopping.signal)
    const again = resting.get(element)
    resting.delete(element)
    if (again === true) waiting.add(element)
    fill()
  }

  return {
    hint(element, kind) {
      if (tellsNothing.has(kind) || stopping.signal.aborted) return
      if (kind === 'lldpChange') renew(element)
      if (resting.has(element)) resting.set(element, true)
      else waiting.add(element)
      fill()
    },
    stop() {
      stopping.abort()
      waiting.clear()
    },
  }
}
