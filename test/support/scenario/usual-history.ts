import { sampleOf } from '../../../src/model/sample.ts'
import type { SampleStore } from '../../../src/store/sample-store.ts'
import { createMemoryStore } from '../memory-store.ts'
import type { Scenario } from './scenario.ts'
import { World } from './world.ts'

const hourMs = 3_600_000

/** Roll-ups of the hours before a scenario, of its network as it usually is. */
export function usualHistory({
  network,
  startAt,
  warmUpMs,
  historyMs,
}: Scenario): Pick<SampleStore, 'query' | 'columns'> {
  const store = createMemoryStore()
  const world = new World(network, [], startAt)
  const end = Math.floor((startAt - warmUpMs) / hourMs) * hourMs
  for (let at = end - Math.floor(historyMs / hourMs) * hourMs; at < end; at += hourMs)
    for (const { id, probes } of network.elements.values()) {
      const rttMs = world.wayTo(id, at)?.rttMs
      if (rttMs === undefined) continue
      for (const probe of ['icmp', 'stamp'] as const) {
        if (!probes?.[probe]) continue
        const fields = {
          rtt_avg_ms_p50: rttMs,
          rtt_avg_ms_p95: rttMs + 1,
          loss_ratio_mean: 0,
          loss_ratio_p95: 0,
        }
        store.offer([sampleOf(`${probe}_hour`, { element: id, vantage: network.vantage }, fields, at)])
      }
    }
  return store
}
