import { isIP } from 'node:net'
import { knownVendors } from '../model/vendor.ts'
import type { Found } from './problem.ts'
import { at, entriesOf, itemsOf, type Spot, textOf } from './spot.ts'

/** Ids that are declared. Absent when the list itself is unusable: then nothing is said about who refers to it. */
type Known = ReadonlySet<string> | undefined

const quoted = (text: string) => JSON.stringify(text)

/** Finds ids that are there twice, and returns all of them. */
function identities(list: Spot, what: string, found: Found): Known {
  if (list.value !== undefined && !Array.isArray(list.value)) return undefined
  const known = new Set<string>()
  for (const item of itemsOf(list)) {
    const id = textOf(at(item, 'id'))
    if (id === undefined) continue
    if (known.has(id)) found(at(item, 'id').path, `there is another ${what} ${quoted(id)} already`)
    known.add(id)
  }
  return known
}

function mustExist(spot: Spot, known: Known, what: string, found: Found): void {
  const id = textOf(spot)
  if (id !== undefined && known && !known.has(id)) found(spot.path, `no ${what} ${quoted(id)}`)
}

function checkUplinks(element: Spot, elements: Known, found: Found): void {
  const seen = new Set<string>()
  for (const uplink of itemsOf(at(element, 'uplinks'))) {
    const id = textOf(uplink)
    if (id === undefined) continue
    if (id === textOf(at(element, 'id'))) found(uplink.path, 'an element cannot be its own uplink')
    else if (seen.has(id)) found(uplink.path, `${quoted(id)} is listed already`)
    else mustExist(uplink, elements, 'element', found)
    seen.add(id)
  }
}

function checkLinks(links: Spot, elements: Known, found: Found): void {
  const seen = new Set<string>()
  for (const link of itemsOf(links)) {
    const ends = [at(link, 'a'), at(link, 'b')]
    for (const end of ends) mustExist(at(end, 'element'), elements, 'element', found)
    const [one, other] = ends.map((end) => textOf(at(end, 'element')))
    if (one === undefined || other === undefined) continue
    if (one === other) found(link.path, 'a link joins two different elements')
    const key = ends
      .map((end) => JSON.stringify([textOf(at(end, 'element')), textOf(at(end, 'interface'))]))
      .toSorted()
      .join()
    if (seen.has(key)) found(link.path, 'this link is there already; interfaces tell parallel links apart')
    seen.add(key)
  }
}

function checkContacts(customer: Spot, channels: Spot, found: Found): void {
  const declared = new Map(entriesOf(channels))
  for (const contact of itemsOf(at(customer, 'contacts'))) {
    const name = textOf(at(contact, 'channel'))
    if (name === undefined) continue
    const channel = declared.get(name)
    if (!channel) {
      found(at(contact, 'channel').path, `no channel ${quoted(name)} under notify.channels`)
      continue
    }
    const kind = textOf(at(channel, 'kind'))
    const address = textOf(at(contact, 'address'))
    const byMail = kind === 'smtp' || kind === 'mailbox'
    // Anything more than one plain address could address further people, or write headers.
    if (byMail && address !== undefined && !/^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/.test(address))
      found(at(contact, 'address').path, 'expected one mail address such as wang@example.net')
  }
}

function checkService(service: Spot, elements: Known, customers: Known, found: Found): void {
  mustExist(at(service, 'customer'), customers, 'customer', found)
  mustExist(at(service, 'element'), elements, 'element', found)
  const target = at(service, 'target')
  const text = textOf(target)
  if (text === undefined) return
  if (isIP(text) === 0) mustExist(target, elements, 'address or element', found)
  const implicit = `${textOf(at(service, 'id')) ?? ''}-end`
  if (isIP(text) !== 0 && elements?.has(implicit))
    found(target.path, `needs the id ${quoted(implicit)} for the customer’s end, and an element has it`)
}

function checkListening(top: Spot, found: Found): void {
  const listen = textOf(at(at(top, 'server'), 'listen'))
  if (at(at(top, 'auth'), 'tokens').value !== false || listen === undefined) return
  if (!/^(127\.[\d.]+|localhost|\[::1\]):\d+$/.test(listen))
    found(['auth', 'tokens'], 'without tokens, server.listen must be a loopback address')
}

/** A name with the engine that it is bound to: of two that are the same, only one could ever be used. */
function checkTrapUsers(users: Spot, found: Found): void {
  const seen = new Set<string>()
  for (const user of itemsOf(users)) {
    const name = textOf(at(user, 'name'))
    if (name === undefined) continue
    const key = JSON.stringify([name, textOf(at(user, 'engineId'))?.replace(/^0x/, '').toLowerCase()])
    if (seen.has(key)) found(at(user, 'name').path, `there is another user ${quoted(name)} for that engine`)
    seen.add(key)
  }
}

function checkRules(top: Spot, elements: Known, found: Found): void {
  const rules = at(at(top, 'detection'), 'rules')
  const vendors = new Set([
    ...knownVendors,
    ...itemsOf(at(top, 'elements')).flatMap((element) => textOf(at(element, 'vendor')) ?? []),
  ])
  const calendars = at(at(top, 'detection'), 'calendars')
  const named = new Set(entriesOf(calendars).map(([name]) => name))
  for (const rule of itemsOf(rules)) {
    const scope = at(rule, 'scope')
    for (const element of itemsOf(at(scope, 'elements'))) mustExist(element, elements, 'element', found)
    for (const vendor of itemsOf(at(scope, 'vendors')))
      if (!vendors.has(textOf(vendor) ?? knownVendors[0] ?? ''))
        found(vendor.path, `no element has that vendor, nor is it one of ${knownVendors.join(', ')}`)
    mustExist(at(at(rule, 'relativeTo'), 'element'), elements, 'element', found)
    mustExist(at(at(rule, 'window'), 'calendar'), named, 'calendar', found)
  }
  identities(rules, 'rule', found)
}

/**
 * What no single setting can tell: ids that are there twice and references to nothing. Works on data that the schema
 * may have refused, so that a person sees everything in one go.
 */
export function checkReferences(value: unknown, found: Found): void {
  const top: Spot = { value, path: [] }
  const declared = identities(at(top, 'elements'), 'element', found)
  // The vantage is an element without being declared.
  const elements = declared && new Set(declared).add(textOf(at(top, 'vantage')) ?? defaultVantage)
  const customers = identities(at(top, 'customers'), 'customer', found)
  identities(at(top, 'services'), 'service', found)
  for (const gateway of itemsOf(at(top, 'gateways'))) mustExist(gateway, elements, 'element', found)
  for (const element of itemsOf(at(top, 'elements'))) checkUplinks(element, elements, found)
  checkLinks(at(top, 'links'), elements, found)
  for (const customer of itemsOf(at(top, 'customers')))
    checkContacts(customer, at(at(top, 'notify'), 'channels'), found)
  for (const service of itemsOf(at(top, 'services'))) checkService(service, elements, customers, found)
  checkRules(top, elements, found)
  checkListening(top, found)
  checkTrapUsers(at(at(top, 'traps'), 'users'), found)
}

/** What the element is called that this process polls from, where nothing else is said. */
export const defaultVantage = 'nms'
