import type { CustomerId } from './customer.ts'
import type { InterfaceName } from './interface.ts'
import type { ElementId } from './network-element.ts'

export type ServiceId = string

/** What is sold to one customer over one line. */
export interface Service {
  readonly id: ServiceId
  readonly customer: CustomerId
  /** The access element that carries it, and the port where it is known. */
  readonly element: ElementId
  readonly interface?: InterfaceName
  /** The element that stands for the customer's end; `element` itself when the end is not polled. */
  readonly endpoint: ElementId
  /** `broadband`, `leased-line`, … */
  readonly class: string
  readonly area: 'urban' | 'rural'
  /** Sold rates in bit/s. */
  readonly downBps?: number
  readonly upBps?: number
}
