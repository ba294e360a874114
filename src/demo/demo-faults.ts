import type { LinkId } from '../model/link.ts'
import type { ElementId } from '../model/network-element.ts'
import { FaultlineError } from '../platform/errors.ts'
import { type Faults, noFaults } from './demo-forwarding.ts'
import { type DemoPlan, linkOf } from './demo-plan.ts'

/**
 * Breaks and repairs the demo network. Things that are not in the plan are an ARGUMENT_INVALID FaultlineError. Doing
 * the same again changes nothing.
 */
export interface NetworkControl {
  /** Takes the power from an element: it is silent, its neighbours' ports go down, and so is all that has no other way. */
  cut(element: ElementId): void
  cutLink(a: ElementId, b: ElementId): void
  /** Loses this share (0..1) of the packets that go through the element, or over the link. */
  loss(where: ElementId | readonly [ElementId, ElementId], ratio: number): void
  /** Fills a link to 97 %, so that its queue adds delay and drops what does not fit. */
  congestion(a: ElementId, b: ElementId): void
  /** Ends every fault of that element or link; without an argument, all faults there are. */
  repair(where?: ElementId | readonly [ElementId, ElementId]): void
  faults(): Faults
}

/** `changed` is called after each change. */
export function createFaults(plan: DemoPlan, changed: (faults: Faults) => void): NetworkControl {
  let faults = noFaults

  function elementNamed(id: ElementId): ElementId {
    if (plan.elements.some((element) => element.id === id)) return id
    throw new FaultlineError('ARGUMENT_INVALID', `the demo network has no element ${id}`)
  }
  function linkNamed(a: ElementId, b: ElementId): LinkId {
    const { id } = linkOf({ a, b })
    if (plan.links.some((link) => link.id === id)) return id
    throw new FaultlineError('ARGUMENT_INVALID', `the demo network has no link between ${a} and ${b}`)
  }
  const named = (where: ElementId | readonly [ElementId, ElementId]) =>
    typeof where === 'string' ? elementNamed(where) : linkNamed(...where)
  const change = (next: Partial<Faults>) => {
    faults = { ...faults, ...next }
    changed(faults)
  }

  return {
    cut: (element) => change({ down: new Set(faults.down).add(elementNamed(element)) }),
    cutLink: (a, b) => change({ cut: new Set(faults.cut).add(linkNamed(a, b)) }),
    congestion: (a, b) => change({ congested: new Set(faults.congested).add(linkNamed(a, b)) }),
    loss(where, ratio) {
      if (!(ratio >= 0 && ratio <= 1))
        throw new FaultlineError('ARGUMENT_INVALID', 'loss is a ratio from 0 to 1')
      change({ loss: new Map(faults.loss).set(named(where), ratio) })
    },
    repair(where) {
      if (where === undefined) return change(noFaults)
      const id = named(where)
      const others = (all: ReadonlySet<string>) => new Set([...all].filter((one) => one !== id))
      change({
        down: others(faults.down),
        cut: others(faults.cut),
        congested: others(faults.congested),
        loss: new Map([...faults.loss].filter(([one]) => one !== id)),
      })
    },
    faults: () => faults,
  }
}
