import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { BerWriter } from '../src/collect/snmp/codec/ber-writer.ts'
import { communityPrelude, communityTemplate } from '../src/collect/snmp/codec/request-pdu.ts'
import { polledColumns } from '../src/collect/snmp/if-mib.ts'
import { wideNames } from '../src/collect/snmp/polled-columns.ts'
import { WalkSteps } from '../src/collect/snmp/walk-steps.ts'
import type { Responder } from './responder.ts'

export interface BareExchangeLoad {
  readonly elements: number
  readonly intervalMs: number
  /** Requests to each living element in an interval, one after the other. */
  readonly requests: number
  /** Values in each answer, about. */
  readonly varbinds: number
  /** How long it is measured. */
  readonly forMs: number
}

export interface BareExchangeCost {
  readonly exchanges: number
  /** Seconds of CPU. */
  readonly user: number
  readonly system: number
}

/** As the scheduler does it with polls of many elements. */
const slotMs = 100

/** A request as the engine sends it, for whole rows behind the first. */
function requestFor(varbinds: number): Buffer {
  const writer = new BerWriter()
  const columns = wideNames.filter((name) => name !== 'descr').map((name) => polledColumns[name])
  const rows = Math.max(1, Math.round(varbinds / columns.length))
  const pdu = new WalkSteps(columns).pdu(1, rows, [])
  return communityTemplate(writer, communityPrelude(writer, 1, Buffer.from('bench')), pdu, 0x0100_0000).bytes
}

/**
 * What it costs to send requests and to receive their answers by `node:dgram`, when nothing is made of them: as many, as
 * large, and at the same pace as in polls of these elements.
 */
export async function costOfBareExchange(
  responder: Responder,
  { elements, intervalMs, requests, varbinds, forMs }: BareExchangeLoad,
): Promise<BareExchangeCost> {
  const request = requestFor(varbinds)
  const left = new Map<string, number>()
  let exchanges = 0
  const sent = () => {}
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: 4 * 2 ** 20,
    lookup: (address, _options, found) => found(null, address, 4),
  })
  socket.on('message', (_bytes, { address, port }) => {
    exchanges++
    const more = (left.get(address) ?? 0) - 1
    left.set(address, more)
    if (more > 0) socket.send(request, port, address, sent)
  })
  const listening = once(socket, 'listening')
  socket.bind(0)
  await listening

  const slots = Math.max(1, Math.round(intervalMs / slotMs))
  const run = async (ms: number) => {
    const startedAt = performance.now()
    for (let slot = 0; slot * slotMs < ms; slot++) {
      for (let n = slot % slots; n < elements; n += slots) {
        const { address, port } = responder.at(n)
        left.set(address, requests)
        socket.send(request, port, address, sent)
      }
      await setTimeout(Math.max(1, startedAt + (slot + 1) * slotMs - performance.now()))
    }
  }
  await run(intervalMs)
  const before = { exchanges, ...process.cpuUsage() }
  await run(forMs)
  const { user, system } = process.cpuUsage()
  const cost = {
    exchanges: exchanges - before.exchanges,
    user: (user - before.user) / 1e6,
    system: (system - before.system) / 1e6,
  }
  const closed = once(socket, 'close')
  socket.close()
  await closed
  return cost
}
