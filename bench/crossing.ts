import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { createPollOutbox } from '../src/collect/poller/poll-outbox.ts'
import { createPollUnpacker } from '../src/collect/poller/poll-packing.ts'
import { interfaceList } from '../src/model/interface-list.ts'
import { tableOf } from '../src/model/interface-table.ts'
import { createSampleMaker, type PollSamples } from '../src/model/poll-samples.ts'
import type { PollResult, Reading } from '../src/model/reading.ts'
import type { Sample } from '../src/model/sample.ts'
import { systemClock } from '../src/platform/clock.ts'
import { createSampler } from '../src/sample/sampler.ts'
import { ownCpu } from './process-cost.ts'

/**
 * What it costs to bring polls from the polling thread to the main one: elements × interfaces, packed as the poller
 * packs them, beside the same polls as they are. CPU of both sides. `node bench/crossing.ts [elements] [interfaces]`.
 */
const [elements = 1_000, interfaces = 48] = process.argv.slice(2).map(Number)
const rounds = 9
const batchSize = 20

const portsOf = (element: string) =>
  Array.from({ length: interfaces }, (_, row) => ({
    element,
    name: `GigabitEthernet0/0/${row}`,
    index: row + 1,
    description: `GigabitEthernet0/0/${row} Interface`,
    alias: `to customer ${row}`,
    adminStatus: 'up' as const,
    operStatus: 'up' as const,
    speedBps: 1e9,
    seenAt: 0,
  }))
const all = Array.from({ length: elements }, (_, i) => ({
  element: `e${i}`,
  ports: portsOf(`e${i}`),
  list: interfaceList(`e${i}`, 0, portsOf(`e${i}`)),
}))

interface Polled {
  readonly result: PollResult
  readonly columns: PollSamples
  readonly samples: readonly Sample[]
}

const toSamples = createSampleMaker()

/** One poll of each element, with its samples. */
function pollRound(sampler: ReturnType<typeof createSampler>, round: number) {
  return all.map(({ element, ports, list }): Polled => {
    const rows = ports.map((port, row) => {
      const octets = BigInt(round * (1_000_000 + row))
      return {
        port,
        counters: {
          inOctets: octets,
          outOctets: octets,
          inPackets: octets / 500n,
          outPackets: octets / 500n,
          inErrors: 0n,
          outErrors: 0n,
          inDiscards: 0n,
          outDiscards: 0n,
          width: 64 as const,
        },
      }
    })
    const reading: Reading = {
      element,
      at: 1.77e12 + round * 60_000,
      durationMs: 20,
      outcome: 'answered',
      probe: 'snmp',
      agent: {
        system: {
          description: 'Huawei Versatile Routing Platform Software VRP (R) software, Version 8.180',
          objectId: '1.3.6.1.4.1.2011.2.239.12',
          name: element,
          location: 'rack 1',
          upTimeTicks: round * 6_000,
        },
        interfaces: { ...tableOf(rows), ports: list },
        requests: 5,
      },
    }
    const columns = sampler.columns(reading, { speedOverrides: {} })
    const { interfaces: told } = columns
    // The sampler uses its columns again.
    const own =
      told === undefined ? columns : { ...columns, interfaces: { ...told, values: told.values.slice() } }
    return { result: reading, columns: own, samples: toSamples(own) }
  })
}

const { port1, port2 } = new MessageChannel()
function send<T>(message: T, transfer: readonly ArrayBuffer[] = []): T {
  port1.postMessage(message, [...transfer])
  return receiveMessageOnPort(port2)?.message
}

const unpack = createPollUnpacker()
let crossed = 0
const outbox = createPollOutbox(systemClock, (batch) => {
  const got = send(batch, [batch.values.buffer])
  for (const poll of got.polls) crossed += unpack(poll, got.values).samples.length
  queueMicrotask(outbox.taken)
})
function packed(polls: readonly Polled[]): number {
  crossed = 0
  polls.forEach(({ result, columns }, i) => {
    outbox.deliver(result, columns)
    if (i % batchSize === batchSize - 1) outbox.flush()
  })
  outbox.flush()
  return crossed
}
function plain(polls: readonly Polled[]): number {
  let samples = 0
  for (let i = 0; i < polls.length; i += batchSize) {
    const batch = polls.slice(i, i + batchSize).map(({ samples }) => samples)
    for (const own of send(batch)) samples += own.length
  }
  return samples
}

const sampler = createSampler({ vantage: 'nms' })
const cost = { packed: [] as number[], plain: [] as number[] }
for (let round = 1; round <= rounds; round++) {
  const polls = pollRound(sampler, round)
  for (const [name, way] of [
    ['packed', packed],
    ['plain', plain],
  ] as const) {
    const before = ownCpu()
    const samples = way(polls)
    // The first round has the lists of interfaces, and code that is not compiled yet.
    if (round > 1) cost[name].push(ownCpu() - before)
    if (samples !== elements * (interfaces + 1)) throw new Error(`${samples} samples came`)
  }
}
port1.close()
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const figures = {
  elements,
  interfaces,
  packedCpuSeconds: Number(median(cost.packed).toFixed(4)),
  plainCpuSeconds: Number(median(cost.plain).toFixed(4)),
}
console.log(
  `one poll of ${elements} elements × ${interfaces} interfaces between threads: ` +
    `${figures.packedCpuSeconds} CPU s packed, ${figures.plainCpuSeconds} CPU s as it is`,
)
console.log(JSON.stringify(figures))
