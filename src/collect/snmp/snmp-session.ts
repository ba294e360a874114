import type { SnmpAccess } from '../../model/target.ts'
import { messageOf } from '../../platform/errors.ts'
import type { MessageReader } from './codec/message-reader.ts'
import { type OidRange, oidRange } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import { pduTags } from './codec/tags.ts'
import { type Varbind, varbindsOf } from './codec/varbind.ts'
import type { MessageSecurity } from './message-security.ts'
import { responseError } from './response-error.ts'
import type { SignalWatch } from './signal-watch.ts'
import { SnmpFailure, silence } from './snmp-failure.ts'
import { canonicalAddress } from './transport/canonical-address.ts'
import type { Opened, Peer } from './transport/peer.ts'
import { type Refusal, refusalTexts } from './transport/refusal.ts'
import { RoundTrip } from './transport/round-trip.ts'
import { Exchange, type SnmpTransport } from './transport/snmp-transport.ts'
import type { AgentSocket } from './transport/udp-sockets.ts'
import type { EngineMemo } from './usm/engine.ts'

/** What is asked, and what is made of the answer. */
export interface Question<T extends object | number> {
  /** The PDU of an attempt, 0 being the first: a later one may ask for less. */
  pdu(attempt: number): RequestPdu
  /** How many values the answer may have. */
  varbinds(attempt: number): number
  /** Takes the values at once: the reader is used again. May throw SnmpFailure. */
  answered(message: MessageReader, attempt: number): T
}

/** A question that takes its own end. Neither may throw. */
export interface Asking<T extends object | number> extends Question<T> {
  resolve(value: T): void
  reject(failure: SnmpFailure): void
}

/** How an agent is asked within one poll. Every call rejects with SnmpFailure, and only with that. */
export interface Requests {
  readonly version: SnmpAccess['version']
  ask<T extends object | number>(question: Question<T>): Promise<T>
  /** The same, for one that asks so much that a promise each time would show. */
  begin<T extends object | number>(asking: Asking<T>): void
  get(oids: readonly string[]): Promise<readonly Varbind[]>
  /** GETNEXT. */
  next(oids: readonly string[]): Promise<readonly Varbind[]>
  /** Request PDUs asked for until now. */
  count(): number
  /** Whether anything was answered in this poll. */
  readonly answered: boolean
  /** From now on nothing is asked twice: for an agent that was silent last time. */
  once: boolean
}

export interface SnmpSessionOptions {
  readonly address: string
  readonly access: SnmpAccess
  /** For each attempt, at most. */
  readonly timeoutMs: number
  /** Further attempts after the first. */
  readonly retries: number
  /** A packet was dropped that seemed to come from it. `from` is `address:port`. */
  readonly onRefused: (reason: Refusal, from: string) => void
}

export interface SnmpSessionDeps {
  readonly transport: SnmpTransport
  readonly security: MessageSecurity
  /** Shared by the sessions of a client. */
  readonly signals: SignalWatch
}

/** A poll is ended from outside when its time is used up; at a shutdown nobody reads what comes of it. */
const ended = () => new SnmpFailure('timeout', 'no complete answer before the poll was ended')

/** Bytes of a value with its name, until it is known better, and what else is in a message. */
const usualVarbindBytes = 24
const headerBytes = 100
const mostBytes = 65_507

/**
 * Talks with one agent, until it is closed. It is kept between polls, with what is known of the agent's engine and its
 * distance; there are as many as elements, so it is one small object.
 */
export class SnmpSession implements Peer {
  readonly address: string
  readonly port: number
  readonly sources: readonly string[]
  readonly socket: AgentSocket | Error
  readonly roundTrip = new RoundTrip()
  readonly timeoutMs: number
  readonly #options: SnmpSessionOptions
  readonly #transport: SnmpTransport
  readonly #security: MessageSecurity
  readonly #signals: SignalWatch
  #varbindBytes = usualVarbindBytes
  #attempts: number
  /** Whether the agent ever answered a question, and what else came since the poll began. */
  #everAnswered = false
  #passed = false
  #refused: { readonly reason: Refusal; readonly from: string } | undefined

  constructor(options: SnmpSessionOptions, { transport, security, signals }: SnmpSessionDeps) {
    const { access } = options
    const address = canonicalAddress(options.address)
    this.#options = options
    this.#transport = transport
    this.#security = security
    this.#signals = signals
    this.#attempts = options.retries + 1
    this.address = options.address
    this.port = access.port
    this.sources = [address, ...access.acceptFrom.map(canonicalAddress)]
    this.socket = transport.sockets.next(address.includes(':') ? 6 : 4)
    this.timeoutMs = options.timeoutMs
    transport.attach(this)
  }

  open(message: MessageReader): Opened {
    const opened = this.#security.open(message)
    if (opened === 'accepted' || opened === 'again') this.#passed = true
    return opened
  }

  refused(reason: Refusal, from: string): void {
    if (reason !== 'late') this.#refused = { reason, from }
    this.#options.onRefused(reason, from)
  }

  unanswered(): void {
    this.#security.unanswered()
  }

  /** SNMPv3: its engine as it is known now. */
  engine(): EngineMemo | undefined {
    return this.#security.engine()
  }

  /** SNMPv3: forgets the engine, so that the next request asks for it anew. */
  reset(): void {
    this.#security.reset()
  }

  /** Asks within one poll, which the signal may end early. */
  async poll<T>(signal: AbortSignal, asking: (requests: Requests) => Promise<T>): Promise<T> {
    this.#passed = false
    this.#refused = undefined
    this.#attempts = this.#options.retries + 1
    const running: Exchange[] = []
    const abort = () => {
      for (const one of [...running]) this.#transport.cancel(one, ended())
    }
    this.#signals.add(signal, abort)
    try {
      return await asking(new PollRequests(this, signal, running))
    } finally {
      this.#signals.delete(signal, abort)
    }
  }

  /** Says in words why the poll failed, with what was dropped since it began. */
  explain(failure: SnmpFailure): SnmpFailure {
    if (failure.kind !== 'timeout') return failure
    const { access } = this.#options
    const attempts = this.#attempts
    let waitedMs = 0
    for (let attempt = 0; attempt < attempts; attempt++)
      waitedMs += this.roundTrip.wait(attempt, attempts, this.timeoutMs)
    const waited = `no answer within ${Math.round(waitedMs)} ms`
    if (this.#refused?.reason === 'wrong-source')
      return new SnmpFailure(
        'timeout',
        `${waited}; what came from ${this.#refused.from} was dropped, as that address is not in acceptFrom`,
      )
    const text = this.#refused === undefined ? undefined : refusalTexts[this.#refused.reason]
    if (text !== undefined) return new SnmpFailure('refused', text)
    if (failure.message !== silence) return failure
    // An agent that cannot decrypt a request may drop it without a word.
    if (access.version === '3' && access.priv !== undefined && this.#passed && !this.#everAnswered)
      return new SnmpFailure(
        'refused',
        'wrong privacy password or protocol: it answers only what is not encrypted',
      )
    const hint =
      access.version === '3' || this.#everAnswered ? '' : '; an agent is silent to a wrong community too'
    return new SnmpFailure('timeout', `${waited}${hint}`)
  }

  close(): void {
    this.#transport.detach(this)
  }

  // What follows is for the requests of a poll.

  get version(): SnmpAccess['version'] {
    return this.#options.access.version
  }

  /** How often each question is asked, from now on. */
  get attempts(): number {
    return this.#attempts
  }

  askOnce(isOnce: boolean): void {
    this.#attempts = isOnce ? 1 : this.#options.retries + 1
  }

  /** What must be done before the first message; undefined when nothing. */
  prepare(): Promise<unknown> | undefined {
    return this.#security.prepare()
  }

  message(pdu: RequestPdu, id: number): Uint8Array {
    return this.#security.message(pdu, id)
  }

  expectedBytes(varbinds: number): number {
    return Math.min(mostBytes, headerBytes + this.#varbindBytes * varbinds)
  }

  /** Something was answered: remembers how large values are. */
  answered({ count, start, end }: MessageReader): void {
    this.#everAnswered = true
    if (count > 0) this.#varbindBytes = Math.max((end - start) / count, 0.9 * this.#varbindBytes)
  }

  send(exchange: Exchange): void {
    this.#transport.send(exchange)
  }
}

class PollRequests implements Requests {
  readonly version: SnmpAccess['version']
  answered = false
  readonly #session: SnmpSession
  readonly #signal: AbortSignal
  readonly #running: Exchange[]
  #count = 0
  // Not the same as one attempt: there may be no retries at all.
  #isOnce = false

  constructor(session: SnmpSession, signal: AbortSignal, running: Exchange[]) {
    this.version = session.version
    this.#session = session
    this.#signal = signal
    this.#running = running
  }

  ask<T extends object | number>(question: Question<T>): Promise<T> {
    return new Promise((resolve, reject) => this.#begin(question, { resolve, reject }))
  }

  begin<T extends object | number>(asking: Asking<T>): void {
    this.#begin(asking, asking)
  }

  #begin<T extends object | number>(question: Question<T>, end: QuestionEnd<T>): void {
    this.#count++
    if (this.#signal.aborted) {
      end.reject(ended())
      return
    }
    const asked = new Asked(this, this.#session, question, end)
    const preparing = this.#session.prepare()
    if (preparing === undefined) asked.send(this.#running)
    else
      preparing.then(
        () => {
          if (this.#signal.aborted) end.reject(ended())
          else asked.send(this.#running)
        },
        (error: unknown) => end.reject(new SnmpFailure('notSent', messageOf(error))),
      )
  }

  get(oids: readonly string[]): Promise<readonly Varbind[]> {
    return this.ask(listQuestion(pduTags.get, oids))
  }

  next(oids: readonly string[]): Promise<readonly Varbind[]> {
    return this.ask(listQuestion(pduTags.getNext, oids))
  }

  count(): number {
    return this.#count
  }

  get once(): boolean {
    return this.#isOnce
  }

  set once(wanted: boolean) {
    this.#isOnce = wanted
    this.#session.askOnce(wanted)
  }
}

type QuestionEnd<T extends object | number> = Pick<Asking<T>, 'resolve' | 'reject'>

/** A question on its way. */
class Asked<T extends object | number> extends Exchange {
  readonly peer: SnmpSession
  readonly attempts: number
  readonly #requests: PollRequests
  readonly #question: Question<T>
  readonly #end: QuestionEnd<T>
  #value: T | undefined
  /** Where it is while it is under way. */
  #running: Exchange[] | undefined

  constructor(requests: PollRequests, peer: SnmpSession, question: Question<T>, end: QuestionEnd<T>) {
    super()
    this.peer = peer
    this.attempts = peer.attempts
    this.#requests = requests
    this.#question = question
    this.#end = end
  }

  send(running: Exchange[]): void {
    this.#running = running
    running.push(this)
    this.peer.send(this)
  }

  message(id: number, attempt: number): Uint8Array {
    return this.peer.message(this.#question.pdu(attempt), id)
  }

  expectedBytes(attempt: number): number {
    return this.peer.expectedBytes(this.#question.varbinds(attempt))
  }

  answered(message: MessageReader, attempt: number): void {
    this.peer.answered(message)
    if (message.errorStatus !== 0)
      throw responseError(message.errorStatus, message.errorIndex, this.#question.pdu(attempt))
    this.#value = this.#question.answered(message, attempt)
    this.#requests.answered = true
  }

  ended(failure: SnmpFailure | undefined): void {
    const running = this.#running
    // One at a time is the rule.
    if (running?.at(-1) === this) running.pop()
    else running?.splice(running.indexOf(this), 1)
    if (this.#value !== undefined) this.#end.resolve(this.#value)
    else this.#end.reject(failure ?? new SnmpFailure('refused', 'no value'))
  }
}

/** Asks for single values. What comes back must be about them: themselves for GET, what follows them for GETNEXT. */
function listQuestion(
  type: (typeof pduTags)['get' | 'getNext'],
  oids: readonly string[],
): Question<readonly Varbind[]> {
  const pdu: RequestPdu = { type, names: oids.map((oid): OidRange => oidRange(oid)) }
  return {
    pdu: () => pdu,
    varbinds: () => oids.length,
    answered({ bytes, start, end }) {
      const values = varbindsOf(bytes, start, end)
      const fits =
        values.length === oids.length &&
        (type !== pduTags.get || values.every(({ oid }, i) => oid === oids[i]))
      if (!fits) throw new SnmpFailure('refused', 'the answer is not about what was asked')
      return values
    },
  }
}
