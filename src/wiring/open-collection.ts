import { createFailingPolls, type FailingPolls } from '../collect/failing-polls.ts'
import type { Poller } from '../collect/poller/poller.ts'
import { openAgentMemory, type StoredAgentMemory } from '../collect/snmp/stored-agent-memory.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Foundation } from './foundation.ts'
import { openPoller, type PollingPlace } from './open-poller.ts'
import type { OpenProbes } from './open-probes.ts'
import type { State } from './open-state.ts'

/** What asks the elements. */
export interface Collection {
  /** Not started. */
  readonly poller: Poller
  readonly memory: StoredAgentMemory
  readonly failing: Pick<FailingPolls, 'worst'>
  /** When the last poll of any element ended, UTC epoch ms; undefined before the first. */
  lastPollAt(): number | undefined
}

/**
 * The poller, with what is known of agents from before.
 * @throws FaultlineError STATE_UNAVAILABLE, and PROBE_FAILED when polling cannot begin at all.
 */
export async function openCollection(
  { config, clock, part, metrics, life, inventory }: Foundation,
  { db }: Pick<State, 'db'>,
  { accept }: Pick<Pipeline, 'accept'>,
  { polling, probes }: { readonly polling: PollingPlace; readonly probes?: OpenProbes },
): Promise<Collection> {
  const { vantage, targets } = inventory
  let lastPollAt: number | undefined
  const memory = await openAgentMemory({
    db,
    isPolled: (element) => targets.get(element)?.snmp !== undefined,
    clock,
    log: part('collect'),
  })
  life.onClose('agent memory', memory.close)
  const failing = createFailingPolls({ log: part('collect') })
  const poller = await openPoller(
    polling,
    { poll: config.poll, vantage, targets },
    {
      deliver: (result, samples) => {
        lastPollAt = clock.now()
        failing.accept(result)
        accept(result, samples)
      },
      memory,
      clock,
      log: part('collect'),
      metrics,
      ...(probes ? { probes } : {}),
    },
  )
  life.onClose('poller', poller.stop)
  return { poller, memory, failing, lastPollAt: () => lastPollAt }
}
