import type { StampReflector } from '../collect/stamp/reflector.ts'
import { startReflector } from '../collect/stamp/reflector.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { PathConditions } from './demo-forwarding.ts'
import { type DemoPlan, type PlannedElement, portTo } from './demo-plan.ts'
import type { PortTotals, Traffic } from './demo-traffic.ts'
import { elementMib, type PortState } from './element-mib.ts'
import { createMibView } from './mib-view.ts'
import { startSnmpAgent } from './snmp-agent.ts'

/** What the element meets at the moment. */
export interface ElementConditions {
  readonly powered: boolean
  /** Absent: no way leads to it. */
  readonly path?: PathConditions
  /** Ports whose fibre or neighbour is dead. */
  readonly portsDown: ReadonlySet<InterfaceName>
}

export interface DemoElementOptions {
  readonly element: PlannedElement
  readonly plan: DemoPlan
  readonly address: string
  readonly snmpPort: number
  readonly stampPort: number
  readonly traffic: Traffic
  readonly clock: Clock
  readonly log: Logger
}

/** A running element: an SNMP agent and a STAMP reflector on one address. */
export interface DemoElement {
  apply(conditions: ElementConditions): void
  close(): Promise<void>
}

/** Has been up for this long when the demo begins, so that it does not look like a mass restart. */
const upForMs = 40 * 86_400_000
/** Octets that every port has counted before: past what 32 bits hold. */
const octetsBefore = 5 * 2 ** 40
/** LLDP forgets a silent neighbour after this (IEEE 802.1AB default: 4 × 30 s). */
const neighbourLivesMs = 120_000

/**
 * Starts the agent and the reflector of one element. It has lost its counters and its uptime when it gets power again.
 *
 * @throws FaultlineError LISTEN_FAILED when one of the ports cannot be had; nothing is left open then.
 */
export async function startDemoElement(options: DemoElementOptions): Promise<DemoElement> {
  const { address, clock, element, log, plan, traffic } = options
  const links = plan.links.filter(({ a, b }) => a === element.id || b === element.id)
  const ports = [
    ...links.map((link) => ({
      ...link,
      name: portTo(otherEnd(link, element.id)),
      far: otherEnd(link, element.id),
    })),
    ...element.ports.map((port) => ({ ...port, far: undefined })),
  ]
  const changedAt = new Map<InterfaceName, number>()
  let conditions: ElementConditions = { powered: true, portsDown: new Set() }
  let boots = 1
  let bootedAt = clock.now() - upForMs
  let countedFrom = new Map<InterfaceName, PortTotals>()

  function portState(port: (typeof ports)[number], now: number): PortState {
    const operUp = !conditions.portsDown.has(port.name)
    const changed = changedAt.get(port.name) ?? bootedAt
    const heard = port.far !== undefined && (operUp || now - changed < neighbourLivesMs)
    return {
      name: port.name,
      alias: port.alias,
      speedBps: port.speedBps,
      adminUp: true,
      operUp,
      changedTicks: Math.max(0, changed - bootedAt) / 10,
      totals: since(traffic.totals(element.id, port.name, now), countedFrom.get(port.name)),
      ...(heard ? { neighbour: { system: port.far, port: portTo(element.id) } } : {}),
    }
  }

  function view() {
    const now = clock.now()
    return createMibView(
      elementMib({
        name: element.id,
        description: `Faultline demo network, simulated ${element.role} element`,
        location: `${element.name}, ${element.site}`,
        upTimeTicks: (now - bootedAt) / 10,
        engineBoots: boots,
        ports: [...ports.map((port) => portState(port, now)), sparePort],
      }),
    )
  }

  const agent = await startSnmpAgent({
    address,
    port: options.snmpPort,
    view,
    engineBoots: () => boots,
    reachability: () => reachability(conditions),
    log,
  })
  let reflector: StampReflector
  try {
    reflector = await startReflector({ address, port: options.stampPort, stateful: true, log })
  } catch (error) {
    await agent.close()
    throw error
  }

  function restart(now: number): void {
    boots++
    bootedAt = now
    changedAt.clear()
    countedFrom = new Map(ports.map(({ name }) => [name, traffic.totals(element.id, name, now)]))
  }

  return {
    apply(next) {
      const now = clock.now()
      for (const { name } of ports)
        if (next.portsDown.has(name) !== conditions.portsDown.has(name)) changedAt.set(name, now)
      if (next.powered && !conditions.powered) restart(now)
      conditions = next
      const path = next.powered ? next.path : undefined
      reflector.inject(path ?? { lossForward: 1 })
    },
    async close() {
      await Promise.all([agent.close(), reflector.close()])
    },
  }
}

/** A port that nobody uses and that is switched off: down, and no fault. */
const sparePort: PortState = {
  name: 'spare',
  alias: '',
  speedBps: 1_000_000_000,
  adminUp: false,
  operUp: false,
  changedTicks: 0,
  totals: { inOctets: 0, outOctets: 0, inErrors: 0, outDiscards: 0 },
}

const otherEnd = (link: { readonly a: string; readonly b: string }, element: string) =>
  link.a === element ? link.b : link.a

/** Counted since the element started; when that was before the demo, on top of what it had. */
const since = (totals: PortTotals, start: PortTotals | undefined): PortTotals =>
  start === undefined
    ? { ...totals, inOctets: totals.inOctets + octetsBefore, outOctets: totals.outOctets + octetsBefore }
    : {
        inOctets: totals.inOctets - start.inOctets,
        outOctets: totals.outOctets - start.outOctets,
        inErrors: totals.inErrors - start.inErrors,
        outDiscards: totals.outDiscards - start.outDiscards,
      }

function reachability({ powered, path }: ElementConditions) {
  if (!powered || path === undefined) return undefined
  return { delayMs: path.delayForwardMs + path.delayBackwardMs, lossRatio: path.lossForward }
}
