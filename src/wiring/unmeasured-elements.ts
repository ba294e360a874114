import type { Finding } from '../model/incident-event.ts'
import type { ElementId } from '../model/network-element.ts'
import type { NetworkState } from '../model/network-state.ts'

/** Elements of which nothing is known now. */
export interface UnmeasuredElements {
  readonly elements: readonly ElementId[]
  /** Those of them that this host cannot send to while it has seen others for a while: that may stay so. */
  readonly unsendable: readonly ElementId[]
}

/** So long after being blind all are waited for, ms: each is polled again, and some routes come later than others. */
const comesBackMs = 60_000

/** Remembers when we were blind last. */
export function createUnmeasuredElements(): (
  state: NetworkState,
  findings: readonly Pick<Finding, 'kind'>[],
  now: number,
) => UnmeasuredElements {
  let blindAt: number | undefined
  return ({ elements }, findings, now) => {
    // After a restart it is not known.
    blindAt ??= now
    if (findings.some(({ kind }) => kind === 'blind')) blindAt = now
    const unknown: ElementId[] = []
    const unsent: ElementId[] = []
    let sees = false
    for (const [element, state] of elements) {
      if (state.reach === 'unknown' || state.unsent) unknown.push(element)
      if (state.unsent) unsent.push(element)
      else if (state.reach === 'answering') sees = true
    }
    const isStable = sees && Math.abs(now - blindAt) >= comesBackMs
    return { elements: unknown, unsendable: isStable ? unsent : [] }
  }
}
