import { isIP } from 'node:net'
import type { Reading } from '../../model/reading.ts'
import type { Target } from '../../model/target.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import type { Probe } from '../probe.ts'
import type { EchoEngine, EchoResult, EchoSettings } from './echo-engine.ts'
import { findFping } from './fping-engine.ts'
import { findPing } from './ping-engine.ts'

export interface IcmpDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
  /** Default: `fping`, from the path. */
  readonly fping?: string
}

type Outcome = Pick<Extract<Reading, { probe: 'icmp' | 'stamp' }>, 'outcome' | 'problem' | 'burst'>

const outcomeOf = (result: EchoResult): Outcome => {
  if (result.kind === 'notSent') return { outcome: 'notSent', problem: result.problem }
  const { rttsMs } = result
  const answered = rttsMs.some((rtt) => rtt !== null)
  return { outcome: answered ? 'answered' : 'timeout', burst: { sent: rttsMs.length, rttsMs } }
}

/** So that a machine without either still polls by its other probes, and says why this one sees nothing. */
const noEngine: EchoEngine = {
  description: 'none: neither fping nor ping may be run here',
  burst: async (addresses, deliver) => {
    for (const address of addresses)
      deliver(address, { kind: 'notSent', problem: 'neither fping nor ping may be run here' })
  },
  async close() {},
}

/**
 * Measures by ICMP echo, with fping where it is to be had, else with ping. Targets are addresses, not names: anything
 * else is not sent, so no text from outside can become an option of a program.
 */
export async function createIcmpProbe(settings: EchoSettings, deps: IcmpDeps): Promise<Probe> {
  const { clock, log, metrics, fping = 'fping' } = deps
  const engine =
    (await findFping(settings, { clock, log, metrics, program: fping })) ??
    (await findPing(settings)) ??
    noEngine
  if (engine === noEngine) log.error('neither fping nor ping may be run')

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
        for (const target of byAddress.get(address) ?? []) tell(target, outcomeOf(result))
      }
      await engine.burst([...byAddress.keys()], deliverAll, signal)
    },
    close: () => engine.close(),
  }
}
