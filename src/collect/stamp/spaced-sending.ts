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
  const plan = bursts
    .flatMap((burst, i) => {
      const begin = i / burstsPerMs
      const packets = Array.from({ length: count }, (_, k) => ({
        dueMs: begin + k * spacingMs,
        act: burst.send,
      }))
      return [...packets, { dueMs: begin + (count - 1) * spacingMs + timeoutMs, act: burst.expire }]
    })
    .sort((a, b) => a.dueMs - b.dueMs)
  for (const { dueMs, act } of plan) {
    const wait = dueMs - (monotonicMs() - startedAt)
    // Half a millisecond early rather than a timer, which is good to one at best, for each packet.
    if (wait > 0.5) await clock.sleep(Math.ceil(wait), signal)
    if (signal.aborted) return
    act()
  }
}
