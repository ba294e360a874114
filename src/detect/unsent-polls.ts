import type { Unsent } from '../model/network-state.ts'
import type { PollResult, ProbeName } from '../model/reading.ts'

/** Keeps whether this host can send to one element at all. */
export interface UnsentPolls {
  accept(reading: Pick<PollResult, 'probe' | 'outcome' | 'at' | 'problem'>): void
  /** The same object while nothing changes; undefined: it can, as far as anyone knows. */
  current(): Unsent | undefined
}

/**
 * A probe that cannot be sent while another one can (no socket for it, its port filtered) is no matter of the element's
 * route: such a probe says nothing until it was sent again. By the order of polls, so that a clock that is set does no harm.
 */
export function createUnsentPolls(): UnsentPolls {
  /** The first poll, by number, of those that each probe could not send. */
  const failing = new Map<ProbeName, number>()
  let polls = 0
  let lastSent = 0
  let current: Unsent | undefined
  return {
    accept({ probe, outcome, at, problem }) {
      polls++
      if (outcome !== 'notSent') {
        failing.delete(probe)
        lastSent = polls
        current = undefined
        return
      }
      const first = failing.get(probe) ?? polls
      failing.set(probe, first)
      if (first < lastSent) return
      if (current === undefined)
        current = { since: at, isConfirmed: false, ...(problem === undefined ? {} : { problem }) }
      else if (!current.isConfirmed || at < current.since)
        current = { ...current, since: Math.min(current.since, at), isConfirmed: true }
    },
    current: () => current,
  }
}
