import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPollPacker, createPollUnpacker } from '../../../src/collect/poller/poll-packing.ts'
import type { Interface } from '../../../src/model/interface.ts'
import { type FieldOf, measurements } from '../../../src/model/measurements.ts'
import type { Neighbour, PollResult } from '../../../src/model/reading.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'

const at = Date.parse('2026-03-01T08:00:00Z')

const portOf = (element: string, name: string): Interface => ({
  element,
  name,
  index: 1,
  description: '',
  alias: '',
  adminStatus: 'up',
  operStatus: 'up',
  speedBps: 1e9,
  seenAt: at,
})
const portsOf = (element: string, ...names: string[]) => names.map((name) => portOf(element, name))

const polledAgent = (element: string, ports: readonly Interface[], neighbours?: readonly Neighbour[]) => ({
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

/** Packs, sends as between threads, and unpacks. */
function wire() {
  const packer = createPollPacker()
  const unpacker = createPollUnpacker()
  return (...polls: readonly [PollResult, readonly Sample[]][]) => {
    const packed = polls.map(([result, samples]) => packer.pack(result, samples))
    const rates = packer.takeRates()
    const sent = structuredClone({ packed, rates }, { transfer: [rates.buffer] })
    expect(rates.length).toBe(0)
    return { sent, got: sent.packed.map((poll) => unpacker.unpack(poll, sent.rates)) }
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
          const polls = batch.map(({ element, rows, sensors }): [PollResult, readonly Sample[]] => [
            polledAgent(element, portsOf(element, ...rows.map(({ name }) => name))),
            [
              elementSample(element),
              ...rows.map(({ name, fields }) => interfaceSample(element, name, fields)),
              ...Array.from({ length: sensors }, (_, i) =>
                sampleOf('sensor', { element, sensor: `s${i}`, unit: '°C' }, { value: i }, at),
              ),
            ],
          ])
          expect(send(...polls).got).toEqual(polls.map(([result, samples]) => ({ result, samples })))
        }
      }),
    )
  })

  it('carry lists only when they are others than before', () => {
    const send = wire()
    const ports = portsOf('e1', 'ge0', 'ge1')
    const neighbours: readonly Neighbour[] = [{ localPort: 'ge0', remoteSystem: 'e2', remotePort: 'ge9' }]
    const samples = ports.map(({ name }) => interfaceSample('e1', name, { in_bps: 8 }))
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
    const third = send([polledAgent('e1', renamed), []])
    expect(third.got[0]?.result).toEqual(polledAgent('e1', renamed))
    // Without neighbours this time, and so not the same as before.
    expect(send([polledAgent('e1', renamed, neighbours), []]).got[0]?.result).toEqual(
      polledAgent('e1', renamed, neighbours),
    )
  })

  it('carry other samples of interfaces as they are: few, late, or not numbers', () => {
    const send = wire()
    const ports = portsOf('e1', 'ge0', 'ge1')
    const [ge0, ge1] = ports.map(({ name }) => interfaceSample('e1', name, { in_bps: 8 }))
    if (ge0 === undefined || ge1 === undefined) throw new Error('no samples')
    for (const samples of [
      [ge0],
      [ge1, ge0],
      [ge0, { ...ge1, at: at - 1 }],
      [ge0, { ...ge1, fields: { in_bps: 8n } }],
      [ge0, { ...ge1, tags: { element: 'e2', interface: 'ge1' } }],
    ])
      expect(send([polledAgent('e1', ports), samples]).got).toEqual([
        { result: polledAgent('e1', ports), samples },
      ])
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
    expect(send([burst, []], [silent, []]).got.map(({ result }) => result)).toEqual([burst, silent])
  })
})
