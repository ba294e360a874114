import type { ElementId } from '../model/network-element.ts'
import type { Sample } from '../model/sample.ts'

/** Where packets to an element and back are lost: on the way there, on the way back, or on both. */
export type LossDirection = 'forward' | 'backward' | 'both'

/** Where a stateful reflector tells it. */
export type LossDirections = ReadonlyMap<ElementId, LossDirection>

/** What is left of the packets that were lost each way, and when that was. */
interface Lost {
  forward: number
  backward: number
  at: number
}

// Long enough for a burst of five packets each ten seconds to tell, short enough that the last fault is forgotten soon.
const halfLifeMs = 5 * 60_000
// One packet is chance.
const fewest = 2
// One-way from here, and until the share falls below the second: a word that comes and goes helps nobody.
const oneWayFrom = 0.9
const oneWayUntil = 0.8

/** Remembers which way STAMP bursts lost packets (RFC 8972 `stateful`: the reflector counts what reached it). */
export function createLossDirections() {
  const lost = new Map<ElementId, Lost>()
  let directions: LossDirections = new Map()

  function tell(element: ElementId, direction: LossDirection | undefined): void {
    if (directions.get(element) === direction) return
    const told = new Map(directions)
    if (direction === undefined) told.delete(element)
    else told.set(element, direction)
    directions = told
  }

  function accept({ measurement, tags, fields, at }: Sample): void {
    const { element } = tags
    const forward = packetsOf(fields, 'loss_forward_ratio')
    const backward = packetsOf(fields, 'loss_backward_ratio')
    if (measurement !== 'stamp' || element === undefined) return
    if (forward === undefined || backward === undefined) return
    const before = lost.get(element)
    if (before === undefined && forward + backward === 0) return
    const fade = before === undefined ? 0 : 0.5 ** (Math.max(0, at - before.at) / halfLifeMs)
    const now = {
      forward: (before?.forward ?? 0) * fade + forward,
      backward: (before?.backward ?? 0) * fade + backward,
      at,
    }
    const sum = now.forward + now.backward
    if (sum < fewest / 8) lost.delete(element)
    else lost.set(element, now)
    tell(element, sum < fewest ? undefined : directionOf(now.forward / sum, directions.get(element)))
  }

  return {
    accept(samples: readonly Sample[]): void {
      for (const sample of samples) if (sample.measurement === 'stamp') accept(sample)
    },
    /** The same object until one of them changes. */
    directions: (): LossDirections => directions,
  }
}

function directionOf(share: number, before: LossDirection | undefined): LossDirection {
  if (share >= (before === 'forward' ? oneWayUntil : oneWayFrom)) return 'forward'
  if (1 - share >= (before === 'backward' ? oneWayUntil : oneWayFrom)) return 'backward'
  return 'both'
}

/** Packets of a burst that its ratio stands for. */
function packetsOf(fields: Sample['fields'], name: string): number | undefined {
  const [ratio, sent] = [fields[name], fields.sent]
  return typeof ratio === 'number' && typeof sent === 'number' ? ratio * sent : undefined
}
