import { createHash } from 'node:crypto'
import type { Poller } from '../collect/poller/poller.ts'
import type { AgentMemory } from '../collect/snmp/agent-memory.ts'
import { createHintLine } from '../collect/traps/hint-line.ts'
import { startTrapReceiver, type TrapReceiver } from '../collect/traps/trap-receiver.ts'
import type { Config } from '../config/schema.ts'
import type { Inventory } from '../model/inventory.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Trap } from '../model/trap.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import { trapSenders } from './trap-senders.ts'

/** RFC 3411 §5: the first bit set, no enterprise, format 5 (octets); so it stays the same as long as the name does. */
const engineIdOf = (vantage: ElementId): Buffer =>
  Buffer.concat([
    Buffer.from([0x80, 0, 0, 0, 5]),
    createHash('sha256').update(`faultline ${vantage}`).digest().subarray(0, 12),
  ])

export interface TrapReceiverNeeds {
  readonly inventory: Inventory
  /** Polls elements now, by each of their probes. */
  readonly poller: Pick<Poller, 'pollNow' | 'renew'>
  /** What is known of agents, by polling them. */
  readonly memory: Pick<AgentMemory, 'recall'>
  /** Told of each trap of an element, after its poll was asked for. */
  accept(trap: Trap): void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * The receiver that the configuration asks for; each trap that says something makes its element be polled now.
 * @throws FaultlineError LISTEN_FAILED
 */
export async function openTrapReceiver(
  { listen, communities, users, engineId }: NonNullable<Config['traps']>,
  { inventory, poller, memory, accept, ...deps }: TrapReceiverNeeds,
): Promise<TrapReceiver> {
  const hints = createHintLine({
    ...deps,
    // What a trap tells of, the agent can be asked; a burst of echoes that was under way tells no less for that.
    poll: async (element) => (await poller.pollNow([element])).filter(({ probe }) => probe === 'snmp'),
    renew: (element) => poller.renew([element]),
  })
  const receiver = await startTrapReceiver(
    {
      ...listen,
      communities,
      users: users.map(({ engineId: sender, ...user }) => ({
        ...user,
        ...(sender === undefined ? {} : { engineId: Buffer.from(sender, 'hex') }),
      })),
      engineId: engineId === undefined ? engineIdOf(inventory.vantage) : Buffer.from(engineId, 'hex'),
    },
    {
      ...deps,
      elementAt: trapSenders(inventory),
      engineOf: (element) => memory.recall(element)?.engine,
      deliver: (trap) => {
        hints.hint(trap.element, trap.kind)
        accept(trap)
      },
    },
  )
  return {
    status: receiver.status,
    async close() {
      hints.stop()
      await receiver.close()
    },
  }
}
