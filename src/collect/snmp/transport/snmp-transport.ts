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
import { type Timed, TimerWheel } from './timer-wheel.ts'
import { openUdpSockets, type UdpSockets } from './udp-sockets.ts'

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

export interface SnmpTransport {
  readonly sockets: Pick<UdpSockets, 'next' | 'count' | 'receiveBuffer'>
  /** Asks, again after a while if need be, and ends the exchange in any case. Returns what ends it early. */
  send(exchange: Exchange): (failure: SnmpFailure) => void
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
interface Attempt extends Timed {
  /** Undefined once that is over: an attempt stays in the wheel until its time comes, and must not hold on to more. */
  exchange: OpenExchange | undefined
  id: number
  readonly number: number
  /** What it holds of the window; 0 when that is given back. */
  bytes: number
  readonly sentAt: number
  dueAt: number
}

interface OpenExchange {
  readonly exchange: Exchange
  readonly attempts: Attempt[]
  repeats: number
  over: boolean
}

/** Asks any number of agents over a few sockets. Nothing that comes from the network makes it throw. */
export async function createSnmpTransport(deps: SnmpTransportDeps): Promise<SnmpTransport> {
  const { log, monotonic, watch } = deps
  const slots = new SlotTable<Attempt>()
  const wheel = new TimerWheel<Attempt>(monotonic(), timedOut)
  const reader = new MessageReader()
  const endpoints = new Map<string, Set<Peer>>()
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
    const { bytes, exchange } = attempt
    if (bytes === 0 || exchange === undefined) return
    attempt.bytes = 0
    const { socket } = exchange.exchange.peer
    if (!(socket instanceof Error)) socket.window.release(bytes)
  }

  function end(open: OpenExchange, failure: SnmpFailure | undefined): void {
    if (open.over) return
    open.over = true
    for (const attempt of open.attempts) {
      attempt.dueAt = Number.NaN
      slots.delete(attempt.id)
      free(attempt)
      attempt.exchange = undefined
    }
    open.exchange.ended(failure)
  }

  /** Puts an attempt in line; it is sent, and its time begins, once its answer has room. */
  function attempt(open: OpenExchange, number: number): void {
    const { peer } = open.exchange
    const { socket } = peer
    if (socket instanceof Error) {
      end(open, notSent(socket))
      return
    }
    const bytes = open.exchange.expectedBytes(number)
    socket.window.enter(bytes, () => {
      if (open.over) return socket.window.release(bytes)
      const sentAt = monotonic()
      const made: Attempt = { exchange: open, id: 0, number, bytes, sentAt, dueAt: Number.NaN }
      const id = slots.add(made)
      open.attempts.push(made)
      if (id === undefined) return end(open, new SnmpFailure('notSent', 'too many requests are under way'))
      made.id = id
      try {
        const message = open.exchange.message(id, number)
        socket.send(message, peer.port, peer.address, (error) => end(open, notSent(error)))
      } catch (error) {
        return end(open, failureFrom(error))
      }
      made.dueAt = made.sentAt + peer.roundTrip.wait(number, open.exchange.attempts, peer.timeoutMs)
      wheel.add(made)
      keepTicking()
    })
  }

  function timedOut(late: Attempt): void {
    const open = late.exchange
    if (open === undefined) return
    free(late)
    open.exchange.peer.unanswered()
    if (late.number + 1 < open.exchange.attempts) attempt(open, late.number + 1)
    else end(open, new SnmpFailure('timeout', silence))
  }

  /** What bears no id of ours may still tell why an agent seems silent. */
  function blame(reason: Refusal, from: RemoteInfo): void {
    const source = `${canonicalAddress(from.address)}:${from.port}`
    const peers = endpoints.get(source)
    const [only] = peers ?? []
    if (peers === undefined) deps.strangerRefused('wrong-source', source)
    else if (peers.size === 1 && only !== undefined) only.refused(reason, source)
    else deps.strangerRefused(reason, source)
  }

  function received(bytes: Buffer, from: RemoteInfo): void {
    if (!reader.read(bytes)) blame('malformed', from)
    else {
      const known = slots.get(reader.id)
      const open = known?.exchange
      if (known === undefined || open === undefined) blame('late', from)
      else take(known, open, from)
    }
  }

  /** A message that bears the id of a request: an answer to it, if it is of the agent that was asked. */
  function take(known: Attempt, open: OpenExchange, from: RemoteInfo): void {
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
    told.dueAt = Number.NaN
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
      const open: OpenExchange = { exchange, attempts: [], repeats: 0, over: false }
      if (closed) end(open, new SnmpFailure('notSent', 'the probe is closed'))
      else attempt(open, 0)
      return (failure) => end(open, failure)
    },
    attach(peer) {
      for (const source of endpointsOf(peer)) {
        const peers = endpoints.get(source)
        if (peers === undefined) endpoints.set(source, new Set([peer]))
        else peers.add(peer)
      }
    },
    detach(peer) {
      for (const source of endpointsOf(peer)) {
        const peers = endpoints.get(source)
        peers?.delete(peer)
        if (peers?.size === 0) endpoints.delete(source)
      }
    },
    async close() {
      closed = true
      clearTimeout(ticking)
      for (const { exchange } of [...slots.values()])
        if (exchange !== undefined) end(exchange, new SnmpFailure('timeout', 'the probe was closed'))
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
