import type { NetworkAlarm } from '../model/alarm.ts'
import type { LinkDifference } from '../model/link-difference.ts'
import { roleOf } from './alarm-roles.ts'
import { blindFault } from './blind-fault.ts'
import { blindness } from './blindness.ts'
import { type Carrying, carrying } from './carrying.ts'
import { withConditions } from './conditions.ts'
import { darkPieces } from './dark-pieces.ts'
import { degradations } from './degradations.ts'
import { doubtedLinks } from './doubted-links.ts'
import type { Fault } from './fault.ts'
import { at } from './graph.ts'
import type { Layout } from './layout.ts'
import { agentFaults, linkFaults } from './link-faults.ts'
import type { LossDirections } from './loss-direction.ts'
import { outages } from './outages.ts'
import { sameFaults } from './same-faults.ts'
import { severedPaths } from './severed-paths.ts'
import type { Seen } from './sight.ts'
import { assess, type Situation } from './situation.ts'
import { unreached } from './unreached.ts'

export interface FaultsInput {
  readonly layout: Layout
  readonly views: readonly Seen[]
  readonly now: number
  readonly waitMs: number
  readonly differences: readonly LinkDifference[]
  readonly lossDirections: LossDirections
}

/** All that is wrong, each alarm in at most one fault and each dark element in one or undecided. */
export interface Faults {
  /** What the vantages that see anything know together; absent when all are blind. */
  readonly situation: Situation | undefined
  readonly blind: readonly { readonly situation: Situation; readonly fault: Fault }[]
  readonly faults: readonly Fault[]
  readonly undecided: readonly number[]
}

/** The order in which things explain each other: first what is dark, then what is cut, then what is slow. */
export function findFaults(input: FaultsInput): Faults {
  const { layout, views, now, waitMs, lossDirections } = input
  const frame = { layout, now, waitMs, isDoubted: doubtedLinks(layout.graph, input.differences) }
  const all = views.map((view) => {
    const situation = assess(frame, [view])
    return { view, situation, blindness: blindness(situation, at(situation.vantages, 0)) }
  })
  const blind = all
    .filter((one) => one.blindness.kind === 'yes')
    .map(({ situation }) => ({ situation, fault: blindFault(situation) }))
  const seeing = all.filter((one) => one.blindness.kind !== 'yes')
  const [only, ...others] = seeing
  if (only === undefined) return { situation: undefined, blind, faults: [], undecided: [] }
  const situation =
    others.length === 0
      ? only.situation
      : assess(
          frame,
          seeing.map(({ view }) => view),
        )
  const before = Math.min(
    ...seeing.map((one) => (one.blindness.kind === 'maybe' ? one.blindness.before : Infinity)),
  )
  const ofViews = others.length === 0 ? [situation] : seeing.map((one) => one.situation)
  return { situation, blind, ...faultsIn(situation, ofViews, before, lossDirections) }
}

function faultsIn(
  situation: Situation,
  ofViews: readonly Situation[],
  before: number,
  lossDirections: LossDirections,
): Pick<Faults, 'faults' | 'undecided'> {
  const carries = carrying(situation)
  const lost = unreached(situation, carries)
  const pieces = darkPieces(lost.situation, carries, lost, before)
  const claimed = new Set<NetworkAlarm>()
  const isClaimed = (alarm: NetworkAlarm) => claimed.has(alarm)
  const faults: Fault[] = []
  const take = (more: readonly Fault[]) => {
    for (const fault of more) {
      const alarms = fault.alarms.filter((alarm) => !claimed.has(alarm))
      for (const alarm of alarms) claimed.add(alarm)
      faults.push({ ...fault, alarms })
    }
  }
  let dark = outages(lost.situation, carries, pieces.decided)
  const waiting = new Set(pieces.undecided)
  if (ofViews.length > 1)
    for (const own of ofViews) {
      const severed = severedPaths(own, situation, carries.forwards, dark)
      dark = severed.faults
      for (const vertex of severed.undecided) waiting.add(vertex)
    }
  take(ofViews.length > 1 ? sameFaults(dark) : dark)
  take(linkFaults(situation, carries, isClaimed, (vertex) => waiting.has(vertex)))
  take(degraded(ofViews, carries, new Set(pieces.decided.flat()), isClaimed, lossDirections))
  // After them: a path that loses packets silences agents, and that is no fault of theirs.
  take(agentFaults(situation, carries, isClaimed))
  const whole = withConditions(situation, faults, isClaimed)
  return { faults: whole, undecided: [...waiting].sort((one, other) => one - other) }
}

/** Quality is measured along the paths from each vantage, so each is looked at by itself. */
function degraded(
  ofViews: readonly Situation[],
  carries: Carrying,
  dead: ReadonlySet<number>,
  isClaimed: (alarm: NetworkAlarm) => boolean,
  lossDirections: LossDirections,
): readonly Fault[] {
  const passable = {
    vertex: (vertex: number) => !dead.has(vertex),
    link: (link: number) => !carries.isBroken(link),
  }
  const isGood = (one: Situation, vertex: number) =>
    one.reach[vertex] === 'answering' && !one.alarmsOf(vertex).some((alarm) => roleOf(alarm) === 'path')
  const faults = ofViews.flatMap((own) =>
    degradations({
      situation: own,
      passable,
      isClaimed,
      goodFrom: (vertex) =>
        ofViews.filter((other) => other !== own && isGood(other, vertex)).flatMap(({ vantages }) => vantages),
      lossDirections,
    }),
  )
  return ofViews.length > 1 ? sameFaults(faults) : faults
}
