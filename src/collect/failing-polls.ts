import type { ElementId } from '../model/network-element.ts'
import { problemText } from '../model/problem-text.ts'
import type { PollOutcome, PollResult, ProbeName } from '../model/reading.ts'
import type { Logger } from '../platform/logger.ts'

/** A probe of an element whose last poll failed, and why. */
export interface FailingPoll {
  readonly element: ElementId
  readonly probe: ProbeName
  readonly outcome: Exclude<PollOutcome, 'answered'>
  /** Of the last poll; one line, and hostile text. */
  readonly problem: string
  /** When the first of the polls began that failed since the last answer, and the last. UTC epoch ms. */
  readonly since: number
  readonly lastAt: number
}

export interface FailingPolls {
  accept(result: PollResult): void
  /** The gravest first: what was refused, what could not be sent, silence; and of these what began last. */
  worst(limit: number): readonly FailingPoll[]
}

/** The last line about an agent; without a reason: that it can be read again. */
interface Told {
  readonly reason?: string
  /** When a reason was logged last. */
  readonly at: number
}

const order = ['refused', 'notSent', 'timeout'] as const
/** An agent whose reason is another one at each poll must not fill the log. */
const quietMs = 600_000

/**
 * Keeps why polls fail, of those that tell why. That an agent answers and cannot be read is logged when its reason
 * changes, but not more than once in ten minutes, and when it can be read again.
 */
export function createFailingPolls({ log }: { readonly log: Logger }): FailingPolls {
  const failing: Readonly<Record<ProbeName, Map<ElementId, FailingPoll>>> = {
    icmp: new Map(),
    stamp: new Map(),
    snmp: new Map(),
  }
  const told = new Map<ElementId, Told>()

  const tellRefused = ({ element, problem, lastAt }: FailingPoll) => {
    const before = told.get(element)
    if (before?.reason === problem) return
    const age = before === undefined ? quietMs : lastAt - before.at
    if (age >= 0 && age < quietMs) return
    told.set(element, { reason: problem, at: lastAt })
    log.warn({ element, reason: problem }, 'the SNMP agent answers, but cannot be read')
  }

  const tellRead = (element: ElementId, at: number) => {
    const before = told.get(element)
    if (before === undefined) return
    if (before.reason !== undefined) {
      told.set(element, { at: before.at })
      log.info({ element }, 'the SNMP agent can be read again')
    } else if (Math.abs(at - before.at) >= quietMs) told.delete(element)
  }

  return {
    accept({ element, probe, outcome, problem, at }) {
      const polls = failing[probe]
      if (outcome === 'answered') {
        polls.delete(element)
        if (probe === 'snmp') tellRead(element, at)
        return
      }
      if (problem === undefined) {
        polls.delete(element)
        return
      }
      const since = polls.get(element)?.since ?? at
      const poll = { element, probe, outcome, problem: problemText(problem), since, lastAt: at }
      polls.set(element, poll)
      if (probe === 'snmp' && outcome === 'refused') tellRefused(poll)
    },
    worst: (limit) =>
      Object.values(failing)
        .flatMap((polls) => [...polls.values()])
        .sort(
          (one, other) =>
            order.indexOf(one.outcome) - order.indexOf(other.outcome) || other.since - one.since,
        )
        .slice(0, limit),
  }
}
