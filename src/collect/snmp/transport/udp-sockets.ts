import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Logger } from '../../../platform/logger.ts'
import { ByteWindow } from './byte-window.ts'
import { Outgoing } from './outgoing.ts'
import type { PacketWatch } from './packet-watch.ts'

/** What is asked for; the kernel gives `net.core.rmem_max` at most. */
const wantedBuffer = 4 * 2 ** 20
/** With less than this, a second socket brings a second buffer. */
const enoughBuffer = 2 ** 20

export interface AgentSocket {
  /** The bytes are gone once it returns. When it fails, the owner is told `id`. */
  send(id: number, bytes: Uint8Array, port: number, address: string): void
  readonly window: ByteWindow
}

/** One or two sockets of a family, shared by all agents. */
export interface UdpSockets {
  /** The next in turn; an error when the host has no such sockets. */
  next(family: 4 | 6): AgentSocket | Error
  readonly count: number
  /** The smallest receive buffer that was given, bytes. */
  readonly receiveBuffer: number
  close(): Promise<void>
}

export interface UdpSocketsDeps {
  /** The bytes are gone once it returns, unless there is a watch. */
  readonly received: (bytes: Buffer, from: RemoteInfo) => void
  /** A datagram could not be sent. */
  readonly failed: (id: number, error: Error) => void
  readonly log: Logger
  readonly watch?: PacketWatch
}

/**
 * Gives the memory of a datagram back at once. Left to the garbage collector, tens of megabytes of them would lie
 * between what is there to stay.
 */
function giveBack({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

/** Opens the sockets that all agents are asked through: two to four in all, however many agents there are. */
export async function openUdpSockets(deps: UdpSocketsDeps): Promise<UdpSockets> {
  const { received, failed, log, watch } = deps
  const opened: Socket[] = []
  let receiveBuffer = Number.POSITIVE_INFINITY

  /** Holds on to nothing but a number: Node keeps it until the next major garbage collection. */
  const sentAs = (id: number) => (error: Error | null) => {
    if (error !== null) failed(id, error)
  }

  const open = async (family: 4 | 6): Promise<AgentSocket> => {
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      recvBufferSize: wantedBuffer,
      // Agents are named by address, so nothing is looked up, and nothing waits for the resolver's threads.
      lookup: (address, _options, found) => found(null, address, family),
    })
    // With a look-up that does not wait, it may listen before `bind` returns.
    const listening = once(socket, 'listening')
    socket.bind(0)
    await listening
    socket.on('message', (bytes, from) => {
      watch?.({ sent: false, address: from.address, port: from.port, bytes })
      received(bytes, from)
      if (watch === undefined) giveBack(bytes)
    })
    socket.on('error', (err) => log.warn({ err }, 'snmp socket failed'))
    opened.push(socket)
    const given = socket.getRecvBufferSize()
    receiveBuffer = Math.min(receiveBuffer, given)
    const outgoing = new Outgoing()
    return {
      window: new ByteWindow(given / 4),
      send(id, bytes, port, address) {
        watch?.({ sent: true, address, port, bytes })
        socket.send(outgoing.of(bytes), port, address, sentAs(id))
        if (socket.getSendQueueCount() > 0) outgoing.leave()
      },
    }
  }

  const openFamily = async (family: 4 | 6): Promise<readonly AgentSocket[] | Error> => {
    try {
      const first = await open(family)
      return receiveBuffer < enoughBuffer ? [first, await open(family)] : [first]
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  const families = { 4: await openFamily(4), 6: await openFamily(6) }
  let turn = 0
  return {
    next(family) {
      const sockets = families[family]
      if (sockets instanceof Error) return sockets
      return sockets[turn++ % sockets.length] ?? new Error('no socket')
    },
    get count() {
      return opened.length
    },
    get receiveBuffer() {
      return receiveBuffer
    },
    async close() {
      const closing = opened.splice(0).map(async (socket) => {
        const closed = once(socket, 'close')
        socket.close()
        await closed
      })
      await Promise.all(closing)
    },
  }
}
