import type { CollectionStatus } from '../api/api-deps.ts'
import type { ScheduledProbe, Scheduler } from '../collect/scheduler.ts'
import type { TrapReceiver } from '../collect/traps/trap-receiver.ts'
import type { Metrics } from '../platform/metrics.ts'

export interface CollectionStatusDeps {
  readonly probes: readonly ScheduledProbe[]
  readonly scheduler: Pick<Scheduler, 'overruns'>
  readonly metrics: Metrics
  traps(): TrapReceiver | undefined
}

/** How collecting goes, for people: which engines run, who is slow, what is refused. */
export async function collectionStatus(deps: CollectionStatusDeps): Promise<CollectionStatus> {
  const { probes, scheduler, metrics } = deps
  const [refused, counted] = await Promise.all([metrics.packetsRefused.get(), metrics.traps.get()])
  const receiver = deps.traps()
  return {
    probes: probes.map(({ probe: { name, engine }, intervalMs }) => ({ name, engine, intervalMs })),
    overruns: scheduler.overruns(100),
    refused: refused.values.map(({ labels, value }) => ({
      protocol: `${labels.protocol}`,
      reason: `${labels.reason}`,
      count: value,
    })),
    ...(receiver === undefined
      ? {}
      : {
          traps: {
            ...receiver.status(),
            counts: counted.values.map(({ labels, value }) => ({
              kind: `${labels.kind}`,
              outcome: `${labels.outcome}`,
              count: value,
            })),
          },
        }),
  }
}
