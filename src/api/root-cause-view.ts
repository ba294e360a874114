import type { Incident, RootCause, Trouble } from '../model/incident.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Link } from '../model/link.ts'
import type { ElementId } from '../model/network-element.ts'
import type { RootCauseView } from './views/incident-schemas.ts'

/** What names elements. */
export type Elements = Pick<Inventory, 'elements'>

const nameOf = (element: ElementId, { elements }: Elements) => elements.get(element)?.name ?? element

const linkText = (link: Link, inventory: Elements) =>
  `${nameOf(link.a.element, inventory)} – ${nameOf(link.b.element, inventory)}`

/** A root cause with a sentence for people. */
export function rootCauseView(root: RootCause, inventory: Elements): RootCauseView {
  switch (root.kind) {
    case 'link':
      return {
        kind: root.kind,
        trouble: root.trouble,
        links: [root.link.id],
        text: withTrouble(`link ${linkText(root.link, inventory)}`, root.trouble),
      }
    case 'site':
      return { kind: root.kind, site: root.site, links: [], text: `site ${root.site}` }
    case 'element': {
      const name = nameOf(root.element, inventory)
      return {
        kind: root.kind,
        element: root.element,
        elementName: name,
        trouble: root.trouble,
        links: [],
        text: withTrouble(name, root.trouble),
      }
    }
    case 'elementOrUplink': {
      const name = nameOf(root.element, inventory)
      const links = root.uplinks.map((link) => link.id)
      return {
        kind: root.kind,
        element: root.element,
        elementName: name,
        links,
        text: `${name} or its uplink`,
      }
    }
  }
}

const withTrouble = (text: string, trouble: Trouble | undefined): string =>
  trouble === undefined ? text : `${text} (${trouble})`

/** The root causes in one line; of an incident without any its kind. */
export const incidentTitle = (incident: Pick<Incident, 'roots' | 'kind'>, inventory: Elements): string =>
  incident.roots.map((root) => rootCauseView(root, inventory).text).join(', ') || incident.kind
