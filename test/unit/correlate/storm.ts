import { type CorrelationInput, createCorrelator } from '../../../src/correlate/correlate.ts'
import { type bench, type Network, network, now, service, withFaults } from './network-bench.ts'

/** 10,003 elements: 50 rings of ten nodes between two cores, 19 lines on each node. A ring is a site. */
function rings(): Network {
  const links = ['nms-core1', 'nms-core2', 'core1-core2']
  const services = []
  const sites: Record<string, string> = {}
  for (let ring = 0; ring < 50; ring++) {
    links.push(`core1-r${ring}x0`, `core2-r${ring}x9`)
    const nodes = []
    for (let place = 0; place < 10; place++) {
      const node = `r${ring}x${place}`
      nodes.push(node)
      if (place > 0) links.push(`r${ring}x${place - 1}-${node}`)
      for (let line = 0; line < 19; line++) {
        links.push(`${node}-${node}l${line}`)
        services.push(service(`s${ring}.${place}.${line}`, node, `${node}l${line}`))
      }
    }
    sites[`site${ring}`] = nodes.join(' ')
  }
  return network(links.join(' '), { gateways: ['core1', 'core2'], services, sites })
}

/** 10,004 elements: the nodes have a splitter each that nobody polls, with 18 lines; all nodes hang on one segment too. */
function splitters(): Network {
  const links = ['nms-core1', 'core1-segment']
  const unpolled = ['segment']
  const services = []
  for (let place = 0; place < 500; place++) {
    const node = `n${place}`
    links.push(`segment-${node}`, `${node}-${node}s`)
    unpolled.push(`${node}s`)
    for (let line = 0; line < 18; line++) {
      links.push(`${node}s-${node}l${line}`)
      services.push(service(`s${place}.${line}`, node, `${node}l${line}`))
    }
  }
  return network(links.join(' '), { services, unpolled })
}

export interface Storm {
  readonly name: string
  readonly input: CorrelationInput
  readonly elements: number
  readonly dark: number
}

/** What 10,000 elements look like when 3,000 of them are dark, for different reasons. */
export function storms(): readonly Storm[] {
  const ringed = rings()
  const split = splitters()
  const storm = (
    name: string,
    isDead: RegExp,
    also: (one: ReturnType<typeof bench>) => void = () => {},
    net = ringed,
  ) => {
    const one = withFaults(net, new Set(net.elements.filter((id) => isDead.test(id))), new Set())
    also(one)
    const input = one.input()
    const dark = [...input.state.elements.values()].filter(({ reach }) => reach === 'dark').length
    return { name, input, elements: net.elements.length, dark }
  }
  return [
    storm('both ends of 15 rings fail', /^r(\d|1[0-4])x[09]$/),
    storm('15 sites lose their power', /^r(\d|1[0-4])x\d$/),
    storm('six lines of each node fail', /l[0-5]$/),
    storm(
      'a node of each ring and a line of each node fail, and each ring loses packets',
      /^r\d+x5$|l7$/,
      (one) => {
        for (let ring = 0; ring < 50; ring++)
          one.quality('packet-loss', [2, 3].map((place) => `r${ring}x${place}`).join(' '))
      },
    ),
    storm('a splitter of each third node fails', /^n\d*[0369]s$/, undefined, split),
    storm('six lines of each splitter fail', /l[0-5]$/, undefined, split),
    storm('a third of the nodes on a segment fails', /^n\d*[0369]$/, undefined, split),
  ]
}

/** CPU milliseconds: nothing known yet, the topology known and one more element dark at each step, and nothing new. */
export interface StormFigures {
  readonly findings: number
  readonly coldMs: number
  readonly changingMs: readonly number[]
  readonly standingMs: readonly number[]
}

/** CPU time of this thread: other work on the machine does not count. */
const timed = <T>(work: () => T): { readonly value: T; readonly ms: number } => {
  const began = process.threadCpuUsage()
  const value = work()
  const { user, system } = process.threadCpuUsage(began)
  return { value, ms: (user + system) / 1000 }
}

export function measureStorm({ input }: Storm, times = 7): StormFigures {
  const services = [...input.services]
  const correlate = createCorrelator()
  const cold = timed(() => correlate({ ...input, services }))
  const healthy = [...input.state.elements].filter(([, { reach }]) => reach === 'answering')
  const changingMs = Array.from({ length: times }, (_, index) => {
    const elements = new Map(input.state.elements)
    const [id, state] = healthy[index * 13] ?? []
    if (id !== undefined && state) elements.set(id, { ...state, reach: 'missing', since: now - 500 })
    const changed = { ...input, services, state: { ...input.state, elements } }
    return timed(() => correlate(changed)).ms
  })
  correlate({ ...input, services })
  const standingMs = Array.from(
    { length: times },
    (_, index) => timed(() => correlate({ ...input, services, now: now + index * 1000 })).ms,
  )
  return { findings: cold.value.findings.length, coldMs: cold.ms, changingMs, standingMs }
}
