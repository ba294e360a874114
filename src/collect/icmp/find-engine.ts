import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import type { EchoEngine, EchoSettings } from './echo-engine.ts'
import { findFping } from './fping-engine.ts'
import { findPing } from './ping-engine.ts'
import { openSocketEngine } from './socket-engine.ts'

/** In the order in which `auto` tries them: by what an echo costs. */
export const echoEngines = ['socket', 'fping', 'ping'] as const
export type EchoEngineName = (typeof echoEngines)[number]

export interface EngineDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
  /** Programs to run. Default: of these names, from the path. */
  readonly fping?: string
  readonly perl?: string
}

/** So that a machine without any still polls by its other probes, and says why this one sees nothing. */
const noEngine = (why: string): EchoEngine => ({
  description: `none: ${why}`,
  burst: async (addresses, deliver) => {
    for (const address of addresses) deliver(address, { kind: 'notSent', problem: why })
  },
  async close() {},
})

/**
 * The engine that was asked for, else the best that may run here. One that was asked for by name and may not run is an
 * error in the log, and another takes its place: a network that is watched by another program is better than one that
 * nobody watches.
 */
export async function findEngine(
  wanted: EchoEngineName | 'auto',
  settings: EchoSettings,
  { fping = 'fping', perl = 'perl', ...deps }: EngineDeps,
): Promise<EchoEngine> {
  const { log } = deps
  const find: Record<EchoEngineName, () => Promise<EchoEngine | string>> = {
    socket: () => openSocketEngine(settings, { ...deps, perl }),
    fping: async () =>
      (await findFping(settings, { ...deps, program: fping })) ?? 'fping is missing, or may not send',
    ping: async () => (await findPing(settings)) ?? 'ping is missing, or may not send',
  }
  const order = wanted === 'auto' ? echoEngines : [wanted, ...echoEngines.filter((name) => name !== wanted)]
  for (const engine of order) {
    const found = await find[engine]()
    if (typeof found !== 'string') return found
    if (engine === wanted)
      log.error({ engine, reason: found }, 'the icmp engine that was asked for may not run; another is taken')
    else log.info({ engine, reason: found }, 'icmp engine not available')
  }
  log.error('there is no way to send icmp echoes here')
  return noEngine('no sockets of our own, and neither fping nor ping may be run here')
}
