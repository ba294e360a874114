import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPollPacker, createPollUnpacker } from '../../../src/collect/poller/poll-packing.ts'
import { type InterfaceList, interfaceList } from '../../../src/model/interface-list.ts'
import { type FieldOf, measurements } from '../../../src/model/measurements.ts'
import { createSampleMaker, interfaceFields, type PollSamples } from '../../../src/model/poll-samples.ts'
import type { Neighbour, PollResult } from '../../../src/model/reading.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'

const at = Date.parse('2026-03-01T08:00:00Z')

const portsOf = (element: string, ...names: string[]): InterfaceList =>
  interfaceList(
    element,
    at,
    names.map((name, row) => ({
      name,
      index: row + 1,
      description: `${name} port`,
      alias: '',
      adminStatus: 'up',
      operStatus: 'up',
      speedBps: 1e9,
    })),
  )

const polledAgent = (element: string, ports: InterfaceList, neighbours?: readonly Neighbour[]) => ({
  element,
  at,
  durationMs: 12,
  outcome: 'answered' as const,
  probe: 'snmp' as const,
  agent: {
    system: { description: '', objectId: '1.3', name: element, location: '', upTimeTicks: 1 },
    interfaces: { ports },
    ...(neighbours === undefined ? {} : { neighbours }),
    requests: 2,
  },
})
const interfaceSample = (element: string, name: string, fields: Sample['fields']): Sample =>
  sampleOf('interface', { element, interface: name }, fields, at)
const elementSample = (element: string) => sampleOf('element', { element }, { reachable: 1 }, at)

type Fields = Partial<Record<FieldOf<'interface'>, number>>

/** One sample of each port, behind the first of the others. */
function columnsOf(
  ports: InterfaceList,
  rows: readonly Fields[],
  samples: readonly Sample[] = [],
): PollSamples {
  const values = Float64Array.from(
    rows.flatMap((fields) => interfaceFields.map((name) => fields[name] ?? Number.NaN)),
  )
  return { samples, interfaces: { after: Math.min(1, samples.length), ports, at, values, from: 0 } }
}

/** Packs, sends as between threads, and unpacks. */
function wire() {
  const pack = createPollPacker()
  const unpack = createPollUnpacker()
  return (...polls: readonly [PollResult, PollSamples][]) => {
    const values: number[] = []
    const packed = polls.map(([result, { samples, interfaces }]) => {
      if (interfaces === undefined) return pack({ result, samples })
      const from = values.push(...interfaces.values) - interfaces.values.length
      return pack({ result, samples, interfaces: { after: interfaces.after, from } })
    })
    const batch = { packed, values: Float64Array.from(values) }
    const sent = structuredClone(batch, { transfer: [batch.values.buffer] })
    return { sent, got: sent.packed.map((poll) => unpack(poll, sent.values)) }
  }
}

const fieldNames = Object.keys(measurements.interface.fields) as FieldOf<'interface'>[]
const anyFields = fc.dictionary(
  fc.constantFrom(...fieldNames),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  { noNullPrototype: true },
)

describe('polls between threads', () => {
  it('are afterwards what they were before, whatever the fields', () => {
    const anyPoll = fc.record({
      element: fc.constantFrom('e1', 'e2'),
      rows: fc.uniqueArray(fc.record({ name: fc.string(), fields: anyFields }), {
        selector: ({ name }) => name,
        maxLength: 8,
      }),
      sensors: fc.nat(2),
    })
    fc.assert(
      fc.property(fc.array(fc.array(anyPoll, { maxLength: 4 }), { maxLength: 4 }), (batches) => {
        const send = wire()
        for (const batch of batches) {
          const polls = batch.map(({ element, rows, sensors }) => {
            const ports = portsOf(element, ...rows.map(({ name }) => name))
            const others = [
              elementSample(element),
              ...Array.from({ length: sensors }, (_, i) =>
                sampleOf('sensor', { element, sensor: `s${i}`, unit: '°C' }, { value: i }, at),
              ),
            ]
            const fields = rows.map((row) => row.fields)
            const samples = rows.map((row) => interfaceSample(element, row.name, row.fields))
            const [first = elementSample(element), ...rest] = others
            return {
              poll: [polledAgent(element, ports), columnsOf(ports, fields, others)] as const,
              told: { result: polledAgent(element, ports), samples: [first, ...samples, ...rest] },
            }
          })
          expect(
            send(...polls.map(({ poll: [result, samples] }): [PollResult, PollSamples] => [result, samples]))
              .got,
          ).toEqual(polls.map(({ told }) => told))
        }
      }),
    )
  })

  it('carry lists only when they are others than before', () => {
    const send = wire()
    const ports = portsOf('e1', 'ge0', 'ge1')
    const neighbours: readonly Neighbour[] = [{ localPort: 'ge0', remoteSystem: 'e2', remotePort: 'ge9' }]
    const samples = columnsOf(ports, [{ in_bps: 8 }, { in_bps: 8 }])
    const first = send([polledAgent('e1', ports, neighbours), samples])
    const second = send([polledAgent('e1', ports, neighbours), samples])
    expect(second.sent.packed).toMatchObject([
      { result: { agent: { ports: 'same', neighbours: 'same' } }, samples: [] },
    ])
    const [one, other] = [first.got[0], second.got[0]]
    if (one?.result.probe !== 'snmp' || other?.result.probe !== 'snmp') throw new Error('not by snmp')
    expect(other.result.agent?.interfaces.ports).toBe(one.result.agent?.interfaces.ports)
    expect(other.result.agent?.neighbours).toBe(one.result.agent?.neighbours)
    expect(other.samples[1]?.tags).toBe(one.samples[1]?.tags)

    const renamed = portsOf('e1', 'ge0', 'xe1')
    const none = { samples: [] }
    const third = send([polledAgent('e1', renamed), none])
    expect(third.got[0]?.result).toEqual(polledAgent('e1', renamed))
    // Without neighbours this time, and so not the same as before.
    expect(send([polledAgent('e1', renamed, neighbours), none]).got[0]?.result).toEqual(
      polledAgent('e1', renamed, neighbours),
    )
  })

  it('cannot be read when one of them was left out', () => {
    const pack = createPollPacker()
    const unpack = createPollUnpacker()
    const poll = { result: polledAgent('e1', portsOf('e1', 'ge0')), samples: [] }
    pack(poll)
    expect(() => unpack(pack(poll), new Float64Array())).toThrow('a poll was left out')
  })

  it('carry polls of paths, and those without an answer', () => {
    const send = wire()
    const burst: PollResult = {
      element: 'e1',
      at,
      durationMs: 3,
      outcome: 'answered',
      probe: 'icmp',
      burst: { sent: 2, rttsMs: [1.5, null] },
    }
    const silent: PollResult = {
      element: 'e2',
      at,
      durationMs: 4_000,
      outcome: 'timeout',
      probe: 'snmp',
      problem: 'no answer',
    }
    const none = { samples: [] }
    expect(send([burst, none], [silent, none]).got.map(({ result }) => result)).toEqual([burst, silent])
  })
})

describe('samples of columns', () => {
  it('have every field that the measurement has', () => {
    expect(interfaceFields.toSorted()).toEqual(fieldNames.toSorted())
  })

  it('have the same tags for as long as the list of interfaces is the same', () => {
    const toSamples = createSampleMaker()
    const ports = portsOf('e1', 'ge0', 'ge1')
    const fields = [{ in_bps: 1 }, { in_bps: 2 }]
    const [one, other] = [toSamples(columnsOf(ports, fields)), toSamples(columnsOf(ports, fields))]
    expect(one).toEqual(other)
    expect(other[1]?.tags).toBe(one[1]?.tags)
    expect(toSamples(columnsOf(portsOf('e1', 'ge0', 'ge1'), fields))[1]?.tags).not.toBe(one[1]?.tags)
  })
})
