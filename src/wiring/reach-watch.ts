import type { ElementId } from '../model/network-element.ts'
import type { NetworkState } from '../model/network-state.ts'

/** Elements that turned since the last look. */
export interface Turned {
  /** Those that answer now and did not before, or the reverse. */
  readonly all: readonly ElementId[]
  /** Those that have just missed a poll, could not be asked, or answer again: what is around them is worth a poll. */
  readonly hasten: readonly ElementId[]
}

/** Remembers how each element was, to tell what turned. */
export function createReachWatch(): { turned(elements: NetworkState['elements']): Turned } {
  const before = new Map<ElementId, string>()
  /** While nothing was polled the state of an element is the same object. */
  let seen: NetworkState['elements'] = new Map()
  return {
    turned(elements: NetworkState['elements']) {
      const all: ElementId[] = []
      const hasten: ElementId[] = []
      const seenBefore = seen
      seen = elements
      if (seenBefore === elements) return { all, hasten }
      for (const [element, state] of elements) {
        const last = seenBefore.get(element)
        if (last === state) continue
        const { reach, agentSilent, unsent } = state
        if (unsent && !last?.unsent) hasten.push(element)
        const word = agentSilent ? `${reach}, agent silent` : reach
        const was = before.get(element)
        if (was === word) continue
        before.set(element, word)
        all.push(element)
        if (reach === 'missing' || (reach === 'answering' && was?.startsWith('dark'))) hasten.push(element)
      }
      return { all, hasten }
    },
  }
}
