import type { NetworkAlarm } from '../../model/alarm.ts'
import type { Interface } from '../../model/interface.ts'
import type { Inventory } from '../../model/inventory.ts'
import type { LinkDifference } from '../../model/link-difference.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { NetworkState } from '../../model/network-state.ts'
import type { PollResult, SystemGroup } from '../../model/reading.ts'
import type { Topology } from '../../model/topology.ts'
import type { CollectionStatus } from './collection-status.ts'

/** The network as it is now, from memory. */
export interface NetworkAccess {
  inventory(): Inventory
  topology(): Topology
  networkState(): NetworkState
  /** Alarms about the network. */
  activeAlarms(): readonly NetworkAlarm[]
  interfaces(element: ElementId): readonly Interface[]
  system(element: ElementId): SystemGroup | undefined
  /** Where the LLDP tables of the elements and the declared links differ. */
  linkDifferences(): readonly LinkDifference[]
  /** One poll now by every probe of the element, through the same path as the scheduled ones. */
  pollNow(element: ElementId, signal: AbortSignal): Promise<readonly PollResult[]>
  collection(): Promise<CollectionStatus>
}
