import { bitRateOf, durationMs } from './quantity.ts'
import { ScenarioError, type SourceLine } from './scenario-error.ts'
import type {
  LinkKnowledge,
  ScenarioNetwork,
  WorldElement,
  WorldLink,
  WorldService,
} from './world-network.ts'

type Customer = ScenarioNetwork['customers'][number]

/** Ends of a declared link have the ports `to-<the other end>`; parallel ones are told apart by `#2`. */
const usualLink = { known: 'declared' as LinkKnowledge, speedBps: 1e9, delayMs: 1 }

/**
 * Reads the lines under `network`:
 * `a -- b -- c [lldp 100Mbps 5ms]` links, `a -> b` an uplink without ports, and words about elements after a colon.
 */
export function parseNetwork(file: string, lines: readonly SourceLine[]): ScenarioNetwork {
  const elements = new Map<string, WorldElement>()
  const links: WorldLink[] = []
  const services: WorldService[] = []
  const customers = new Map<string, Customer>()
  let vantage = 'nms'
  let gateways: readonly string[] = []
  let lldp = false

  const element = (id: string): WorldElement => {
    const known = elements.get(id)
    if (known) return known
    const made = { id, tags: [], probes: { icmp: true, stamp: false, snmp: true } }
    elements.set(id, made)
    return made
  }
  const change = (ids: string, with_: (one: WorldElement) => WorldElement) => {
    for (const id of ids.split(/\s+/)) elements.set(id, with_(element(id)))
  }

  function addLinks({ number, text }: SourceLine): void {
    const [, chain = '', options = ''] = /^([^[\]]+?)\s*(?:\[([^\]]*)\])?$/.exec(text) ?? []
    const parts = chain.split(/\s+(--|->)\s+/)
    for (let at = 0; at + 2 < parts.length; at += 2) {
      const [a = '', kind, b = ''] = parts.slice(at, at + 3)
      for (const id of [a, b]) {
        if (!/^[a-z][\w.]*$/i.test(id))
          throw new ScenarioError(file, number, `"${id}" is no name of an element`)
        element(id)
      }
      const twins = links.filter(({ name }) =>
        [`${a}--${b}`, `${b}--${a}`].includes(name.replace(/#\d+$/, '')),
      )
      const copy = twins.length === 0 ? '' : `#${twins.length + 1}`
      let link: WorldLink = {
        ...usualLink,
        name: `${a}--${b}${copy}`,
        a: { element: a, port: `to-${b}${copy}` },
        b: { element: b, port: `to-${a}${copy}` },
        known: kind === '->' ? 'uplink' : 'declared',
      }
      for (const option of options.split(/\s+/).filter(Boolean)) {
        const speedBps = bitRateOf(option)
        const delayMs = durationMs(option)
        if (option === 'lldp' || option === 'hidden' || option === 'paper') link = { ...link, known: option }
        else if (speedBps !== undefined) link = { ...link, speedBps }
        else if (delayMs !== undefined) link = { ...link, delayMs }
        else throw new ScenarioError(file, number, `a link is no "${option}"`)
      }
      links.push(link)
    }
  }

  function addService({ number, text }: SourceLine): void {
    const form = /^service (\S+) of (\S+) at ([\w.]+)(?:\[([^\]]+)\])?(?: to ([\w.]+))?(?: class (\S+))?$/
    const [, id, customer = '', at = '', port, endpoint, kind] = form.exec(text) ?? []
    if (id === undefined)
      throw new ScenarioError(file, number, 'expected "service ID of CUSTOMER at ELEMENT[PORT] to ELEMENT"')
    for (const name of [at, endpoint])
      if (name !== undefined && !elements.has(name))
        throw new ScenarioError(file, number, `there is no element ${name}`)
    if (!customers.has(customer))
      customers.set(customer, { id: customer, language: 'en', tier: 'consumer', flags: [] })
    services.push({
      id,
      customer,
      element: at,
      ...(port === undefined ? {} : { port }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(kind === undefined ? {} : { class: kind }),
    })
  }

  for (const line of lines) {
    const { number, text } = line
    const [, word = '', name, rest = ''] = /^(\w+)(?: ([^:]+))?:\s*(.*)$/.exec(text) ?? []
    if (/ (--|->) /.test(text)) addLinks(line)
    else if (text.startsWith('service ')) addService(line)
    else if (word === 'vantage') vantage = rest
    else if (word === 'gateways') gateways = rest.split(/\s+/)
    else if (word === 'lldp') lldp = rest === 'everywhere'
    else if (word === 'alone') change(rest, (one) => one)
    else if (word === 'unpolled') change(rest, ({ probes: _, ...one }) => one)
    else if (word === 'role' && name) change(rest, (one) => ({ ...one, role: name }))
    else if (word === 'site' && name) change(rest, (one) => ({ ...one, site: name }))
    else if (word === 'tag' && name) change(rest, (one) => ({ ...one, tags: [...one.tags, name] }))
    else if (word === 'probes' && name) {
      const has = (probe: string) => name.split(/\s+/).includes(probe)
      change(rest, (one) => ({
        ...one,
        probes: { icmp: has('icmp'), stamp: has('stamp'), snmp: has('snmp') },
      }))
    } else if (word === 'customer' && name) {
      const words = rest.split(/\s+/).filter(Boolean)
      customers.set(name, {
        id: name,
        language: words.includes('zh') ? 'zh' : 'en',
        tier: words.find((one) => ['consumer', 'business', 'vip'].includes(one)) ?? 'consumer',
        flags: words.filter((one) => !['zh', 'en', 'consumer', 'business', 'vip'].includes(one)),
      })
    } else throw new ScenarioError(file, number, `a network has no "${text}"`)
  }
  element(vantage)
  change(vantage, ({ probes: _, ...one }) => one)
  const first = lines[0]?.number ?? 1
  if (links.length === 0) throw new ScenarioError(file, first, 'the network has no links')
  for (const gateway of gateways)
    if (!elements.has(gateway))
      throw new ScenarioError(file, first, `there is no element ${gateway}, a gateway`)
  return { vantage, gateways, elements, links, services, customers: [...customers.values()], lldp }
}
