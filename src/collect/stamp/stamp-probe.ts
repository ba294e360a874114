import { isIP } from 'node:net'
import type { Reading } from '../../model/reading.ts'
import type { Target } from '../../model/target.ts'
import type { Clock } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import type { Probe } from '../probe.ts'
import { type Echo, stampBurst } from './stamp-burst.ts'
import type { StampSession } from './stamp-session.ts'
import { openStampSocket, type StampSocket } from './stamp-socket.ts'

export interface StampSettings {
  /** Packets in a burst. */
  readonly count: number
  /** How long each packet is waited for. */
  readonly timeoutMs: number
  /** Time between two packets of a burst. */
  readonly spacingMs: number
}

export interface StampDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Default: the process's own monotonic clock. */
  readonly monotonicMs?: () => number
}

/** Bursts begun in one millisecond: so many sends take about half of it, and answers are not kept waiting behind them. */
const burstsPerMs = 20

/**
 * Measures by STAMP in unauthenticated mode (RFC 8762): loss, round trip less the reflector's dwell, jitter, and with a
 * stateful reflector the loss each way. After a burst whose last packet was lost, a stateful reflector is sent one more
 * packet, which is no part of the burst: without it nobody could tell where the last ones were lost.
 */
export async function createStampProbe(settings: StampSettings, deps: StampDeps): Promise<Probe> {
  const { count, timeoutMs, spacingMs } = settings
  const { clock, log, metrics, monotonicMs = () => performance.now() } = deps
  const sockets = new Map<number, StampSocket>()
  for (const family of [4, 6] as const) {
    try {
      sockets.set(family, await openStampSocket(family, { clock, log, metrics, monotonicMs }))
    } catch (error) {
      log.info({ family, reason: messageOf(error) }, 'no stamp socket for this address family')
    }
  }

  async function burst(session: StampSession, signal: AbortSignal): Promise<readonly Echo[]> {
    const echoes: Promise<Echo>[] = []
    for (let i = 0; i < count && !signal.aborted; i++) {
      if (i > 0) await clock.sleep(spacingMs, signal)
      if (!signal.aborted) echoes.push(session.echo(timeoutMs, signal))
    }
    return Promise.all(echoes)
  }

  async function outcomeOf(
    target: Target,
    signal: AbortSignal,
  ): Promise<Pick<Reading & { probe: 'stamp' }, 'outcome' | 'problem' | 'burst'>> {
    if (target.stamp === undefined) return { outcome: 'notSent', problem: 'no STAMP reflector is configured' }
    const family = isIP(target.address)
    if (family === 0) return { outcome: 'notSent', problem: 'not an IP address' }
    const session = sockets.get(family)?.session(target.address, target.stamp.port)
    if (session === undefined) return { outcome: 'notSent', problem: `this host has no IPv${family}` }

    const before = session.last()
    const echoes = await burst(session, signal)
    const { stateful } = target.stamp
    const answered = echoes.some((echo) => echo.fate === 'answered')
    const unresolved = stateful && answered && echoes.at(-1)?.fate === 'lost' && !signal.aborted
    const closing = unresolved ? await session.echo(timeoutMs, signal) : undefined
    const after = closing?.fate === 'answered' ? closing : undefined

    const measured = stampBurst(echoes, { stateful, before, after, timeoutMs })
    if (measured.sent === 0) {
      const failed = echoes.find((echo) => echo.fate === 'notSent')
      return { outcome: 'notSent', problem: failed?.problem ?? 'nothing was sent' }
    }
    return { outcome: answered ? 'answered' : 'timeout', burst: measured }
  }

  return {
    name: 'stamp',
    batched: true,
    engine: `STAMP over UDP, ${[...sockets.keys()].map((family) => `IPv${family}`).join(' and ') || 'no IP at all'}`,
    async measure(targets, deliver, signal) {
      await Promise.all(
        targets.map(async (target, i) => {
          const wait = Math.floor(i / burstsPerMs)
          if (wait > 0) await clock.sleep(wait, signal)
          const at = clock.now()
          const outcome = await outcomeOf(target, signal)
          if (signal.aborted) return
          deliver({
            element: target.element,
            probe: 'stamp',
            at,
            durationMs: clock.now() - at,
            ...outcome,
          })
        }),
      )
    },
    async close() {
      await Promise.all([...sockets.values()].map((socket) => socket.close()))
      sockets.clear()
    },
  }
}
