import { plainAddress } from '../collect/traps/trap-receiver.ts'
import type { Inventory } from '../model/inventory.ts'
import type { ElementId } from '../model/network-element.ts'

/**
 * Finds the element that a trap comes from: by its address, or by one that it may answer from. An address that two
 * elements have means neither.
 */
export function trapSenders({ elements, targets }: Inventory): (address: string) => ElementId | undefined {
  const owners = new Map<string, ElementId | null>()
  for (const { id, address } of elements.values())
    for (const own of [address ?? [], targets.get(id)?.snmp?.acceptFrom ?? []].flat().map(plainAddress)) {
      const owner = owners.get(own)
      owners.set(own, owner === undefined || owner === id ? id : null)
    }
  return (address) => owners.get(plainAddress(address)) ?? undefined
}
