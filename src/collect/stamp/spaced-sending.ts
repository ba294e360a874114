import type { Clock } from '../../platform/clock.ts'

/** What is sent to one target: `count` packets, and the end of waiting for their answers. */
export interface Spaced {
  send(): void
  expire(): void
}

export interface Spacing {
  readonly count: number
  readonly spacingMs: number
  readonly timeoutMs: number
}

/**
 * Bursts begun in a millisecond. With five packets each it makes 20,000 packets a second at most, so that neither our
 * own sending nor the answers of others keep an answer waiting that has come.
 */
const burstsPerMs = 4

/** Packets sent without looking whether answers have come, when we are late. */
const mostAtOnce = 40

/**
 * Sends the bursts of many targets interleaved, each packet at its time, and expires each burst one time-out after its
 * last packet. One timer for all: thousands of them cost more than the packets. Ends early on abort.
 */
export async function sendSpaced(
  bursts: readonly Spaced[],
  { count, spacingMs, timeoutMs }: Spacing,
  clock: Clock,
  monotonicMs: () => number,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = monotonicMs()
  // Each burst goes through these steps: its packets, and its end. `reached` counts the bursts that took each step;
  // they take it in their order.
  const steps = Array.from({ length: count + 1 }, (_, k) => ({
    offsetMs: k < count ? k * spacingMs : (count - 1) * spacingMs + timeoutMs,
    isEnd: k === count,
    reached: 0,
  }))
  for (;;) {
    let nextMs = Number.POSITIVE_INFINITY
    const now = monotonicMs() - startedAt
    let room = mostAtOnce
    const ready = bursts.length
    for (const step of steps) {
      const { offsetMs, isEnd } = step
      // Half a millisecond early rather than a timer, which is good to one at best, for each packet.
      const due = Math.min(ready, Math.floor((now + 0.5 - offsetMs) * burstsPerMs) + 1)
      while (step.reached < due && (isEnd || room > 0)) {
        const burst = bursts[step.reached++]
        if (isEnd) burst?.expire()
        else {
          burst?.send()
          room--
        }
      }
      if (step.reached < bursts.length) nextMs = Math.min(nextMs, step.reached / burstsPerMs + offsetMs)
    }
    if (nextMs === Number.POSITIVE_INFINITY) return
    await clock.sleep(Math.max(1, Math.ceil(nextMs - (monotonicMs() - startedAt))), signal)
    if (signal.aborted) return
  }
}
