import type { ElementId } from '../../model/network-element.ts'
import type { AgentReading, Neighbour, Reading } from '../../model/reading.ts'
import type { SnmpAccess, Target } from '../../model/target.ts'
import type { Clock } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import type { Probe } from '../probe.ts'
import { type BulkPace, createBulkPace } from './bulk-pace.ts'
import { failureOf } from './failure-of.ts'
import { readInterfaces } from './read-interfaces.ts'
import { readNeighbours } from './read-neighbours.ts'
import { readSystem } from './read-system.ts'
import { SnmpFailure } from './snmp-failure.ts'
import { createSnmpSession, type Requests, type SnmpSession } from './snmp-session.ts'

export interface SnmpSettings {
  /** How long each attempt waits for an answer. */
  readonly timeoutMs: number
  /** Further attempts after the first. */
  readonly retries: number
}

export interface SnmpProbeDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** More interfaces, or neighbours, than this are taken for a table without end. */
const maxRows = 10_000
/** Cables move seldom, and the tables are large. */
const neighboursEveryMs = 300_000

/** What is kept of an agent between polls. */
interface Agent {
  readonly session: SnmpSession
  /** How it is asked; when that changes, a new session is made. */
  readonly key: string
  /** Each table has its own: the rows of one may be far larger than those of the other. */
  readonly interfacePace: BulkPace
  readonly neighbourPace: BulkPace
  interfaces: number | undefined
  neighbours: readonly Neighbour[] | undefined
  neighboursDueAt: number
}

/**
 * Asks SNMP agents (v1, v2c, v3) for the system group, ifTable, ifXTable and, every five minutes, their LLDP
 * neighbours; in between, the neighbours of last time are told. A failed poll is a reading; nothing a network sends
 * makes it throw.
 */
export async function createSnmpProbe(settings: SnmpSettings, deps: SnmpProbeDeps): Promise<Probe> {
  const { clock, log, metrics } = deps
  const limits = { maxRows, retries: settings.retries }
  const agents = new Map<ElementId, Agent>()
  const logged = new Set<string>()

  const agentOf = (target: Target, access: SnmpAccess): Agent => {
    const { element, address } = target
    const key = JSON.stringify([address, access])
    const known = agents.get(element)
    if (known?.key === key) return known
    known?.session.close()
    const session = createSnmpSession({
      ...settings,
      address,
      access,
      onRefused: (reason, from) => {
        metrics.packetsRefused.inc({ protocol: 'snmp', reason })
        if (logged.has(`${element} ${reason}`)) return
        logged.add(`${element} ${reason}`)
        log.warn({ element, reason, from }, 'snmp packet refused')
      },
      onSocketError: (error) => log.warn({ element, err: error }, 'snmp socket failed'),
    })
    const agent: Agent = {
      session,
      key,
      interfacePace: createBulkPace(),
      neighbourPace: createBulkPace(),
      interfaces: undefined,
      neighbours: undefined,
      neighboursDueAt: 0,
    }
    agents.set(element, agent)
    return agent
  }

  /** Neighbours are of less worth than the rest of the poll: a table that cannot be read does not fail it. */
  const renewNeighbours = async (
    agent: Agent,
    requests: Requests,
    reading: AgentReading,
    element: ElementId,
  ) => {
    agent.neighboursDueAt = clock.now() + neighboursEveryMs
    try {
      agent.neighbours = await readNeighbours(
        requests,
        reading.interfaces.map(({ port }) => port),
        // Most agents without LLDP show it by the first row that they give.
        { ...limits, pace: agent.neighbourPace, expectedRows: agent.neighbours?.length ?? 0 },
      )
      agent.neighbourPace.pollEnded()
    } catch (error) {
      if (!(error instanceof SnmpFailure)) throw error
      log.debug({ element, reason: error.message }, 'lldp tables not read')
    }
  }

  const ask = async (
    agent: Agent,
    element: ElementId,
    at: number,
    signal: AbortSignal,
  ): Promise<AgentReading> => {
    const requests = agent.session.poll(signal)
    const system = await readSystem(requests)
    const interfaces = await readInterfaces(requests, element, at, {
      ...limits,
      pace: agent.interfacePace,
      expectedRows: agent.interfaces,
    })
    agent.interfacePace.pollEnded()
    agent.interfaces = interfaces.length
    const reading = { system, interfaces, requests: requests.count() }
    if (clock.now() >= agent.neighboursDueAt) await renewNeighbours(agent, requests, reading, element)
    const neighbours = agent.neighbours === undefined ? {} : { neighbours: agent.neighbours }
    return { ...reading, ...neighbours, requests: requests.count() }
  }

  const poll = async (target: Target, access: SnmpAccess, signal: AbortSignal): Promise<Reading> => {
    const { element } = target
    const at = clock.now()
    const startedAt = performance.now()
    const end = () => ({ element, at, probe: 'snmp' as const, durationMs: performance.now() - startedAt })
    const agent = agentOf(target, access)
    try {
      const reading = await ask(agent, element, at, signal)
      return { ...end(), outcome: 'answered', agent: reading }
    } catch (error) {
      if (!(error instanceof SnmpFailure)) log.error({ element, err: error }, 'snmp poll failed by a defect')
      const failure = failureOf(error instanceof Error ? error : new Error(messageOf(error)))
      const { outcome, message: problem } = agent.session.explain(failure)
      // What is held of a v3 engine may be the very reason; discovering it again costs one small message.
      if (outcome !== 'notSent' && access.version === '3') agent.session.reset()
      return { ...end(), outcome, problem }
    }
  }

  return {
    name: 'snmp',
    batched: false,
    engine: 'net-snmp 3 (v1, v2c, v3)',
    async measure(targets, deliver, signal) {
      const polls = targets.map(async (target) => {
        if (target.snmp !== undefined) deliver(await poll(target, target.snmp, signal))
      })
      await Promise.all(polls)
    },
    async close() {
      for (const { session } of agents.values()) session.close()
      agents.clear()
    },
  }
}
