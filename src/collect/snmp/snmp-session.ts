import type { SnmpAccess } from '../../model/target.ts'
import type { MessageReader } from './codec/message-reader.ts'
import { type OidRange, oidRange } from './codec/oid.ts'
import type { RequestPdu } from './codec/request-pdu.ts'
import { pduTags } from './codec/tags.ts'
import { type Varbind, varbindsOf } from './codec/varbind.ts'
import type { MessageSecurity } from './message-security.ts'
import { responseError } from './response-error.ts'
import { SnmpFailure, silence } from './snmp-failure.ts'
import { canonicalAddress } from './transport/canonical-address.ts'
import type { Peer } from './transport/peer.ts'
import { type Refusal, refusalTexts } from './transport/refusal.ts'
import { RoundTrip } from './transport/round-trip.ts'
import type { SnmpTransport } from './transport/snmp-transport.ts'

/** What is asked, and what is made of the answer. */
export interface Question<T> {
  /** The PDU of an attempt, 0 being the first: a later one may ask for less. */
  pdu(attempt: number): RequestPdu
  /** How many values the answer may have. */
  varbinds(attempt: number): number
  /** Takes the values at once: the reader is used again. May throw SnmpFailure. */
  answered(message: MessageReader, attempt: number): T
}

/** How an agent is asked within one poll. Every call rejects with SnmpFailure, and only with that. */
export interface Requests {
  readonly version: SnmpAccess['version']
  ask<T>(question: Question<T>): Promise<T>
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

export interface SnmpSession {
  /** Asks within one poll, which the signal may end early. */
  poll<T>(signal: AbortSignal, asking: (requests: Requests) => Promise<T>): Promise<T>
  /** Says in words why the poll failed, with what was dropped since it began. */
  explain(failure: SnmpFailure): SnmpFailure
  close(): void
}

export interface SnmpSessionOptions {
  readonly address: string
  readonly access: SnmpAccess
  /** For each attempt, at most. */
  readonly timeoutMs: number
  /** Further attempts after the first. */
  readonly retries: number
}

export interface SnmpSessionDeps {
  readonly transport: SnmpTransport
  readonly security: MessageSecurity
  readonly onRefused: (reason: Refusal, from: string) => void
}

/** A poll is ended from outside when its time is used up; at a shutdown nobody reads what comes of it. */
const ended = () => new SnmpFailure('timeout', 'no complete answer before the poll was ended')

/** Bytes of a value with its name, until it is known better, and what else is in a message. */
const usualVarbindBytes = 24
const headerBytes = 100
const mostBytes = 65_507

/** Talks with one agent. It is kept between polls, with what is known of the agent's engine and its distance. */
export function createSnmpSession(options: SnmpSessionOptions, deps: SnmpSessionDeps): SnmpSession {
  const { access, timeoutMs, retries } = options
  const { transport, security } = deps
  const address = canonicalAddress(options.address)
  const roundTrip = new RoundTrip()
  let varbindBytes = usualVarbindBytes
  /** Whether the agent ever answered a question, and what else came since the poll began. */
  let everAnswered = false
  let passed = false
  let refused: { readonly reason: Refusal; readonly from: string } | undefined
  let attempts = retries + 1

  const peer: Peer = {
    address: options.address,
    port: access.port,
    sources: [address, ...access.acceptFrom.map(canonicalAddress)],
    socket: transport.sockets.next(address.includes(':') ? 6 : 4),
    roundTrip,
    timeoutMs,
    open(message) {
      const opened = security.open(message)
      if (opened === 'accepted' || opened === 'again') passed = true
      return opened
    },
    refused(reason, from) {
      if (reason !== 'late') refused = { reason, from }
      deps.onRefused(reason, from)
    },
    unanswered: () => security.unanswered(),
  }
  transport.attach(peer)

  function exchange<T>(question: Question<T>, running: Set<(failure: SnmpFailure) => void>): Promise<T> {
    return new Promise((resolve, reject) => {
      let value: { readonly it: T } | undefined
      const cancel = transport.send({
        peer,
        attempts,
        message: (id, attempt) => security.message(question.pdu(attempt), id),
        expectedBytes: (attempt) =>
          Math.min(mostBytes, headerBytes + varbindBytes * question.varbinds(attempt)),
        answered(message, attempt) {
          everAnswered = true
          if (message.count > 0) {
            const each = (message.end - message.start) / message.count
            varbindBytes = Math.max(each, 0.9 * varbindBytes)
          }
          if (message.errorStatus !== 0)
            throw responseError(message.errorStatus, message.errorIndex, question.pdu(attempt))
          value = { it: question.answered(message, attempt) }
        },
        ended(failure) {
          running.delete(cancelled)
          if (value === undefined) reject(failure ?? new SnmpFailure('refused', 'no value'))
          else resolve(value.it)
        },
      })
      const cancelled = (failure: SnmpFailure) => cancel(failure)
      running.add(cancelled)
    })
  }

  return {
    async poll(signal, asking) {
      const running = new Set<(failure: SnmpFailure) => void>()
      const abort = () => {
        for (const cancel of running) cancel(ended())
      }
      let count = 0
      passed = false
      refused = undefined
      attempts = retries + 1
      let answered = false

      const ask = async <T>(question: Question<T>): Promise<T> => {
        count++
        if (signal.aborted) throw ended()
        const preparing = security.prepare()
        if (preparing !== undefined) await preparing
        if (signal.aborted) throw ended()
        const value = await exchange(question, running)
        answered = true
        return value
      }
      const requests: Requests = {
        version: access.version,
        ask,
        get: (oids) => ask(listQuestion(pduTags.get, oids)),
        next: (oids) => ask(listQuestion(pduTags.getNext, oids)),
        count: () => count,
        get answered() {
          return answered
        },
        get once() {
          return attempts === 1
        },
        set once(wanted) {
          attempts = wanted ? 1 : retries + 1
        },
      }
      signal.addEventListener('abort', abort, { once: true })
      try {
        return await asking(requests)
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },

    explain(failure) {
      if (failure.kind !== 'timeout') return failure
      let waitedMs = 0
      for (let attempt = 0; attempt < attempts; attempt++)
        waitedMs += roundTrip.wait(attempt, attempts, timeoutMs)
      const waited = `no answer within ${Math.round(waitedMs)} ms`
      if (refused?.reason === 'wrong-source')
        return new SnmpFailure(
          'timeout',
          `${waited}; what came from ${refused.from} was dropped, as that address is not in acceptFrom`,
        )
      const text = refused === undefined ? undefined : refusalTexts[refused.reason]
      if (text !== undefined) return new SnmpFailure('refused', text)
      if (failure.message !== silence) return failure
      // An agent that cannot decrypt a request may drop it without a word.
      if (access.version === '3' && access.priv !== undefined && passed && !everAnswered)
        return new SnmpFailure(
          'refused',
          'wrong privacy password or protocol: it answers only what is not encrypted',
        )
      const hint =
        access.version === '3' || everAnswered ? '' : '; an agent is silent to a wrong community too'
      return new SnmpFailure('timeout', `${waited}${hint}`)
    },

    close: () => transport.detach(peer),
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
