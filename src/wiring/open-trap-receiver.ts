import { createHash } from 'node:crypto'
import { createHintLine } from '../collect/traps/hint-line.ts'
import { startTrapReceiver, type TrapReceiver } from '../collect/traps/trap-receiver.ts'
import type { Config } from '../config/schema.ts'
import type { Inventory } from '../model/inventory.ts'
import type { ElementId } from '../model/network-element.ts'
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
  /** Polls the element now, by each of its probes. */
  pollNow(element: ElementId): Promise<unknown>
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
  { inventory, pollNow, ...deps }: TrapReceiverNeeds,
): Promise<TrapReceiver> {
  const hints = createHintLine({ ...deps, poll: pollNow })
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
      deliver: ({ element, kind }) => hints.hint(element, kind),
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
