import { type Incident, isOpen } from '../model/incident.ts'
import type { Finding } from '../model/incident-event.ts'
import { byOverlap, type Overlap, overlapsWith } from './finding-overlap.ts'

/** A finding, the incident that it continues, and the younger ones that turn out to be the same thing. */
export interface Assignment {
  readonly finding: Finding
  /** Absent: nothing known has to do with it. */
  readonly incident?: Incident
  readonly merged: readonly Incident[]
  /** It was a part of this incident, which goes on with another finding. */
  readonly splitFrom?: Incident
}

/** Oldest first. */
export const byAge = (one: Incident, other: Incident): number =>
  one.detectedAt - other.detectedAt || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0)

interface Pair {
  readonly finding: Finding
  readonly incident: Incident
  readonly overlap: Overlap
}

/**
 * Which incident each finding continues, the same for any order of the input.
 * 1. The pairs that have most in common go together, one finding to one incident; of two that are equal, the older
 *    incident.
 * 2. An open incident that is left over and has to do with a finding is merged with that finding's incident; the
 *    oldest of them goes on.
 * 3. A finding that is left over opens a resolved incident of the same root again, the one resolved last.
 * 4. Where a finding that is left over has to do with an open incident all the same, they were one and have split; of
 *    several, it is a part of the one with which it has most in common.
 */
export function assignFindings(
  incidents: readonly Incident[],
  findings: readonly Finding[],
  mayReopen: (incident: Incident) => boolean,
): readonly Assignment[] {
  const open = incidents.filter(isOpen).toSorted(byAge)
  const overlaps = overlapsWith(findings)
  const pairs = open.flatMap((incident): readonly Pair[] => {
    const found = overlaps(incident)
    return findings.flatMap((finding) => {
      const overlap = found.get(finding)
      return overlap ? [{ finding, incident, overlap }] : []
    })
  })
  // Sorting is stable: pairs that are equal stay in order of age.
  pairs.sort((one, other) => byOverlap(one.overlap, other.overlap))

  const groups = new Map<Finding, Incident[]>()
  const taken = new Set<Incident>()
  for (const { finding, incident } of pairs) {
    if (groups.has(finding) || taken.has(incident)) continue
    groups.set(finding, [incident])
    taken.add(incident)
  }
  for (const { finding, incident } of pairs) {
    if (taken.has(incident)) continue
    groups.get(finding)?.push(incident)
    taken.add(incident)
  }

  const resolved = incidents
    .filter((incident) => incident.state === 'resolved' && mayReopen(incident))
    .toSorted((one, other) => (other.resolvedAt ?? 0) - (one.resolvedAt ?? 0) || byAge(one, other))
    .map((incident) => ({ incident, found: overlaps(incident) }))
  const survivors = new Map(
    [...groups.values()].flatMap((group) => {
      const [oldest] = group.toSorted(byAge)
      return oldest ? group.map((incident) => [incident, oldest] as const) : []
    }),
  )
  return findings.map((finding) => {
    const [oldest, ...younger] = (groups.get(finding) ?? []).toSorted(byAge)
    if (oldest) return { finding, incident: oldest, merged: younger }
    const whole = pairs.find((pair) => pair.finding === finding)?.incident
    // One that ends in another just now is a part of that.
    const survivor = whole && survivors.get(whole)
    const split = survivor ? { splitFrom: survivor } : {}
    const again = resolved.find(
      ({ incident, found }) => !taken.has(incident) && found.get(finding)?.sameRoot === true,
    )?.incident
    if (!again) return { finding, merged: [], ...split }
    taken.add(again)
    return { finding, incident: again, merged: [], ...split }
  })
}
