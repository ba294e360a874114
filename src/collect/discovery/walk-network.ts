import { systemNames } from '../../model/system-names.ts'
import type { SnmpAccess } from '../../model/target.ts'
import type { NeighbourReader, SeenElement, SeenNeighbour } from './neighbour-reader.ts'

export interface WalkOptions {
  /** Where it begins; each must be allowed. */
  readonly seeds: readonly string[]
  /** Whether an address may be asked at all. */
  allowed(address: string): boolean
  /** Ways to ask an address, the likeliest first. */
  accesses(address: string): readonly SnmpAccess[]
  /** An address of a neighbour that tells none, by its system name. */
  addressOf(system: string): string | undefined
  readonly maxElements: number
  /** Agents asked at a time. */
  readonly concurrency: number
}

export interface FoundElement extends SeenElement {
  /** The one that answered first; then others of the same element. */
  readonly addresses: readonly [string, ...string[]]
  readonly access: SnmpAccess
}

/** A neighbour that is not among the elements found. */
export interface Unreached {
  readonly neighbour: SeenNeighbour
  /** Address of the element that tells of it. */
  readonly seenFrom: string
  readonly why: 'no-address' | 'not-allowed' | 'no-answer' | 'not-asked'
}

export interface Walk {
  /** In the order in which they answered. */
  readonly elements: readonly FoundElement[]
  readonly unreached: readonly Unreached[]
  /** Seeds that did not answer, and what they did instead. */
  readonly failedSeeds: readonly { readonly address: string; readonly problem: string }[]
  /** Addresses that were asked. */
  readonly asked: number
  /** A limit ended it. */
  readonly truncated: boolean
}

/** Addresses asked for each element allowed: most neighbours of a network are telephones and computers. */
const askedForEach = 10

/** One thing to ask, by any of its addresses. */
interface Lead {
  readonly addresses: readonly string[]
  readonly neighbour?: SeenNeighbour
}

/**
 * Goes from neighbour to neighbour. No address is asked twice, none that is not allowed is asked at all, and an element
 * that has several addresses is found once: by its chassis id and name, else by what it tells of itself.
 */
export async function walkNetwork(
  options: WalkOptions,
  reader: NeighbourReader,
  signal: AbortSignal,
): Promise<Walk> {
  const { allowed, maxElements } = options
  const asked = new Set<string>()
  const answered = new Set<string>()
  const found = new Map<string, FoundElement>()
  const namesByChassis = new Map<string, Set<string>>()
  const failedSeeds: { address: string; problem: string }[] = []
  const leads: Lead[] = options.seeds.map((seed) => ({ addresses: [seed] }))
  const mostAsked = options.seeds.length + askedForEach * maxElements
  let truncated = false

  /** By chassis id, as long as what is told of its name fits. */
  const isFound = ({ chassis, system }: SeenNeighbour) => {
    const names = chassis === undefined ? undefined : namesByChassis.get(chassis)
    return names !== undefined && (system === '' || names.has(system.toLowerCase()))
  }

  /** Tries the ways in order; the first that is answered is the right one. */
  async function ask(address: string): Promise<string | undefined> {
    asked.add(address)
    let problem = 'there is no way to ask it'
    for (const access of options.accesses(address)) {
      if (signal.aborted) return 'stopped'
      const read = await reader.read(address, access, signal)
      if (read.outcome === 'answered') {
        answered.add(address)
        take(read.element, address, access)
        return undefined
      }
      problem = read.problem
    }
    return problem
  }

  function take(element: SeenElement, address: string, access: SnmpAccess): void {
    const key = identityOf(element)
    const known = found.get(key)
    if (known !== undefined) {
      found.set(key, { ...known, addresses: [...known.addresses, address] })
      return
    }
    if (found.size >= maxElements) {
      truncated = true
      return
    }
    found.set(key, { ...element, addresses: [address], access })
    const { chassis, name } = element
    if (chassis !== undefined)
      namesByChassis.set(chassis, (namesByChassis.get(chassis) ?? new Set()).add(name.toLowerCase()))
    for (const neighbour of element.neighbours) leads.push({ addresses: leadsTo(neighbour), neighbour })
  }

  const leadsTo = ({ addresses, system }: SeenNeighbour): readonly string[] => {
    const declared = options.addressOf(system)
    return [...new Set([...(declared === undefined ? [] : [declared]), ...addresses])].filter(allowed)
  }

  async function follow({ addresses, neighbour }: Lead): Promise<void> {
    for (const address of addresses) {
      if (answered.has(address) || (neighbour !== undefined && isFound(neighbour))) return
      if (asked.has(address)) continue
      if (found.size >= maxElements || asked.size >= mostAsked) {
        truncated = true
        return
      }
      const problem = await ask(address)
      if (problem === undefined) return
      if (neighbour === undefined) failedSeeds.push({ address, problem })
    }
  }

  /** As many at a time as allowed; the end comes when none is under way and none is left. */
  const underWay = new Set<Promise<void>>()
  while (!signal.aborted && (leads.length > 0 || underWay.size > 0)) {
    while (leads.length > 0 && underWay.size < options.concurrency) {
      const lead = leads.shift()
      if (lead === undefined) break
      const step: Promise<void> = follow(lead).finally(() => underWay.delete(step))
      underWay.add(step)
    }
    await Promise.race(underWay)
  }
  await Promise.all(underWay)

  const elements = [...found.values()]
  const remoteOf = neighbourFinder(elements)
  const unreached = elements.flatMap((element) =>
    element.neighbours.flatMap((neighbour): readonly Unreached[] => {
      if (remoteOf(neighbour) !== undefined) return []
      const declared = options.addressOf(neighbour.system)
      const told = [...neighbour.addresses, ...(declared === undefined ? [] : [declared])]
      const open = told.filter(allowed)
      const why =
        told.length === 0
          ? 'no-address'
          : open.length === 0
            ? 'not-allowed'
            : open.some((address) => asked.has(address))
              ? 'no-answer'
              : 'not-asked'
      return [{ neighbour, seenFrom: element.addresses[0], why }]
    }),
  )
  return { elements, unreached, failedSeeds, asked: asked.size, truncated: truncated || signal.aborted }
}

/** A chassis id may be one that many boxes have, or that one takes from another: the rest has to be the same as well. */
const identityOf = ({ chassis, name, objectId, ports }: SeenElement): string =>
  JSON.stringify([
    chassis,
    name.toLowerCase(),
    objectId,
    chassis === undefined && ports.map((port) => [port.index, port.name]),
  ])

/**
 * Which element a neighbour is: by a chassis id that only one has, by its system name, by an address that answered. Where
 * both chassis are known they have to be the same: factory names and addresses are many boxes' own.
 */
export function neighbourFinder(
  elements: readonly FoundElement[],
): (neighbour: SeenNeighbour) => FoundElement | undefined {
  const byChassis = Map.groupBy(elements, ({ chassis }) => chassis)
  const named = (some: readonly FoundElement[]) =>
    systemNames(some.map((element) => [element.name, element] as const))
  const byName = named(elements)
  const byAddress = new Map<string, FoundElement | undefined>()
  for (const element of elements)
    for (const address of element.addresses)
      byAddress.set(address, byAddress.has(address) ? undefined : element)
  return ({ chassis, system, addresses }) => {
    const same = (chassis === undefined ? undefined : byChassis.get(chassis)) ?? []
    if (same.length === 1) return same[0]
    if (same.length > 1) return named(same)(system)
    const possible = (element: FoundElement | undefined) =>
      element && (chassis === undefined || element.chassis === undefined) ? element : undefined
    return (
      possible(byName(system)) ?? addresses.map((address) => possible(byAddress.get(address))).find(Boolean)
    )
  }
}
