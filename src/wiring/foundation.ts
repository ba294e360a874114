import type { Config } from '../config/schema.ts'
import { inventoryFrom } from '../inventory/inventory-from-config.ts'
import { createLiveNetwork, type LiveNetwork } from '../inventory/live-network.ts'
import type { Inventory } from '../model/inventory.ts'
import type { LiveEvent } from '../model/live-event.ts'
import type { Clock } from '../platform/clock.ts'
import { EventHub } from '../platform/event-hub.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Logger } from '../platform/logger.ts'
import { createMetrics, type Metrics } from '../platform/metrics.ts'

/** What every part of the daemon stands on. Nothing of it does anything by itself. */
export interface Foundation {
  readonly config: Config
  readonly clock: Clock
  readonly log: Logger
  /** The log of one part of the daemon. */
  part(name: string): Logger
  readonly metrics: Metrics
  readonly events: EventHub
  /** Tells listeners of the API what has changed just now. */
  publish(topic: LiveEvent['topic'], id: string, change: string): void
  /** Where each part says how it closes, once it is open. */
  readonly life: Lifecycle
  readonly inventory: Inventory
  /** The inventory with what polls find out about it. */
  readonly live: LiveNetwork
  /** UTC epoch ms. */
  readonly startedAt: number
}

export function createFoundation(
  config: Config,
  { clock, log, life }: Pick<Foundation, 'clock' | 'log' | 'life'>,
): Foundation {
  const startedAt = clock.now()
  const events = new EventHub(startedAt)
  const inventory = inventoryFrom(config)
  return {
    config,
    clock,
    log,
    part: (name) => log.child({ part: name }),
    metrics: createMetrics(),
    events,
    publish: (topic, id, change) => events.publish({ topic, id, change, at: clock.now() }),
    life,
    inventory,
    live: createLiveNetwork(inventory),
    startedAt,
  }
}
