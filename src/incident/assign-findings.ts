import { type Incident, isOpen } from '../model/incident.ts'
import type { Finding } from '../model/incident-event.ts'
import { byOverlap, type Overlap, overlapOf } from './finding-overlap.ts'

/** A finding, the incident that it continues, and the younger ones that turn out to be the same thing. */
export interface Assignment {
  readonly finding: Finding
  /** Absent: nothing known has to do with it. */
  readonly incident?: Incident
  readonly merged: readonly Incident[]
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
 */
export function assignFindings(
  incidents: readonly Incident[],
  findings: readonly Finding[],
  mayReopen: (incident: Incident) => boolean,
): readonly Assignment[] {
  const open = incidents.filter(isOpen).toSorted(byAge)
  const pairs: Pair[] = []
  for (const incident of open)
    for (const finding of findings) {
      const overlap = overlapOf(incident, finding)
      if (overlap) pairs.push({ finding, incident, overlap })
    }
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
  return findings.map((finding) => {
    const [oldest, ...younger] = (groups.get(finding) ?? []).toSorted(byAge)
    if (oldest) return { finding, incident: oldest, merged: younger }
    const again = resolved.find((incident) => !taken.has(incident) && overlapOf(incident, finding)?.sameRoot)
    if (!again) return { finding, merged: [] }
    taken.add(again)
    return { finding, incident: again, merged: [] }
  })
}
