import type { ServiceImpact } from '../../model/impact.ts'
import type { RootCause } from '../../model/incident.ts'
import type { Finding } from '../../model/incident-event.ts'
import type { Link } from '../../model/link.ts'
import type { Service, ServiceId } from '../../model/service.ts'
import type { Cover, Coverage } from './coverage.ts'

/** What maintenance windows cover now, and where services are. */
export interface PlannedWork {
  readonly covers: Coverage
  readonly services: ReadonlyMap<ServiceId, Pick<Service, 'element' | 'endpoint'>>
}

/** Work on a box is work on the ends of its links. */
const coverOfLink = ({ a, b }: Link, covers: Coverage): Cover | undefined =>
  covers.get(a.element) ?? covers.get(b.element)

/** The first of them, if each is covered: what may have failed anywhere is planned only if it is planned everywhere. */
const coverOfAll = (covers: readonly (Cover | undefined)[]): Cover | undefined =>
  covers.every((cover) => cover !== undefined) ? covers[0] : undefined

function coverOfRoot(root: RootCause, covers: Coverage): Cover | undefined {
  switch (root.kind) {
    case 'element':
      return covers.get(root.element)
    case 'link':
      return coverOfLink(root.link, covers)
    case 'elementOrUplink':
      return covers.get(root.element) ?? coverOfAll(root.uplinks.map((link) => coverOfLink(link, covers)))
    case 'site':
      return coverOfAll(root.elements.map((element) => covers.get(element)))
  }
}

/** The covers of its root causes; undefined when one is not covered. */
function coversOf({ roots }: Pick<Finding, 'roots'>, covers: Coverage): readonly Cover[] | undefined {
  const found = roots.flatMap((root) => coverOfRoot(root, covers) ?? [])
  return found.length === roots.length && found.length > 0 ? found : undefined
}

/** It began after the windows that explain it did. */
export const beganInside = (finding: Finding, work: PlannedWork | undefined): boolean =>
  (coversOf(finding, work?.covers ?? new Map()) ?? []).every(({ start }) => start <= finding.onsetAt)

const withoutPlan = ({ planned: _, ...entry }: ServiceImpact): ServiceImpact => entry

/**
 * The finding with what maintenance windows explain of it. A service is planned to suffer when all root causes are
 * covered by windows that include what hangs on them, or when it is covered itself. The finding as a whole is planned
 * when all of its roots are covered and each of its services is planned to suffer.
 */
export function withPlannedWork(found: Finding, work: PlannedWork | undefined): Finding {
  const { planned: _, ...finding } = found
  const impact = finding.impact.some(({ planned }) => planned !== undefined)
    ? finding.impact.map(withoutPlan)
    : finding.impact
  if (!work || work.covers.size === 0) return { ...finding, impact }
  const roots = coversOf(finding, work.covers)
  const cause = roots?.every(({ downstream }) => downstream) ? roots[0] : undefined
  const coverOf = ({ service }: ServiceImpact): Cover | undefined => {
    const known = work.services.get(service)
    return cause ?? (known && (work.covers.get(known.endpoint) ?? work.covers.get(known.element)))
  }
  const marked = impact.map((entry) => {
    const cover = coverOf(entry)
    return cover ? { ...entry, planned: cover.window } : entry
  })
  const [first] = roots ?? []
  return {
    ...finding,
    impact: marked,
    ...(first && marked.every(({ planned }) => planned !== undefined) ? { planned: first.window } : {}),
  }
}
