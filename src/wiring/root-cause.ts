import { type Correlation, type CorrelationInput, createCorrelator } from '../correlate/correlate.ts'
import { createLossDirections } from '../correlate/loss-direction.ts'
import type { LiveNetwork } from '../inventory/live-network.ts'
import type { ImpactWeights } from '../model/impact-weight.ts'
import type { Sample } from '../model/sample.ts'

/** Root cause, with what the inventory and the samples add to alarms and polls. */
export interface RootCause {
  /** What reflectors tell of the way that packets are lost. */
  accept(samples: readonly Sample[]): void
  correlate(input: CorrelationInput): Correlation
}

/** One for the life of a process: it remembers what follows from the topology. */
export function createRootCause(live: LiveNetwork, weights: ImpactWeights): RootCause {
  const correlate = createCorrelator()
  const ways = createLossDirections()
  const { elements, customers } = live.inventory
  // The same list each time, so that it is gone through once.
  const services = [...live.inventory.services.values()]
  return {
    accept: (samples) => ways.accept(samples),
    correlate: (input) =>
      correlate({
        ...input,
        services,
        customers,
        weights,
        elements,
        differences: live.differences,
        lossDirections: ways.directions(),
      }),
  }
}
