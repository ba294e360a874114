import type { Interface } from '../../../src/model/interface.ts'
import { tableOf } from '../../../src/model/interface-table.ts'
import type { AgentReading, Neighbour } from '../../../src/model/reading.ts'
import type { World } from './world.ts'
import { endsFrom, type WorldLink } from './world-network.ts'

/** What the agents of a world tell: ports with counters, and neighbours where they are told. */
export function createWorldAgents(world: World) {
  const { network } = world
  const wires = [...world.links.keys()]
  const memory = new Map<string, { readonly key: string; readonly ports: readonly Interface[] }>()

  const linksOf = (element: string): readonly WorldLink[] =>
    wires.filter(({ a, b }) => a.element === element || b.element === element)

  /** The same array while nothing changed, as the daemon's own reader has it. */
  function portsOf(element: string): readonly Interface[] {
    const states = linksOf(element).map((link) => ({ link, light: world.hasLight(link) }))
    const key = states.map(({ light }) => (light ? 'u' : 'd')).join('')
    const known = memory.get(element)
    if (known?.key === key) return known.ports
    const ports = states.map(({ link, light }, row): Interface => {
      const [own] = endsFrom(link, element)
      return {
        element,
        name: own.port,
        index: row + 1,
        description: own.port,
        alias: '',
        adminStatus: 'up',
        operStatus: light ? 'up' : 'down',
        speedBps: link.speedBps,
        seenAt: 0,
      }
    })
    memory.set(element, { key, ports })
    return ports
  }

  function neighboursOf(element: string): readonly Neighbour[] | undefined {
    const told = linksOf(element).filter(
      ({ known }) => known === 'lldp' || (network.lldp && known !== 'hidden'),
    )
    if (!network.lldp && told.length === 0) return undefined
    return told
      .filter((link) => world.hasLight(link))
      .map((link) => {
        const [own, far] = endsFrom(link, element)
        return { localPort: own.port, remoteSystem: far.element, remotePort: far.port }
      })
  }

  /** Counters begin at zero when the element gets its power. */
  const countersOf = (element: string, link: WorldLink, at: number) => {
    const [into, out] = world.octets(element, link, at)
    const [intoBase, outBase] = world.condition(element).counterBase.get(link) ?? [0n, 0n]
    const [inOctets, outOctets] = [into - intoBase, out - outBase]
    return {
      inOctets,
      outOctets,
      inPackets: inOctets / 1000n,
      outPackets: outOctets / 1000n,
      width: 64 as const,
    }
  }

  return (element: string, at: number): AgentReading => {
    const ports = portsOf(element)
    const links = linksOf(element)
    const rows = ports.flatMap((port, row) => {
      const link = links[row]
      return link ? [{ port, counters: countersOf(element, link, at) }] : []
    })
    const neighbours = neighboursOf(element)
    return {
      system: {
        description: 'simulated',
        objectId: '1.3.6.1.4.1.99999',
        name: element,
        location: '',
        upTimeTicks: Math.floor((at - world.condition(element).bootedAt) / 10),
      },
      interfaces: tableOf(rows),
      ...(neighbours === undefined ? {} : { neighbours }),
      requests: 4,
    }
  }
}
