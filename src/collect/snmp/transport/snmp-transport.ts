import type { RemoteInfo } from 'node:dgram'
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

/** One question to one agent. */
export interface Exchange {
  readonly peer: Peer
  readonly attempts: number
  /** The datagram of an attempt, 0 being the first. May throw SnmpFailure. */
  message(id: number, attempt: number): Uint8Array
  /** How large its answer may be, bytes. */
  expectedBytes(attempt: number): number
  /** Takes the values, at once: the reader is used again. May throw SnmpFailure. */
  answered(message: MessageReader, attempt: number): void
  /** Called once, last. Undefined: it was answered. */
  ended(failure: SnmpFailure | undefined): void
}

/** An exchange under way. */
export interface UnderWay {
  /** Ends it early; one that is over stays as it is. */
  cancel(failure: SnmpFailure): void
}

export interface SnmpTransport {
  readonly sockets: Pick<UdpSockets, 'next' | 'count' | 'receiveBuffer'>
  /** Asks, again after a while if need be, and ends the exchange in any case, perhaps at once. */
  send(exchange: Exchange): UnderWay
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
const tickMs = 10

/** One sending of one exchange. Its id is valid until the exchange ends, so a late answer to it is taken as well. */
interface Attempt {
  readonly open: OpenExchange
  readonly number: number
  id: number
  /** What it holds of the window; 0 when that is given back. */
  bytes: number
  sentAt: number
  /** The one before of the same exchange. */
  readonly previous: Attempt | undefined
}

class OpenExchange implements UnderWay {
  readonly exchange: Exchange
  last: Attempt | undefined
  repeats = 0
  over = false
  readonly #end: (open: OpenExchange, failure: SnmpFailure) => void

  constructor(exchange: Exchange, end: (open: OpenExchange, failure: SnmpFailure) => void) {
    this.exchange = exchange
    this.#end = end
  }

  cancel(failure: SnmpFailure): void {
    this.#end(this, failure)
  }
}

/** Asks any number of agents over a few sockets. Nothing that comes from the network makes it throw. */
export async function createSnmpTransport(deps: SnmpTransportDeps): Promise<SnmpTransport> {
  const { log, monotonic, watch } = deps
  const slots = new SlotTable<Attempt>()
  const wheel = new TimerWheel(monotonic(), timedOut)
  const reader = new MessageReader()
  /** By address and port; several only when elements share them. */
  const endpoints = new Map<string, Peer | Set<Peer>>()
  let ticking: NodeJS.Timeout | undefined
  let closed = false

  const sockets = await openUdpSockets({ received, log, ...(watch === undefined ? {} : { watch }) })

  function tick(): void {
    ticking = undefined
    wheel.turn(monotonic())
    keepTicking()
  }

  function keepTicking(): void {
    if (wheel.size > 0 && !closed) ticking ??= setTimeout(tick, tickMs)
  }

  function free(attempt: Attempt): void {
    const { bytes, open } = attempt
    if (bytes === 0) return
    attempt.bytes = 0
    const { socket } = open.exchange.peer
    if (!(socket instanceof Error)) socket.window.release(bytes)
  }

  function end(open: OpenExchange, failure: SnmpFailure | undefined): void {
    if (open.over) return
    open.over = true
    for (let attempt = open.last; attempt !== undefined; attempt = attempt.previous) {
      slots.delete(attempt.id)
      free(attempt)
    }
    open.last = undefined
    open.exchange.ended(failure)
  }

  /** Puts an attempt in line; it is sent, and its time begins, once its answer has room. */
  function attempt(open: OpenExchange, number: number): void {
    const { exchange } = open
    const { socket } = exchange.peer
    if (socket instanceof Error) {
      end(open, notSent(socket))
      return
    }
    const bytes = exchange.expectedBytes(number)
    if (socket.window.take(bytes)) begin(open, number, socket, bytes)
    else
      socket.window.enter(bytes, () => {
        if (open.over) socket.window.release(bytes)
        else begin(open, number, socket, bytes)
      })
  }

  function begin(open: OpenExchange, number: number, socket: AgentSocket, bytes: number): void {
    const { exchange, last } = open
    const { peer } = exchange
    const made: Attempt = { open, number, id: 0, bytes, sentAt: monotonic(), previous: last }
    open.last = made
    const id = closed ? undefined : slots.add(made)
    if (id === undefined) {
      const why = closed ? 'the probe is closed' : 'too many requests are under way'
      end(open, new SnmpFailure('notSent', why))
      return
    }
    made.id = id
    try {
      const message = exchange.message(id, number)
      socket.send(message, peer.port, peer.address, (error) => end(open, notSent(error)))
    } catch (error) {
      end(open, failureFrom(error))
      return
    }
    wheel.add(id, made.sentAt + peer.roundTrip.wait(number, exchange.attempts, peer.timeoutMs))
    keepTicking()
  }

  /** What was answered, or ended, has given its id back. */
  function timedOut(id: number): void {
    const late = slots.get(id)
    if (late === undefined) return
    free(late)
    const { open, number } = late
    open.exchange.peer.unanswered()
    if (number + 1 < open.exchange.attempts) attempt(open, number + 1)
    else end(open, new SnmpFailure('timeout', silence))
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
    const { open } = known
    const { peer } = open.exchange
    try {
      const opened = isFrom(peer, from) ? peer.open(reader) : 'wrong-source'
      if (opened === 'accepted') {
        peer.roundTrip.measured(monotonic() - known.sentAt)
        open.exchange.answered(reader, known.number)
        end(open, undefined)
      } else if (opened === 'again') repeat(open, known)
      else if (opened instanceof SnmpFailure) end(open, opened)
      else peer.refused(opened, `${from.address}:${from.port}`)
    } catch (error) {
      end(open, failureFrom(error))
    }
  }

  function repeat(open: OpenExchange, told: Attempt): void {
    if (++open.repeats > mostRepeats) {
      end(open, new SnmpFailure('refused', 'the agent answers only with reports'))
      return
    }
    // Its id is used up: the same report twice would have the request sent twice.
    slots.delete(told.id)
    free(told)
    attempt(open, told.number)
  }

  function failureFrom(error: unknown): SnmpFailure {
    if (error instanceof SnmpFailure) return error
    log.error({ err: error }, 'snmp exchange failed by a defect')
    return new SnmpFailure('notSent', messageOf(error))
  }

  return {
    sockets,
    send(exchange) {
      const open = new OpenExchange(exchange, end)
      attempt(open, 0)
      return open
    },
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
      for (const { open } of [...slots.values()])
        end(open, new SnmpFailure('timeout', 'the probe was closed'))
      await sockets.close()
    },
  }
}

const endpointsOf = ({ sources, port }: Peer): readonly string[] =>
  sources.map((source) => `${source}:${port}`)

function notSent(error: Error): SnmpFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : messageOf(error)
  return new SnmpFailure('notSent', `could not send: ${code}`)
}
