import { createWindowStore } from '../incident/maintenance/window-store.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'
import type { Zone } from '../model/zone.ts'
import { createLatestValues, type LatestValues } from '../sample/latest-values.ts'
import type { SampleQueue } from '../store/sample-queue.ts'
import type { SampleStore } from '../store/sample-store.ts'
import { createSpool } from '../store/spool/spool.ts'
import { lockSpool } from '../store/spool/spool-lock.ts'
import { storedDaysOf } from './busy-hour-reader.ts'
import type { Foundation } from './foundation.ts'
import { openSampleStore } from './open-sample-store.ts'
import type { State } from './open-state.ts'
import { createPlannedTime } from './planned-time.ts'
import { prepareStore, type StorePreparation } from './prepare-store.ts'
import { startRollups } from './rollups.ts'
import { createServicePorts } from './service-ports.ts'
import { createTrailingDays, type TrailingDays } from './trailing-days.ts'
import { zonesOf } from './zones.ts'

/** Where samples go, and where they are read. */
export interface Samples {
  readonly store: SampleStore
  readonly preparation: StorePreparation
  /** Between us and a store that may be away. */
  readonly queue: SampleQueue
  readonly latest: LatestValues
  readonly trailingDays: TrailingDays
  readonly zoneOf: (element: ElementId) => Zone
  /** Samples of a poll: to the store, to the roll-ups, to the latest values. Never waits. */
  accept(samples: readonly Sample[]): void
}

/**
 * The sample store and its preparation, the spool before it, and the roll-ups. The store may be away.
 * @throws FaultlineError CONFIG_INVALID when the file of `samples.ca` cannot be read, SPOOL_IN_USE when another process has the spool.
 */
export async function openSamples(
  { config, clock, part, metrics, life, inventory, live }: Foundation,
  { db }: Pick<State, 'db'>,
  /** Told the peaks of days once they are worked out. */
  peaks: (rows: readonly Sample[]) => void,
): Promise<Samples> {
  const store = openSampleStore(config.samples, { clock, log: part('store'), metrics })
  life.onClose('sample store', () => store.close())
  const preparation = prepareStore(store, { clock, log: part('store') })
  life.onClose('preparation of the sample store', preparation.close)
  life.onClose('spool lock', lockSpool(config.spool.path, part('spool')))
  const queue = createSpool(
    { ...config.spool, maxSamples: config.samples.maxQueued },
    { store, clock, log: part('spool'), metrics },
  )
  life.onClose('sample queue', () => queue.close())
  const zoneOf = zonesOf(config)
  const trailingDays = createTrailingDays(storedDaysOf(store), clock)
  const rollups = await startRollups(
    {
      peak: config.peak,
      poll: config.poll,
      policies: config.policies,
      markFile: `${config.spool.path}.rollups.json`,
    },
    {
      store,
      queue,
      inventory: () => inventory,
      portsOf: createServicePorts(() => live.topology()),
      planned: createPlannedTime({ db, windows: createWindowStore(), topology: () => live.topology() }),
      zoneOf,
      peaks: (rows) => {
        peaks(rows)
        trailingDays.accept(rows)
      },
      clock,
      log: part('roll-ups'),
      metrics,
    },
  )
  life.onClose('roll-ups', () => rollups.close())
  const latest = createLatestValues()
  return {
    store,
    preparation,
    queue,
    latest,
    trailingDays,
    zoneOf,
    accept(samples) {
      queue.offer(samples)
      rollups.accept(samples)
      latest.accept(samples)
    },
  }
}
