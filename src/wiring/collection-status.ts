import type { CollectionStatus } from '../api/ports/collection-status.ts'
import type { FailingPolls } from '../collect/failing-polls.ts'
import type { Poller } from '../collect/poller/poller.ts'
import type { TrapReceiver } from '../collect/traps/trap-receiver.ts'
import type { Metrics } from '../platform/metrics.ts'

export interface CollectionStatusDeps {
  readonly poller: Pick<Poller, 'probes' | 'overruns'>
  readonly failing: Pick<FailingPolls, 'worst'>
  readonly metrics: Metrics
  traps(): TrapReceiver | undefined
}

/** How collecting goes, for people: which engines run, who is slow, what fails, what is refused. */
export async function collectionStatus(deps: CollectionStatusDeps): Promise<CollectionStatus> {
  const { poller, metrics } = deps
  const [overruns, refused, counted] = await Promise.all([
    poller.overruns(100),
    metrics.packetsRefused.get(),
    metrics.traps.get(),
  ])
  const receiver = deps.traps()
  return {
    probes: poller.probes,
    overruns,
    failing: deps.failing.worst(100),
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
