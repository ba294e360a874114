/** Identity of a network element: chosen by the operator, apart from its name and address (1..64 of `A-Za-z0-9._:-`). */
export type ElementId = string

/** A managed box (ITU-T M.3010): router, switch, OLT, radio, or the customer's end of a line. */
export interface NetworkElement {
  readonly id: ElementId
  readonly name: string
  /** IPv4 or IPv6 address that is polled. Absent: never polled (the vantage itself, a passive cabinet). */
  readonly address?: string
  /** What the element is for: `core`, `aggregation`, `access`, `cpe`, … Free text that rules can select by. */
  readonly role?: string
  readonly site?: string
  /** The maker as the operator says; absent: as its sysObjectID tells (`vendor.ts`). */
  readonly vendor?: string
  readonly tags: readonly string[]
  /** Which probes it is configured with; an element is reachable by these and by no others. */
  readonly probes: { readonly icmp: boolean; readonly stamp: boolean; readonly snmp: boolean }
  /** Capacity in bit/s by ifName where the box reports another than what was bought (a shaped line). */
  readonly speedOverrides: Readonly<Record<string, number>>
}
