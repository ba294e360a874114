import { isIP } from 'node:net'
import type { Reading } from '../../model/reading.ts'
import type { Target } from '../../model/target.ts'
import type { BurstWatch } from '../burst-watch.ts'
import type { Probe } from '../probe.ts'
import type { EchoPacket, EchoResult, EchoSettings } from './echo-engine.ts'
import { type EchoEngineName, type EngineDeps, findEngine } from './find-engine.ts'

export interface IcmpDeps extends EngineDeps {
  readonly watchBurst?: BurstWatch
}

export interface IcmpSettings extends EchoSettings {
  /** What sends the requests. Default: `auto`, the best that may run here. */
  readonly engine?: EchoEngineName | 'auto'
}

type Outcome = Pick<Extract<Reading, { probe: 'icmp' | 'stamp' }>, 'outcome' | 'problem' | 'burst'>

const outcomeOf = (result: EchoResult): Outcome => {
  if (result.kind === 'notSent') return { outcome: 'notSent', problem: result.problem }
  const { rttsMs } = result
  const answered = rttsMs.some((rtt) => rtt !== null)
  return { outcome: answered ? 'answered' : 'timeout', burst: { sent: rttsMs.length, rttsMs } }
}

/** As far as the engine tells: a program tells round trips alone. */
const packetsOf = (result: EchoResult): readonly EchoPacket[] => {
  if (result.packets !== undefined) return result.packets
  if (result.kind === 'notSent') return [{ fate: 'notSent', problem: result.problem }]
  return result.rttsMs.map((rttMs) => (rttMs === null ? { fate: 'lost' } : { fate: 'answered', rttMs }))
}

/**
 * Measures by ICMP echo, with the best engine that may run here. Targets are addresses, not names: anything else is not
 * sent, so no text from outside can become an option of a program.
 */
export async function createIcmpProbe(
  settings: IcmpSettings,
  { watchBurst, ...deps }: IcmpDeps,
): Promise<Probe> {
  const { clock } = deps
  const watched = watchBurst !== undefined
  const engine = await findEngine(settings.engine ?? 'auto', { ...settings, watched }, deps)

  return {
    name: 'icmp',
    batched: true,
    engine: engine.description,
    async measure(targets, deliver, signal) {
      const at = clock.now()
      const tell = (target: Target, outcome: Outcome) => {
        const durationMs = clock.now() - at
        deliver({ element: target.element, probe: 'icmp', at, durationMs, ...outcome })
      }
      const byAddress = Map.groupBy(targets, (target) => (isIP(target.address) === 0 ? '' : target.address))
      for (const target of byAddress.get('') ?? [])
        tell(target, { outcome: 'notSent', problem: 'not an IP address' })
      byAddress.delete('')
      if (byAddress.size === 0) return
      const deliverAll = (address: string, result: EchoResult) => {
        if (watchBurst !== undefined)
          for (const packet of packetsOf(result)) watchBurst({ probe: 'icmp', address, ...packet })
        for (const target of byAddress.get(address) ?? []) tell(target, outcomeOf(result))
      }
      await engine.burst([...byAddress.keys()], deliverAll, signal)
    },
    close: () => engine.close(),
  }
}
