import { pino } from 'pino'
import type { Config } from '../../src/config/schema.ts'
import { inventoryFrom } from '../../src/inventory/inventory-from-config.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { type RollupDeps, type Rollups, startRollups } from '../../src/wiring/rollups.ts'
import { zonesOf } from '../../src/wiring/zones.ts'

/** Roll-ups of a configuration whose services pass no ports and have no planned work. */
export const startRollupsOf = (
  config: Config,
  markFile: string,
  { metrics = createMetrics(), ...deps }: Pick<RollupDeps, 'store' | 'queue' | 'clock'> & Partial<RollupDeps>,
): Promise<Rollups> =>
  startRollups(
    { peak: config.peak, poll: config.poll, policies: config.policies, markFile },
    {
      inventory: () => inventoryFrom(config),
      portsOf: () => [],
      planned: async () => () => [],
      zoneOf: zonesOf(config),
      log: pino({ enabled: false }),
      metrics,
      ...deps,
    },
  )
