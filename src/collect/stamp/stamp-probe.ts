import { isIP } from 'node:net'
import type { Reading } from '../../model/reading.ts'
import type { Target } from '../../model/target.ts'
import type { Clock } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import type { Probe } from '../probe.ts'
import { sendSpaced } from './spaced-sending.ts'
import { type Echo, stampBurst } from './stamp-burst.ts'
import type { SentBurst, StampSession } from './stamp-session.ts'
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
  readonly metrics: CollectMetrics
  /** Default: the process's own monotonic clock. */
  readonly monotonicMs?: () => number
}

type Outcome = Pick<Extract<Reading, { probe: 'icmp' | 'stamp' }>, 'outcome' | 'problem' | 'burst'>

/**
 * Measures by STAMP in unauthenticated mode (RFC 8762): loss, round trip less the reflector's dwell, jitter, and with a
 * stateful reflector the loss each way. After a burst whose last packet was lost, a stateful reflector is sent one more
 * packet, which is no part of the burst: without it nobody could tell where the last ones were lost.
 */
export async function createStampProbe(settings: StampSettings, deps: StampDeps): Promise<Probe> {
  const { timeoutMs } = settings
  const { clock, log, metrics, monotonicMs = () => performance.now() } = deps
  const sockets = new Map<number, StampSocket>()
  for (const family of [4, 6] as const) {
    try {
      sockets.set(family, await openStampSocket(family, { clock, log, metrics, monotonicMs, timeoutMs }))
    } catch (error) {
      log.info({ family, reason: messageOf(error) }, 'no stamp socket for this address family')
    }
  }

  /** The session with a target's reflector, or why there is none. */
  function sessionFor({ address, stamp }: Target): StampSession | string {
    if (stamp === undefined) return 'no STAMP reflector is configured'
    const family = isIP(address)
    if (family === 0) return 'not an IP address'
    return sockets.get(family)?.session(address, stamp.port) ?? `this host has no IPv${family}`
  }

  async function closingEcho(session: StampSession, signal: AbortSignal): Promise<Echo | undefined> {
    const packet = session.open(1)
    const answered = new AbortController()
    packet.send()
    void clock.sleep(timeoutMs, AbortSignal.any([answered.signal, signal])).then(packet.expire)
    const [echo] = await packet.echoes
    answered.abort()
    return echo
  }

  async function outcomeOf(
    session: StampSession,
    burst: SentBurst,
    stateful: boolean,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const before = session.last()
    const echoes = await burst.echoes
    const answered = echoes.some((echo) => echo.fate === 'answered')
    const unresolved = stateful && answered && echoes.at(-1)?.fate === 'lost' && !signal.aborted
    const closing = unresolved ? await closingEcho(session, signal) : undefined
    const after = closing?.fate === 'answered' ? closing : undefined
    const measured = stampBurst(echoes, { stateful, before, after, timeoutMs })
    if (measured.sent > 0) return { outcome: answered ? 'answered' : 'timeout', burst: measured }
    const failed = echoes.find((echo) => echo.fate === 'notSent')
    return { outcome: 'notSent', problem: failed?.problem ?? 'nothing was sent' }
  }

  return {
    name: 'stamp',
    batched: true,
    engine: `STAMP over UDP, ${[...sockets.keys()].map((family) => `IPv${family}`).join(' and ') || 'no IP at all'}`,
    async measure(targets, deliver, signal) {
      const at = clock.now()
      const tell = (target: Target, outcome: Outcome) => {
        if (signal.aborted) return
        deliver({
          element: target.element,
          probe: 'stamp',
          at,
          durationMs: clock.now() - at,
          ...outcome,
        })
      }
      const bursts: SentBurst[] = []
      const results = targets.map(async (target) => {
        const session = sessionFor(target)
        if (typeof session === 'string') return tell(target, { outcome: 'notSent', problem: session })
        const burst = session.open(settings.count)
        bursts.push(burst)
        tell(target, await outcomeOf(session, burst, target.stamp?.stateful ?? false, signal))
      })
      const done = Promise.all(results)
      const answered = new AbortController()
      const until = AbortSignal.any([signal, answered.signal])
      const sending = sendSpaced(bursts, settings, clock, monotonicMs, until)
      await Promise.race([done, sending])
      // On abort the rest is never sent; what was sent is not waited for.
      if (signal.aborted) for (const burst of bursts) burst.expire()
      await done
      answered.abort()
      await sending
    },
    async close() {
      await Promise.all([...sockets.values()].map((socket) => socket.close()))
      sockets.clear()
    },
  }
}
