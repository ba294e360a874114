import { isIP } from 'node:net'
import { messageOf } from '../../platform/errors.ts'
import { sendSpaced } from './spaced-sending.ts'
import type { Echo } from './stamp-burst.ts'
import {
  isUnresolved,
  type StampEngine,
  type StampEngineDeps,
  type StampSettings,
  seenStamp,
  stampOutcome,
} from './stamp-engine.ts'
import type { SentBurst, StampSession } from './stamp-session.ts'
import { openStampSocket, type StampSocket } from './stamp-socket.ts'

export interface NodeEngineDeps extends StampEngineDeps {
  /** Default: the process's own monotonic clock. */
  readonly monotonicMs?: () => number
}

/**
 * STAMP by UDP sockets of Node, where our own sender may not run. Its times are those at which this process is awake, and
 * it sends with DSCP 0: Node offers neither the kernel's stamps nor the code point.
 */
export async function openNodeEngine(settings: StampSettings, deps: NodeEngineDeps): Promise<StampEngine> {
  const { timeoutMs, count } = settings
  const { clock, log, metrics, watchBurst, monotonicMs = () => performance.now() } = deps
  const sockets = new Map<number, StampSocket>()
  for (const family of [4, 6] as const) {
    try {
      sockets.set(family, await openStampSocket(family, { clock, log, metrics, monotonicMs, timeoutMs }))
    } catch (error) {
      log.info({ family, reason: messageOf(error) }, 'no stamp socket for this address family')
    }
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

  return {
    description: `UDP sockets of Node, ${[...sockets.keys()].map((family) => `IPv${family}`).join(' and ') || 'no IP at all'}, times of this process, DSCP 0`,
    async burst(aims, deliver, signal) {
      const bursts: SentBurst[] = []
      const results = aims.map(async (aim, place) => {
        const { address, port, stateful } = aim
        const session = sockets.get(isIP(address))?.session(address, port)
        if (session === undefined)
          return deliver(place, { outcome: 'notSent', problem: `this host has no IPv${isIP(address)}` })
        const burst = session.open(count)
        bursts.push(burst)
        const before = session.last()
        const echoes = await burst.echoes
        const isOpen = isUnresolved(echoes, aim) && !signal.aborted
        const closing = isOpen ? await closingEcho(session, signal) : undefined
        if (signal.aborted) return
        const after = closing?.fate === 'answered' ? closing : undefined
        if (watchBurst !== undefined) for (const echo of echoes) watchBurst(seenStamp(aim, echo))
        deliver(place, stampOutcome(echoes, { stateful, before, after, timeoutMs }))
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
