import type { ElementId } from '../../model/network-element.ts'
import type { ProfileReading } from '../../model/profile.ts'
import type { AgentReading, Neighbour, Reading, SystemGroup } from '../../model/reading.ts'
import type { SnmpAccess, Target } from '../../model/target.ts'
import type { Clock } from '../../platform/clock.ts'
import { messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import type { Probe } from '../probe.ts'
import { type AgentMemo, type AgentMemory, createAgentMemory } from './agent-memory.ts'
import { BulkPace } from './bulk-pace.ts'
import { InterfaceReader } from './interface-reader.ts'
import { readNeighbours } from './read-neighbours.ts'
import { createSnmpClient } from './snmp-client.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Requests, SnmpSession } from './snmp-session.ts'
import type { PacketWatch } from './transport/packet-watch.ts'
import type { Refusal } from './transport/refusal.ts'
import { WalkPlans } from './walk-plan.ts'

export interface SnmpSettings {
  /** How long each attempt waits for an answer, at most. */
  readonly timeoutMs: number
  /** Further attempts after the first. */
  readonly retries: number
}

export interface SnmpProbeDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
  /** Where what is known of agents outlives us. Default: nowhere. */
  readonly memory?: AgentMemory
  readonly watch?: PacketWatch
  /** Reads what profiles ask for of an element, after its interfaces; a failure costs the poll nothing else. */
  readonly readProfile?: (
    element: ElementId,
    system: SystemGroup,
    requests: Requests,
    pace: BulkPace,
  ) => Promise<ProfileReading | undefined>
}

/**
 * More than this are taken for a table without end. Large BNGs have an interface for each of tens of thousands of
 * subscribers; the deadline of the poll and the limit of texts hold for an endless table besides.
 */
const maxInterfaces = 65_536
const maxNeighbours = 10_000
/** Cables move seldom, and the tables are large. */
const neighboursEveryMs = 300_000
/** Nor are they read more often than this, whoever asks: that is how often LLDP itself tells of a change at most. */
const neighboursGapMs = 30_000

/** What is kept of an agent between polls. */
interface Known {
  readonly agent: SnmpSession
  /** As it was given last: the same object is asked in the same way. */
  target: Target
  /** Each table has its own: the rows of one may be far larger than those of the other. */
  readonly interfacePace: BulkPace
  readonly otherPace: BulkPace
  readonly reader: InterfaceReader
  neighbours: readonly Neighbour[] | undefined
  neighboursReadAt: number
  /** Someone has reason to think that they changed. */
  neighboursWanted: boolean
  /** The last poll had no answer at all. */
  silent: boolean
  memo: AgentMemo
}

/** Also when the clock was set back. */
function neighboursAreDue({ neighboursReadAt, neighboursWanted }: Known, now: number): boolean {
  const age = now - neighboursReadAt
  return age < 0 || age >= (neighboursWanted ? neighboursGapMs : neighboursEveryMs)
}

/** How an element is asked: when that changes, all that is known of its agent is of another one. */
const askedAs = ({ address, snmp }: Target): string => JSON.stringify([address, snmp])

/**
 * Asks SNMP agents (v1, v2c, v3) for the system group and their interfaces, and every five minutes, or when they are to
 * be renewed, for their LLDP neighbours; in between, the neighbours of last time are told. A failed poll is a reading; nothing a network sends
 * makes it throw. An agent that was silent last time is sent one small request, and more once that is answered.
 */
export async function createSnmpProbe(settings: SnmpSettings, deps: SnmpProbeDeps): Promise<Probe> {
  const { clock, log, metrics, memory = createAgentMemory() } = deps
  const agents = new Map<ElementId, Known>()
  const plans = new WalkPlans()
  const logged = new Set<string>()

  const countRefused = (reason: Refusal) => metrics.packetsRefused.inc({ protocol: 'snmp', reason })
  const client = await createSnmpClient({
    clock,
    log,
    ...(deps.watch === undefined ? {} : { watch: deps.watch }),
    onStranger(reason, from) {
      countRefused(reason)
      log.debug({ reason, from }, 'snmp packet refused')
    },
  })

  const knownOf = (target: Target, access: SnmpAccess): Known => {
    const { element, address } = target
    const before = agents.get(element)
    if (before?.target === target) return before
    if (before !== undefined && askedAs(before.target) === askedAs(target)) {
      before.target = target
      return before
    }
    before?.agent.close()
    const memo = memory.recall(element) ?? {}
    const agent = client.agent({
      ...settings,
      address,
      access,
      ...(memo.engine === undefined ? {} : { engine: memo.engine }),
      onRefused(reason, from) {
        countRefused(reason)
        if (reason === 'late' || logged.has(`${element} ${reason}`)) return
        logged.add(`${element} ${reason}`)
        log.warn({ element, reason, from }, 'snmp packet refused')
      },
    })
    const interfacePace = new BulkPace(memo.maxRepetitions)
    const known: Known = {
      agent,
      target,
      interfacePace,
      otherPace: new BulkPace(memo.maxRepetitions),
      reader: new InterfaceReader({ element, pace: interfacePace, maxRows: maxInterfaces, plans }),
      neighbours: undefined,
      neighboursReadAt: Number.NEGATIVE_INFINITY,
      neighboursWanted: false,
      silent: false,
      memo,
    }
    agents.set(element, known)
    return known
  }

  /** Neighbours are of less worth than the rest of the poll: a table that cannot be read does not fail it. */
  const renewNeighbours = async (
    known: Known,
    requests: Requests,
    { interfaces }: Pick<AgentReading, 'interfaces'>,
    element: ElementId,
  ) => {
    known.neighboursReadAt = clock.now()
    known.neighboursWanted = false
    try {
      known.neighbours = await readNeighbours(requests, interfaces.ports, {
        maxRows: maxNeighbours,
        pace: known.otherPace,
        // Most agents without LLDP show it by the first row that they give.
        expectedRows: known.neighbours?.length ?? 0,
      })
      known.otherPace.pollEnded()
    } catch (error) {
      if (!(error instanceof SnmpFailure)) throw error
      log.debug({ element, reason: error.message }, 'lldp tables not read')
    }
  }

  const profileOf = async (known: Known, requests: Requests, element: ElementId, system: SystemGroup) => {
    try {
      return await deps.readProfile?.(element, system, requests, known.otherPace)
    } catch (error) {
      if (!(error instanceof SnmpFailure)) throw error
      log.debug({ element, reason: error.message }, 'profile not read')
      return undefined
    }
  }

  const ask = async (
    known: Known,
    element: ElementId,
    at: number,
    requests: Requests,
  ): Promise<AgentReading> => {
    requests.once = known.silent
    const { system, interfaces } = await known.reader.read(requests, at)
    known.interfacePace.pollEnded()
    if (neighboursAreDue(known, clock.now())) await renewNeighbours(known, requests, { interfaces }, element)
    const profile = await profileOf(known, requests, element, system)
    return {
      system,
      interfaces,
      ...(known.neighbours === undefined ? {} : { neighbours: known.neighbours }),
      ...(profile === undefined ? {} : { profile }),
      requests: requests.count(),
    }
  }

  /** Told when something is to be kept that is not kept already. */
  const remember = (known: Known, element: ElementId) => {
    const { agent, interfacePace, memo } = known
    const engine = agent.engine()
    const maxRepetitions = interfacePace.isLimited ? interfacePace.rows : undefined
    const isKept =
      memo.maxRepetitions === maxRepetitions &&
      memo.engine?.id === engine?.id &&
      memo.engine?.boots === engine?.boots
    if (isKept) return
    known.memo = {
      ...(maxRepetitions === undefined ? {} : { maxRepetitions }),
      ...(engine === undefined ? {} : { engine }),
    }
    memory.keep(element, known.memo)
  }

  const poll = async (target: Target, access: SnmpAccess, signal: AbortSignal): Promise<Reading> => {
    const { element } = target
    const at = clock.now()
    const startedAt = performance.now()
    const end = () => ({ element, at, probe: 'snmp' as const, durationMs: performance.now() - startedAt })
    const known = knownOf(target, access)
    let answered = false
    try {
      const agent = await known.agent.poll(signal, async (requests) => {
        try {
          return await ask(known, element, at, requests)
        } finally {
          answered = requests.answered
        }
      })
      known.silent = false
      remember(known, element)
      return { ...end(), outcome: 'answered', agent }
    } catch (error) {
      if (!(error instanceof SnmpFailure)) log.error({ element, err: error }, 'snmp poll failed by a defect')
      const failure = error instanceof SnmpFailure ? error : new SnmpFailure('notSent', messageOf(error))
      const { outcome, message: problem } = known.agent.explain(failure)
      known.silent = failure.kind === 'timeout' && !answered
      // What is held of a v3 engine may be the very reason; discovering it again costs one small message.
      if (outcome !== 'notSent') known.agent.reset()
      return { ...end(), outcome, problem }
    }
  }

  return {
    name: 'snmp',
    batched: false,
    engine: `own codec (v1, v2c, v3), ${client.sockets} sockets, receive buffer ${Math.round(client.receiveBuffer / 1024)} KiB`,
    async measure(targets, deliver, signal) {
      const pollOne = async (target: Target) => {
        if (target.snmp !== undefined) deliver(await poll(target, target.snmp, signal))
      }
      const [only, ...others] = targets
      if (only !== undefined && others.length === 0) await pollOne(only)
      else await Promise.all(targets.map(pollOne))
    },
    renew(element) {
      const known = agents.get(element)
      if (known) known.neighboursWanted = true
    },
    close: client.close,
  }
}
