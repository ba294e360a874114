import type { Customer, CustomerId } from './customer.ts'
import type { Link } from './link.ts'
import type { ElementId, NetworkElement } from './network-element.ts'
import type { Service, ServiceId } from './service.ts'
import type { Target } from './target.ts'

/** What the operator has and sells, as declared. Links found by LLDP come on top (`inventory/live-topology.ts`). */
export interface Inventory {
  readonly vantage: ElementId
  readonly gateways: readonly ElementId[]
  readonly elements: ReadonlyMap<ElementId, NetworkElement>
  /** Links from `links` and from `uplinks`. */
  readonly links: readonly Link[]
  readonly customers: ReadonlyMap<CustomerId, Customer>
  readonly services: ReadonlyMap<ServiceId, Service>
  /** How each polled element is asked, credentials included: for the collect stage only. */
  readonly targets: ReadonlyMap<ElementId, Target>
}
