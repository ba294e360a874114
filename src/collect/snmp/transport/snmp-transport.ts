import type { RemoteInfo } from 'node:dgram'
import { getSystemErrorMessage } from 'node:util'
import { messageOf } from '../../../platform/errors.ts'
import type { Logger } from '../../../platform/logger.ts'
import { MessageReader } from '../codec/message-reader.ts'
import { SnmpFailure, silence } from '../snmp-failure.ts'
import { canonicalAddress } from './canonical-address.ts'
import type { PacketWatch } from './packet-watch.ts'
import { isFrom, type Peer } from './peer.ts'
import type { Refusal } from './refusal.ts'
import { SlotTable } from './slot-table.ts'
import { TimerWheel } from './timer-wheel.ts'
import { type AgentSocket, openUdpSockets, type UdpSockets } from './udp-sockets.ts'

/** One question to one agent. It is sent once; what the transport keeps of it is its own. */
export abstract class Exchange {
  abstract readonly peer: Peer
  abstract readonly attempts: number
  /** The last that was begun. The transport's. */
  last: Attempt | undefined
  /** How often it was to be sent again. The transport's. */
  repeats = 0
  isOver = false

  /** The datagram of an attempt, 0 being the first. May throw SnmpFailure. */
  abstract message(id: number, attempt: number): Uint8Array
  /** How large its answer may be, bytes. */
  abstract expectedBytes(attempt: number): number
  /** Takes the values, at once: the reader is used again. May throw SnmpFailure. */
  abstract answered(message: MessageReader, attempt: number): void
  /** Called once, last. Undefined: it was answered. */
  abstract ended(failure: SnmpFailure | undefined): void
}

/** One sending of one exchange. Its id is valid until the exchange ends, so a late answer to it is taken as well. */
interface Attempt {
  readonly exchange: Exchange
  readonly number: number
  id: number
  /** What it holds of the window; 0 when that is given back. */
  bytes: number
  sentAt: number
  /** The one before of the same exchange. */
  readonly previous: Attempt | undefined
}

export interface SnmpTransport {
  readonly sockets: Pick<UdpSockets, 'next' | 'count' | 'receiveBuffer'>
  /** Asks, again after a while if need be, and ends the exchange in any case, perhaps at once. */
  send(exchange: Exchange): void
  /** Ends one early; one that is over stays as it is. */
  cancel(exchange: Exchange, failure: SnmpFailure): void
  /** From now on what comes from its addresses is put down to it, although nobody can tell what it is. */
  attach(peer: Peer): void
  detach(peer: Peer): void
  close(): Promise<void>
}

export interface SnmpTransportDeps {
  readonly log: Logger
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
  /** Something came that no agent of ours can have sent. */
  readonly strangerRefused: (reason: Refusal, from: string) => void
  readonly watch?: PacketWatch
}

/** Messages in a row that only make us ask again; an agent that goes on like that is not going to answer. */
const mostRepeats = 3
/** So often time-outs are looked at, as a part of the last: each look wakes the thread. */
const lookPart = 1 / 8
const longestLookMs = 40

/** Asks any number of agents over a few sockets. Nothing that comes from the network makes it throw. */
export async function createSnmpTransport(deps: SnmpTransportDeps): Promise<SnmpTransport> {
  const { log, monotonic, watch } = deps
  const slots = new SlotTable<Attempt>()
  const wheel = new TimerWheel(monotonic(), timedOut)
  const reader = new MessageReader()
  /** By address and port; several only when elements share them. */
  const endpoints = new Map<string, Peer | Set<Peer>>()
  let ticking: NodeJS.Timeout | undefined
  let lookMs = longestLookMs
  let closed = false

  const sockets = await openUdpSockets({ received, failed, log, ...(watch === undefined ? {} : { watch }) })

  function tick(): void {
    ticking = undefined
    wheel.turn(monotonic())
    keepTicking()
  }

  function keepTicking(): void {
    if (wheel.size > 0 && !closed) ticking ??= setTimeout(tick, lookMs)
  }

  function free(attempt: Attempt): void {
    const { bytes, exchange } = attempt
    if (bytes === 0) return
    attempt.bytes = 0
    const { socket } = exchange.peer
    if (!(socket instanceof Error)) socket.window.release(bytes)
  }

  function end(exchange: Exchange, failure: SnmpFailure | undefined): void {
    if (exchange.isOver) return
    exchange.isOver = true
    for (let attempt = exchange.last; attempt !== undefined; attempt = attempt.previous) {
      slots.delete(attempt.id)
      free(attempt)
    }
    exchange.last = undefined
    exchange.ended(failure)
  }

  /** Puts an attempt in line; it is sent, and its time begins, once its answer has room. */
  function attempt(exchange: Exchange, number: number): void {
    const { socket } = exchange.peer
    if (socket instanceof Error) {
      end(exchange, notSent(socket))
      return
    }
    const bytes = exchange.expectedBytes(number)
    if (socket.window.take(bytes)) begin(exchange, number, socket, bytes)
    else
      socket.window.enter(bytes, () => {
        if (exchange.isOver) socket.window.release(bytes)
        else begin(exchange, number, socket, bytes)
      })
  }

  function begin(exchange: Exchange, number: number, socket: AgentSocket, bytes: number): void {
    const { peer, last } = exchange
    const made: Attempt = { exchange, number, id: 0, bytes, sentAt: monotonic(), previous: last }
    exchange.last = made
    const id = closed ? undefined : slots.add(made)
    if (id === undefined) {
      const why = closed ? 'the probe is closed' : 'too many requests are under way'
      end(exchange, new SnmpFailure('notSent', why))
      return
    }
    made.id = id
    try {
      const message = exchange.message(id, number)
      socket.send(id, message, peer.port, peer.address)
    } catch (error) {
      end(exchange, failureFrom(error))
      return
    }
    const wait = peer.roundTrip.wait(number, exchange.attempts, peer.timeoutMs)
    wheel.add(id, made.sentAt + wait)
    lookMs = Math.min(longestLookMs, wait * lookPart)
    keepTicking()
  }

  function failed(id: number, error: Error): void {
    const attempt = slots.get(id)
    if (attempt !== undefined) end(attempt.exchange, notSent(error))
  }

  /** What was answered, or ended, has given its id back. */
  function timedOut(id: number): void {
    const late = slots.get(id)
    if (late === undefined) return
    free(late)
    const { exchange, number } = late
    exchange.peer.unanswered()
    if (number + 1 < exchange.attempts) attempt(exchange, number + 1)
    else end(exchange, new SnmpFailure('timeout', silence))
  }

  /** What bears no id of ours may still tell why an agent seems silent. */
  function blame(reason: Refusal, from: RemoteInfo): void {
    const source = `${canonicalAddress(from.address)}:${from.port}`
    const peers = endpoints.get(source)
    if (peers === undefined) deps.strangerRefused('wrong-source', source)
    else if (peers instanceof Set) deps.strangerRefused(reason, source)
    else peers.refused(reason, source)
  }

  function received(bytes: Buffer, from: RemoteInfo): void {
    if (!reader.read(bytes)) blame('malformed', from)
    else {
      const known = slots.get(reader.id)
      if (known === undefined) blame('late', from)
      else take(known, from)
    }
  }

  /** A message that bears the id of a request: an answer to it, if it is of the agent that was asked. */
  function take(known: Attempt, from: RemoteInfo): void {
    const { exchange } = known
    const { peer } = exchange
    try {
      const opened = isFrom(peer, from) ? peer.open(reader) : 'wrong-source'
      if (opened === 'accepted') {
        peer.roundTrip.measured(monotonic() - known.sentAt)
        exchange.answered(reader, known.number)
        end(exchange, undefined)
      } else if (opened === 'again') repeat(exchange, known)
      else if (opened instanceof SnmpFailure) end(exchange, opened)
      else peer.refused(opened, `${from.address}:${from.port}`)
    } catch (error) {
      end(exchange, failureFrom(error))
    }
  }

  function repeat(exchange: Exchange, told: Attempt): void {
    if (++exchange.repeats > mostRepeats) {
      end(exchange, new SnmpFailure('refused', 'the agent answers only with reports'))
      return
    }
    // Its id is used up: the same report twice would have the request sent twice.
    slots.delete(told.id)
    free(told)
    attempt(exchange, told.number)
  }

  function failureFrom(error: unknown): SnmpFailure {
    if (error instanceof SnmpFailure) return error
    log.error({ err: error }, 'snmp exchange failed by a defect')
    return new SnmpFailure('notSent', messageOf(error))
  }

  return {
    sockets,
    send: (exchange) => attempt(exchange, 0),
    cancel: end,
    attach(peer) {
      for (const source of endpointsOf(peer)) {
        const known = endpoints.get(source)
        if (known === undefined) endpoints.set(source, peer)
        else if (known instanceof Set) known.add(peer)
        else if (known !== peer) endpoints.set(source, new Set([known, peer]))
      }
    },
    detach(peer) {
      for (const source of endpointsOf(peer)) {
        const known = endpoints.get(source)
        if (known instanceof Set) known.delete(peer)
        const [only, ...others] = known instanceof Set ? known : []
        if (known === peer) endpoints.delete(source)
        else if (only !== undefined && others.length === 0) endpoints.set(source, only)
      }
    },
    async close() {
      closed = true
      clearTimeout(ticking)
      for (const { exchange } of [...slots.values()])
        end(exchange, new SnmpFailure('timeout', 'the probe was closed'))
      await sockets.close()
    },
  }
}

const endpointsOf = ({ sources, port }: Peer): readonly string[] =>
  sources.map((source) => `${source}:${port}`)

function notSent(error: Error): SnmpFailure {
  // In the words in which ICMP tells it, since either may be shown.
  const words =
    'errno' in error && typeof error.errno === 'number' ? getSystemErrorMessage(error.errno) : undefined
  return new SnmpFailure('notSent', `could not send: ${words ?? messageOf(error)}`)
}
