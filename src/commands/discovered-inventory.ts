import {
  type FoundElement,
  neighbourFinder,
  type Unreached,
  type Walk,
} from '../collect/discovery/walk-network.ts'
import { learnedLinks, type Sighting } from '../inventory/learned-links.ts'
import { mergeLinks } from '../inventory/merge-links.ts'
import { type InterfaceList, interfaceList } from '../model/interface-list.ts'
import type { Inventory } from '../model/inventory.ts'
import { type Link, linkBetween } from '../model/link.ts'
import type { ElementId } from '../model/network-element.ts'
import { systemNames } from '../model/system-names.ts'
import type { SnmpAccess } from '../model/target.ts'

/** What a walk found, in the words of the inventory. */
export interface DiscoveredInventory {
  readonly elements: readonly {
    readonly id: ElementId
    /** Absent where it is the id. Hostile text. */
    readonly name?: string
    readonly address: string
    readonly access: SnmpAccess
    readonly declared: boolean
  }[]
  readonly links: readonly Link[]
  readonly unreached: readonly (Omit<Unreached, 'seenFrom'> & { readonly seenFrom: ElementId })[]
}

const longestId = 64

/** As the configuration wants ids: whatever else is in a name becomes a hyphen. */
export function validId(name: string, address: string): ElementId {
  const id = name
    .replace(/[^A-Za-z0-9._:-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, longestId)
  return id === '' ? address.slice(0, longestId) : id
}

/** Gives each element an id: the declared one where its address or name is declared, else one made from its name. */
function identified(
  elements: readonly FoundElement[],
  inventory: Inventory,
): ReadonlyMap<FoundElement, { readonly id: ElementId; readonly declared: boolean }> {
  const byAddress = new Map<string, ElementId>()
  for (const { id, address } of inventory.elements.values())
    if (address !== undefined) byAddress.set(address, id)
  const byName = systemNames(
    [...inventory.elements.values()].flatMap(({ id, name }) => [[id, id] as const, [name, id] as const]),
  )
  const taken = new Set<ElementId>(inventory.elements.keys())
  const used = new Set<ElementId>()
  const ids = new Map<FoundElement, { id: ElementId; declared: boolean }>()
  const claim = (element: FoundElement, known: ElementId | undefined) => {
    if (known === undefined || used.has(known) || ids.has(element)) return
    used.add(known)
    ids.set(element, { id: known, declared: true })
  }
  // Addresses first, of all: a box that calls itself as another does must not take its place.
  for (const element of elements)
    claim(element, element.addresses.map((address) => byAddress.get(address)).find(Boolean))
  for (const element of elements) claim(element, byName(element.name))
  for (const element of elements) {
    if (ids.has(element)) continue
    const wanted = validId(element.name, element.addresses[0])
    let id = wanted
    for (let number = 2; taken.has(id); number++) {
      const suffix = `-${number}`
      id = wanted.slice(0, longestId - suffix.length) + suffix
    }
    taken.add(id)
    ids.set(element, { id, declared: false })
  }
  return ids
}

/** `onlyNew` leaves out elements that are declared, and links that are. */
export function inventoryOf(walk: Walk, inventory: Inventory, onlyNew: boolean): DiscoveredInventory {
  const ids = identified(walk.elements, inventory)
  const remoteOf = neighbourFinder(walk.elements)
  const idOf = (element: FoundElement | undefined) =>
    element === undefined ? undefined : ids.get(element)?.id
  const sightings = new Map<string, Sighting>()
  const interfaces = new Map<ElementId, InterfaceList>()
  for (const [element, { id }] of ids) {
    interfaces.set(id, interfacesOf(element, id))
    for (const neighbour of element.neighbours) {
      const remote = idOf(remoteOf(neighbour))
      if (remote === undefined || remote === id) continue
      // A cable that both LLDP and CDP tell of is one.
      const key = JSON.stringify([id, neighbour.localPort, remote])
      if (!sightings.has(key))
        sightings.set(key, {
          element: id,
          port: neighbour.localPort,
          remote,
          remotePort: neighbour.port,
        })
    }
  }
  const learned = learnedLinks([...sightings.values()], interfaces)
  const links = onlyNew
    ? mergeLinks(inventory.links, learned).filter((link) => link.source === 'lldp')
    : learned.map(({ a, b, aPort, bPort }) =>
        linkBetween(
          { element: a, ...(aPort === undefined ? {} : { interface: aPort }) },
          { element: b, ...(bPort === undefined ? {} : { interface: bPort }) },
          'lldp',
        ),
      )
  const byAddress = new Map(
    walk.elements.flatMap((element) => element.addresses.map((address) => [address, element])),
  )
  return {
    elements: [...ids]
      .filter(([, { declared }]) => !(onlyNew && declared))
      .map(([element, { id, declared }]) => ({
        id,
        ...(element.name === id || element.name === '' ? {} : { name: element.name }),
        address: element.addresses[0],
        access: element.access,
        declared,
      }))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    links,
    unreached: walk.unreached.map((one) => ({
      ...one,
      seenFrom: idOf(byAddress.get(one.seenFrom)) ?? one.seenFrom,
    })),
  }
}

/** As far as links are told apart by them. */
const interfacesOf = (element: FoundElement, id: ElementId): InterfaceList =>
  interfaceList(
    id,
    0,
    element.ports.map((port) => ({ ...port, adminStatus: 'unknown', operStatus: 'unknown', speedBps: 0 })),
  )
