import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'
import type { ElementState, NetworkState } from '../model/network-state.ts'
import { elementState } from './element-state.ts'
import { downPorts, type ElementWatch } from './element-watch.ts'

/**
 * What the last polls say of the elements, at a time. `bornAt` is when there was first anything to judge. What did not
 * change is the same object as last time, and who keeps it does not see it change.
 */
export function createNetworkView(
  watches: ReadonlyMap<ElementId, ElementWatch>,
): (bornAt: number, now: number) => NetworkState {
  let shown: ReadonlyMap<ElementId, ElementState> = new Map()
  return (bornAt, now) => {
    let elements: Map<ElementId, ElementState> | undefined
    const portsDown = new Map<ElementId, ReadonlySet<InterfaceName>>()
    for (const [id, watch] of watches) {
      const state = publishedState(watch, bornAt, now)
      if (state !== shown.get(id)) {
        elements ??= new Map(shown)
        elements.set(id, state)
      }
      if (now - watch.agentHeardAt > watch.agentStaleMs || state.reach === 'dark') continue
      const down = downPorts(watch)
      if (down.size > 0) portsDown.set(id, down)
    }
    shown = elements ?? shown
    return { elements: shown, portsDown }
  }
}

/** Without a poll only time can change it: what is known grows old, and a clock that is set back makes it young again. */
function publishedState(watch: ElementWatch, bornAt: number, now: number): ElementState {
  const { published, heardAt, staleMs } = watch
  const isOld = heardAt === undefined || now - heardAt > staleMs
  if (published && watch.isPublished && isOld === (published.reach === 'unknown')) return published
  const state = elementState(watch, bornAt, now)
  watch.published = state
  watch.isPublished = true
  return state
}
