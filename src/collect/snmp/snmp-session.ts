import type { Session, Varbind } from 'net-snmp'
import type { SnmpAccess } from '../../model/target.ts'
import { failureOf, silence } from './failure-of.ts'
import { openSession } from './open-session.ts'
import { SnmpFailure } from './snmp-failure.ts'
import type { Refusal } from './source-gate.ts'

/** How an agent is asked within one poll. Every call rejects with SnmpFailure, and only with that. */
export interface Requests {
  readonly version: SnmpAccess['version']
  get(oids: readonly string[]): Promise<readonly Varbind[]>
  /** GETNEXT. */
  next(oids: readonly string[]): Promise<readonly Varbind[]>
  /** GETBULK, one list a column. It is sent once: who asks for many rows asks for fewer after a timeout. */
  bulk(oids: readonly string[], repetitions: number): Promise<readonly (readonly Varbind[])[]>
  /** Request PDUs asked for until now. */
  count(): number
}

export interface SnmpSession {
  /** Begins a poll. */
  poll(signal: AbortSignal): Requests
  /** Says in words why the poll failed, with what was dropped at the socket since it began. */
  explain(failure: SnmpFailure): SnmpFailure
  /** Forgets what is held of the agent's engine, so that the next request discovers it anew. */
  reset(): void
  close(): void
}

export interface SnmpSessionOptions {
  readonly address: string
  readonly access: SnmpAccess
  /** For each attempt. */
  readonly timeoutMs: number
  /** Further attempts after the first. */
  readonly retries: number
  readonly onRefused: (reason: Refusal, from: string) => void
  readonly onSocketError: (error: Error) => void
}

/** A poll is ended from outside when its time is used up; at a shutdown nobody reads what comes of it. */
const ended = () => new SnmpFailure('timeout', 'no complete answer before the poll was ended')

const refusalTexts = {
  malformed: 'answered with malformed packets',
  'wrong-version': 'answered with another SNMP version',
  'wrong-community': 'answered with another community',
  unauthenticated: 'answered without the authentication or encryption that is configured',
} as const

/**
 * A session with one agent. It is kept between polls, because a v3 session holds the agent's engine id, its clock
 * (RFC 3414 §2.3) and the keys made for it.
 */
export function createSnmpSession(options: SnmpSessionOptions): SnmpSession {
  const { address, access, timeoutMs, retries } = options
  let session: Session | undefined
  /** Whether the session in hand ever had an answer. */
  let answered = false
  /** What came since the poll began. */
  let passed = false
  let refused: { readonly reason: Refusal; readonly from: string } | undefined
  const waiting = new Set<(failure: SnmpFailure) => void>()

  const noteRefused = (reason: Refusal, from: string) => {
    refused = { reason, from }
    options.onRefused(reason, from)
  }
  const watcher = {
    refused: noteRefused,
    passed: () => {
      passed = true
    },
    broken: (from: string) => {
      noteRefused('malformed', from)
      for (const fail of waiting) fail(new SnmpFailure('timeout', refusalTexts.malformed))
    },
    socketFailed: (error: Error) => {
      options.onSocketError(error)
      // A socket that cannot be bound never sends, so nothing else would end these.
      for (const fail of waiting) fail(failureOf(error))
    },
  }

  const open = (): Session => {
    const opened = openSession(options, watcher)
    // Without this listener a packet that cannot be decoded would end the process.
    opened.on('error', () => noteRefused('malformed', address))
    answered = false
    return opened
  }

  const reset = () => {
    session?.close()
    session = undefined
  }

  type Send<T> = (via: Session, done: (error: Error | null, value?: T) => void) => void

  const attempt = <T>(send: Send<T>, signal: AbortSignal): Promise<T> =>
    new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        waiting.delete(fail)
        signal.removeEventListener('abort', abort)
        finish()
      }
      const fail = (failure: SnmpFailure) => settle(() => reject(failure))
      const abort = () => fail(ended())
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      waiting.add(fail)
      try {
        session ??= open()
        send(session, (error, value) => {
          if (error !== null) return fail(failureOf(error))
          answered = true
          settle(() => (value === undefined ? reject(failureOf(new Error('no value'))) : resolve(value)))
        })
      } catch (error) {
        fail(failureOf(error instanceof Error ? error : new Error(String(error))))
      }
    })

  /** An agent that restarted with another clock or engine id makes a kept session stale: once, it is made anew. */
  const fresh = async <T>(send: Send<T>, signal: AbortSignal): Promise<T> => {
    const kept = session !== undefined && answered
    try {
      return await attempt(send, signal)
    } catch (error) {
      const failure = failureOf(error instanceof Error ? error : new Error(String(error)))
      if (failure.kind !== 'stale') throw failure
      reset()
      if (!kept) throw new SnmpFailure('refused', failure.message)
      return await attempt(send, signal)
    }
  }

  const patient = async <T>(send: Send<T>, signal: AbortSignal): Promise<T> => {
    for (let left = retries; ; left--) {
      try {
        return await fresh(send, signal)
      } catch (error) {
        const again = error instanceof SnmpFailure && error.kind === 'timeout' && left > 0 && !signal.aborted
        if (!again) throw error
      }
    }
  }

  return {
    poll(signal) {
      let count = 0
      passed = false
      refused = undefined
      return {
        version: access.version,
        count: () => count,
        get(oids) {
          count++
          return patient((via, done) => via.get([...oids], done), signal)
        },
        next(oids) {
          count++
          return patient((via, done) => via.getNext([...oids], done), signal)
        },
        async bulk(oids, repetitions) {
          count++
          const columns = await fresh<(Varbind | Varbind[])[]>(
            (via, done) => via.getBulk([...oids], 0, repetitions, done),
            signal,
          )
          return columns.map((column) => (Array.isArray(column) ? column : [column]))
        },
      }
    },
    explain(failure) {
      if (failure.kind !== 'timeout') return failure
      const waited = `no answer within ${timeoutMs * (retries + 1)} ms`
      if (refused?.reason === 'wrong-source')
        return new SnmpFailure(
          'timeout',
          `${waited}; what came from ${refused.from} was dropped, as that address is not in acceptFrom`,
        )
      if (refused !== undefined) return new SnmpFailure('refused', refusalTexts[refused.reason])
      if (failure.message !== silence) return failure
      // An agent that cannot decrypt a request may drop it without a word.
      if (access.version === '3' && access.priv !== undefined && passed && !answered)
        return new SnmpFailure(
          'refused',
          'wrong privacy password or protocol: it answers only what is not encrypted',
        )
      return new SnmpFailure(
        'timeout',
        access.version === '3' ? waited : `${waited}; an agent is silent to a wrong community too`,
      )
    },
    reset,
    close: reset,
  }
}
