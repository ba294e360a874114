import { type InterfaceColumns, InterfaceList } from '../../model/interface-list.ts'
import type { ElementId } from '../../model/network-element.ts'
import { createSampleMaker, type InterfaceValues } from '../../model/poll-samples.ts'
import type { AgentSummary, Neighbour, PollOf, PollResult } from '../../model/reading.ts'
import type { Sample } from '../../model/sample.ts'

/** What changes seldom is sent when it does, and is `same` in between. */
interface PackedAgent extends Pick<AgentSummary, 'system' | 'requests'> {
  readonly ports: InterfaceColumns | 'same'
  readonly neighbours?: readonly Neighbour[] | 'same'
}

/** One poll, with the values of its interfaces among those of a batch. */
interface PlacedPoll<Result> {
  readonly result: Result
  /** All samples but those of interfaces. */
  readonly samples: readonly Sample[]
  /** The sample of each port of the agent stands behind `after` others; their values begin at `from`. */
  readonly interfaces?: Pick<InterfaceValues, 'after' | 'from'>
}

export type GatheredPoll = PlacedPoll<PollResult>

/** One poll on its way between threads. */
export type PackedPoll = PlacedPoll<PollOf<PackedAgent>>

/**
 * Makes polls small and cheap to send: lists that the poll before had as well are not sent. The receiver must be given
 * every poll that was packed, in order.
 */
export function createPollPacker(): (poll: GatheredPoll) => PackedPoll {
  const sent = new Map<
    ElementId,
    { readonly ports: InterfaceList; readonly neighbours: AgentSummary['neighbours'] }
  >()

  const packAgent = (element: ElementId, agent: AgentSummary): PackedAgent => {
    const { system, requests, neighbours } = agent
    const { ports } = agent.interfaces
    const before = sent.get(element)
    if (before?.ports !== ports || before.neighbours !== neighbours) sent.set(element, { ports, neighbours })
    return {
      system,
      requests,
      ports: before?.ports === ports ? 'same' : ports.columns,
      ...(neighbours === undefined
        ? {}
        : { neighbours: before?.neighbours === neighbours ? 'same' : neighbours }),
    }
  }

  return ({ result, ...values }) => {
    if (result.probe !== 'snmp') return { result, ...values }
    const { agent, ...rest } = result
    if (agent === undefined) return { result: rest, ...values }
    return { result: { ...rest, agent: packAgent(result.element, agent) }, ...values }
  }
}

interface Known {
  readonly ports: InterfaceList
  readonly neighbours: AgentSummary['neighbours']
}

/** Undoes what the packer did. It knows the lists that it was sent, so each packer needs one of its own. */
export function createPollUnpacker(): (
  packed: PackedPoll,
  values: Float64Array,
) => { result: PollResult; samples: readonly Sample[] } {
  const known = new Map<ElementId, Known>()
  const toSamples = createSampleMaker()

  const portsOf = (packed: PackedAgent['ports'], before: Known | undefined): InterfaceList => {
    if (packed !== 'same') return new InterfaceList(packed)
    if (before === undefined) throw new Error('a poll was left out')
    return before.ports
  }

  const unpackAgent = (element: ElementId, agent: PackedAgent): AgentSummary => {
    const before = known.get(element)
    const ports = portsOf(agent.ports, before)
    const neighbours = agent.neighbours === 'same' ? before?.neighbours : agent.neighbours
    if (before?.ports !== ports || before.neighbours !== neighbours) known.set(element, { ports, neighbours })
    const { system, requests } = agent
    return { system, requests, interfaces: { ports }, ...(neighbours === undefined ? {} : { neighbours }) }
  }

  return ({ result, samples, interfaces }, values) => {
    if (result.probe !== 'snmp') return { result, samples }
    const { agent: packed, ...rest } = result
    if (packed === undefined) return { result: rest, samples }
    const agent = unpackAgent(result.element, packed)
    const unpacked: PollResult = { ...rest, agent }
    if (interfaces === undefined) return { result: unpacked, samples }
    const { ports } = agent.interfaces
    const made = toSamples({ samples, interfaces: { ...interfaces, ports, at: result.at, values } })
    return { result: unpacked, samples: made }
  }
}
