import { isIP } from 'node:net'
import type { Target } from '../../model/target.ts'
import type { Probe } from '../probe.ts'
import { openNodeEngine } from './node-engine.ts'
import { openSenderEngine } from './sender-engine.ts'
import type { Aim, StampEngine, StampEngineDeps, StampOutcome, StampSettings } from './stamp-engine.ts'

export const stampEngines = ['socket', 'node'] as const

export interface StampProbeSettings extends StampSettings {
  /** What sends the packets. Default: `auto`, our own sender (`socket`), else the UDP sockets of Node. */
  readonly engine?: (typeof stampEngines)[number] | 'auto'
}

export interface StampDeps extends StampEngineDeps {
  /** The Perl to run our own sender. Default: `perl`, from the path. */
  readonly perl?: string
}

/** Our own sender, else Node. That another runs than was asked for is an error in the log. */
async function findEngine(
  { engine = 'auto', ...settings }: StampProbeSettings,
  deps: StampDeps,
): Promise<StampEngine> {
  const own = engine === 'node' ? undefined : await openSenderEngine(settings, deps)
  if (own !== undefined && typeof own !== 'string') return own
  const { log } = deps
  if (engine === 'socket')
    log.error({ engine, reason: own }, 'the stamp engine that was asked for may not run; another is taken')
  else if (own !== undefined) log.info({ engine: 'socket', reason: own }, 'stamp engine not available')
  if (settings.dscp) log.warn({ dscp: settings.dscp }, 'this stamp engine sends with dscp 0')
  return openNodeEngine(settings, deps)
}

/** Where a target's reflector is, or why it has none. */
function aimOf({ address, stamp }: Target): Aim | string {
  if (stamp === undefined) return 'no STAMP reflector is configured'
  return isIP(address) === 0 ? 'not an IP address' : { address, ...stamp }
}

/**
 * Measures by STAMP in unauthenticated mode (RFC 8762): loss, round trip less the reflector's dwell, jitter, and with a
 * stateful reflector the loss each way. After a burst whose last packet was lost, a stateful reflector is sent one more
 * packet, which is no part of the burst: without it nobody could tell where the last ones were lost.
 */
export async function createStampProbe(settings: StampProbeSettings, deps: StampDeps): Promise<Probe> {
  const { clock } = deps
  const engine = await findEngine(settings, deps)
  return {
    name: 'stamp',
    batched: true,
    engine: engine.description,
    async measure(targets, deliver, signal) {
      const at = clock.now()
      const tell = ({ element }: Target, outcome: StampOutcome) => {
        if (!signal.aborted)
          deliver({ element, probe: 'stamp', at, durationMs: clock.now() - at, ...outcome })
      }
      const asked: Target[] = []
      const aims: Aim[] = []
      for (const target of targets) {
        const aim = aimOf(target)
        if (typeof aim === 'string') {
          tell(target, { outcome: 'notSent', problem: aim })
          continue
        }
        asked.push(target)
        aims.push(aim)
      }
      const toElement = (place: number, outcome: StampOutcome) => {
        const target = asked[place]
        if (target !== undefined) tell(target, outcome)
      }
      await engine.burst(aims, toElement, signal)
    },
    close: () => engine.close(),
  }
}
