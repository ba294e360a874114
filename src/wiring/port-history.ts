import type { PortMemory } from '../detect/port-memory.ts'
import type { FieldOf, Measurement } from '../model/measurements.ts'
import type { ElementId } from '../model/network-element.ts'
import type { SampleStore } from '../store/sample-store.ts'

export interface PortHistoryDeps {
  readonly store: Pick<SampleStore, 'query'>
  readonly ports: Pick<PortMemory, 'sawUp'>
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Ports of one element, both directions. */
const mostPorts = 20_000

/**
 * Tells which ports of an element were up in the last month, after a restart: those that said so in the last hours, and
 * those that carried anything before.
 * @throws as a SampleStore's query does.
 */
export function createPortHistory({ store, ports }: PortHistoryDeps) {
  return async (element: ElementId, now: number, signal: AbortSignal): Promise<void> => {
    const remember = async <M extends Measurement>(measurement: M, field: FieldOf<M>, sinceMs: number) => {
      const to = now + 1
      const query = { measurement, field, tags: { element }, from: now - sinceMs, to } as const
      // One bucket holds all: buckets are aligned to the epoch.
      const found = await store.query({ ...query, step: to, aggregate: 'max', limit: mostPorts }, signal)
      for (const { tags, points } of found)
        if (tags.interface !== undefined && points.some(([, most]) => most > 0))
          ports.sawUp(element, tags.interface)
    }
    await remember('interface', 'oper_up', 3 * hourMs)
    await remember('interface_hour', 'in_bps_max', 2 * dayMs)
    await remember('interface_hour', 'out_bps_max', 2 * dayMs)
    await remember('interface_peak_day', 'peak_max_bps', 30 * dayMs)
  }
}
