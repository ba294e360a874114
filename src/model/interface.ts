import type { ElementId } from './network-element.ts'

/** Name of an interface on its element: ifName, else ifDescr, else ifAlias, else the ifIndex as text (RFC 2863). */
export type InterfaceName = string

/** ifOperStatus and ifAdminStatus of IF-MIB (RFC 2863) as words, by their number; 0 is none of the MIB's. */
export const interfaceStatuses = [
  'unknown',
  'up',
  'down',
  'testing',
  'unknown',
  'dormant',
  'notPresent',
  'lowerLayerDown',
] as const

export type InterfaceStatus = (typeof interfaceStatuses)[number]

/** A port or logical interface, known by its name: the ifIndex may change at any reboot. */
export interface Interface {
  readonly element: ElementId
  readonly name: InterfaceName
  readonly index: number
  /** ifDescr and ifAlias as the box gave them, control characters removed, at most 255 characters. Hostile text. */
  readonly description: string
  readonly alias: string
  readonly adminStatus: InterfaceStatus
  readonly operStatus: InterfaceStatus
  /** bit/s; 0 when the box does not tell. */
  readonly speedBps: number
  /** When this was read, UTC epoch milliseconds. */
  readonly seenAt: number
}

/** Down although it is meant to be up: what an alarm is made from. */
export const isFaulty = (port: Pick<Interface, 'adminStatus' | 'operStatus'>): boolean =>
  port.adminStatus === 'up' && (port.operStatus === 'down' || port.operStatus === 'lowerLayerDown')
