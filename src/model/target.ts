import type { ElementId } from './network-element.ts'

/** SNMPv3 authentication protocols (RFC 3414, RFC 7860) and privacy protocols (RFC 3826). */
export type AuthProtocol = 'md5' | 'sha' | 'sha224' | 'sha256' | 'sha384' | 'sha512'
export type PrivProtocol = 'des' | 'aes' | 'aes192' | 'aes256'

/** How an element's agent is asked. Secrets: never logged, never served. */
export type SnmpAccess = {
  readonly port: number
  /** Further addresses that the box may answer from. */
  readonly acceptFrom: readonly string[]
} & (
  | { readonly version: '1' | '2c'; readonly community: string }
  | {
      readonly version: '3'
      readonly user: string
      readonly auth?: { readonly protocol: AuthProtocol; readonly password: string }
      readonly priv?: { readonly protocol: PrivProtocol; readonly password: string }
    }
)

/** How one element is polled. */
export interface Target {
  readonly element: ElementId
  readonly address: string
  readonly icmp: boolean
  /** STAMP reflector (RFC 8762): UDP port, and whether it keeps its own sequence numbers (stateful, §4.2). */
  readonly stamp?: { readonly port: number; readonly stateful: boolean }
  readonly snmp?: SnmpAccess
  readonly speedOverrides: Readonly<Record<string, number>>
}
