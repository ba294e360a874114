import type { Interface } from '../../model/interface.ts'
import { type FieldOf, measurements, type TagOf } from '../../model/measurements.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { AgentSummary, Neighbour, PollOf, PollResult } from '../../model/reading.ts'
import { type Sample, sampleOf } from '../../model/sample.ts'

/** What changes seldom is sent when it does, and is `same` in between. */
interface PackedAgent extends Pick<AgentSummary, 'system' | 'requests'> {
  readonly ports: readonly Interface[] | 'same'
  readonly neighbours?: readonly Neighbour[] | 'same'
}

/** One poll on its way between threads. */
export interface PackedPoll {
  readonly result: PollOf<PackedAgent>
  /** All but those of interfaces. */
  readonly samples: readonly Sample[]
  /** One sample for each port of the agent stands at `at` among the others; its values begin at `from` in the rates. */
  readonly interfaces?: { readonly at: number; readonly from: number }
}

type InterfaceField = FieldOf<'interface'>

const isField = (name: string): name is InterfaceField => name in measurements.interface.fields
const fieldNames = Object.keys(measurements.interface.fields).filter(isField)
const width = fieldNames.length

/** Where the samples of interfaces begin; -1 unless there is one for each port, in order, with nothing but numbers. */
function interfacesAt({ element, at }: PollResult, ports: readonly Interface[], samples: readonly Sample[]) {
  const first = samples.findIndex(({ measurement }) => measurement === 'interface')
  const isPlain = ports.every((port, row) => {
    const sample = samples[first + row]
    return (
      sample?.measurement === 'interface' &&
      sample.at === at &&
      sample.tags.element === element &&
      sample.tags.interface === port.name &&
      hasOnlyNumbers(sample.fields)
    )
  })
  return isPlain ? first : -1
}

function hasOnlyNumbers(fields: Sample['fields']): boolean {
  for (const name in fields) if (typeof fields[name] !== 'number') return false
  return true
}

/**
 * Makes polls small and cheap to send: samples of interfaces, which are almost all, as numbers in one array for many
 * polls, and lists that the poll before had as well not at all. The receiver must be given every poll, in order.
 */
export function createPollPacker() {
  const sent = new Map<ElementId, { ports?: readonly Interface[]; neighbours?: readonly Neighbour[] }>()
  let rates = new Float64Array(4_096)
  let used = 0

  const packAgent = (element: ElementId, agent: AgentSummary): PackedAgent => {
    const { system, requests, neighbours } = agent
    const { ports } = agent.interfaces
    const before = sent.get(element)
    sent.set(element, { ports, ...(neighbours === undefined ? {} : { neighbours }) })
    return {
      system,
      requests,
      ports: before?.ports === ports ? 'same' : ports,
      ...(neighbours === undefined
        ? {}
        : { neighbours: before?.neighbours === neighbours ? 'same' : neighbours }),
    }
  }

  /** A field that is absent is NaN, which no field is. */
  const packRates = (samples: readonly Sample[], first: number, count: number): number => {
    const from = used
    used += count * width
    if (used > rates.length) {
      const larger = new Float64Array(2 * used)
      larger.set(rates)
      rates = larger
    }
    for (let row = 0; row < count; row++) {
      const fields = samples[first + row]?.fields
      for (let at = 0; at < width; at++) {
        const value = fields?.[fieldNames[at] ?? '']
        rates[from + row * width + at] = typeof value === 'number' ? value : Number.NaN
      }
    }
    return from
  }

  return {
    pack(result: PollResult, samples: readonly Sample[]): PackedPoll {
      if (result.probe !== 'snmp') return { result, samples }
      const { agent, ...rest } = result
      if (agent === undefined) return { result: rest, samples }
      const packed = { ...rest, agent: packAgent(result.element, agent) }
      const { ports } = agent.interfaces
      const first = ports.length === 0 ? -1 : interfacesAt(result, ports, samples)
      if (first < 0) return { result: packed, samples }
      const others = [...samples.slice(0, first), ...samples.slice(first + ports.length)]
      const from = packRates(samples, first, ports.length)
      return { result: packed, samples: others, interfaces: { at: first, from } }
    },
    /** The values of all polls packed since the last call. */
    takeRates(): Float64Array<ArrayBuffer> {
      const taken = rates.slice(0, used)
      used = 0
      return taken
    },
  }
}

interface Known {
  readonly ports: readonly Interface[]
  /** The same objects from poll to poll, so that stores know each series again. */
  readonly tags: readonly Readonly<Record<TagOf<'interface'>, string>>[]
  readonly neighbours: readonly Neighbour[]
}

/** Undoes what the packer did. It knows the lists that it was sent, so each packer needs one of its own. */
export function createPollUnpacker() {
  const known = new Map<ElementId, Known>()

  const unpackAgent = (element: ElementId, agent: PackedAgent): AgentSummary => {
    const before = known.get(element)
    const ports = agent.ports === 'same' ? (before?.ports ?? []) : agent.ports
    const neighbours = agent.neighbours === 'same' ? before?.neighbours : agent.neighbours
    const tags =
      before?.ports === ports ? before.tags : ports.map(({ name }) => ({ element, interface: name }))
    known.set(element, { ports, tags, neighbours: neighbours ?? [] })
    const { system, requests } = agent
    return { system, requests, interfaces: { ports }, ...(neighbours === undefined ? {} : { neighbours }) }
  }

  return {
    unpack(packed: PackedPoll, rates: Float64Array): { result: PollResult; samples: readonly Sample[] } {
      const { result, samples, interfaces } = packed
      if (result.probe !== 'snmp') return { result, samples }
      const { agent, ...rest } = result
      if (agent === undefined) return { result: rest, samples }
      const unpacked: PollResult = { ...rest, agent: unpackAgent(result.element, agent) }
      if (interfaces === undefined) return { result: unpacked, samples }
      const tags = known.get(result.element)?.tags ?? []
      const made = tags.map((one, row) =>
        sampleOf('interface', one, fieldsAt(rates, interfaces.from + row * width), result.at),
      )
      const { at } = interfaces
      return { result: unpacked, samples: [...samples.slice(0, at), ...made, ...samples.slice(at)] }
    },
  }
}

function fieldsAt(rates: Float64Array, from: number): Partial<Record<InterfaceField, number>> {
  const fields: Partial<Record<InterfaceField, number>> = {}
  for (let at = 0; at < width; at++) {
    const value = rates[from + at] ?? Number.NaN
    const name = fieldNames[at]
    if (name !== undefined && !Number.isNaN(value)) fields[name] = value
  }
  return fields
}
