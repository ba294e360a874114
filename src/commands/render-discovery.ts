import { Document } from 'yaml'
import type { LinkEnd } from '../model/link.ts'
import type { SnmpAccess } from '../model/target.ts'
import type { DiscoveredInventory } from './discovered-inventory.ts'

const longestName = 200
const longestPort = 255

/** The reader of configurations puts variables in for `${…}`; what a device calls itself must not ask for one. */
const literal = (text: string, most: number): string =>
  text
    .slice(0, most)
    .replace(/[\uD800-\uDBFF]$/, '')
    .replaceAll('${', () => '$${')

/** A reference to a variable: secrets are not printed. */
const variable = (name: string): string => `\${${name}}`

/** How an element is asked, with a variable for each secret; their names are added to `needed`. */
function accessNode(access: SnmpAccess, prefix: string, needed: Set<string>): object {
  const secret = (part: string) => {
    needed.add(`${prefix}_${part}`)
    return variable(`${prefix}_${part}`)
  }
  const where = {
    ...(access.port === 161 ? {} : { port: access.port }),
    ...(access.acceptFrom.length === 0 ? {} : { acceptFrom: access.acceptFrom }),
  }
  if (access.version !== '3')
    return { version: access.version === '1' ? 1 : access.version, community: secret('COMMUNITY'), ...where }
  const { auth, priv } = access
  return {
    version: 3,
    user: literal(access.user, longestName),
    ...(auth && { auth: { protocol: auth.protocol, password: secret('AUTH') } }),
    ...(priv && { priv: { protocol: priv.protocol, password: secret('PRIV') } }),
    ...where,
  }
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

const endNode = ({ element, interface: port }: LinkEnd): object => ({
  element,
  ...(port === undefined ? {} : { interface: literal(port, longestPort) }),
})

const reasons = {
  'no-address': 'it tells no address',
  'not-allowed': 'outside of discovery.allow',
  'no-answer': 'no answer',
  'not-asked': 'not asked, the walk ended before',
} as const

/** Text from a device as one line of a comment. */
const shown = (text: string): string => JSON.stringify(text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' '))

/**
 * Inventory YAML: elements and links in the declared form. `ways` are those of `discovery.snmp`, whose secrets get
 * numbered variables. Whatever names devices have, the result reads back as the same names.
 */
export function renderDiscovery(found: DiscoveredInventory, ways: readonly SnmpAccess[]): string {
  const needed = new Set<string>()
  const known = ways.map((way) => JSON.stringify(way))
  const prefixOf = (access: SnmpAccess, id: string) => {
    const number = known.indexOf(JSON.stringify(access)) + 1
    return `FAULTLINE_SNMP_${number > 0 ? number : id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`
  }
  const document = new Document({
    elements: found.elements.map(({ id, name, address, access }) => ({
      id,
      ...(name === undefined ? {} : { name: literal(name, longestName) }),
      address,
      snmp: accessNode(access, prefixOf(access, id), needed),
    })),
  })
  document.set(
    'links',
    found.links.map(({ a, b }) => document.createNode({ a: endNode(a), b: endNode(b) }, { flow: true })),
  )
  const head = [
    ` ${counted(found.elements.length, 'element')} and ${counted(found.links.length, 'link')}, found by faultline discover.`,
    ' Put what stands under elements: and links: to the end of the lists of these names in your configuration.',
    ' (A file that the configuration includes, elements: { file: … }, is the one list without its key.)',
    ' There are no uplinks: links do as well. Only how the vantage is joined nothing tells: give the element',
    ' next to it uplinks: [ID of the vantage].',
    ...(needed.size === 0 ? [] : [' Secrets are not shown; each of these variables stands for one:']),
    ...[...needed].toSorted().map((name) => `   ${name}`),
  ]
  const tail = found.unreached.map(
    ({ neighbour, seenFrom, why }) =>
      ` not found: ${shown(neighbour.system || (neighbour.chassis ?? ''))} at ${seenFrom} port ${shown(neighbour.localPort)}` +
      `${neighbour.addresses.length === 0 ? '' : ` (${neighbour.addresses.join(', ')})`}: ${reasons[why]}`,
  )
  document.commentBefore = head.join('\n')
  if (tail.length > 0) document.comment = tail.join('\n')
  return document.toString({ lineWidth: 0 })
}
