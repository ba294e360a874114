import { describe, expect, it } from 'vitest'
import { correlate } from '../../../src/correlate/correlate.ts'
import { customersIn } from '../../../src/model/impact.ts'
import { customerWeight, defaultImpactWeights, impactWeight } from '../../../src/model/impact-weight.ts'
import type { Service } from '../../../src/model/service.ts'
import { bench, customer, network, service } from './network-bench.ts'

const of = (owner: string, one: Service): Service => ({ ...one, customer: owner })

const town = network('nms-core1 core1-a a-l1 a-l2 a-l3 core1-b b-l4', {
  services: [
    of('anna', service('s1', 'a', 'l1')),
    of('anna', service('s2', 'a', 'l2')),
    of('clinic', service('s3', 'a', 'l3')),
    of('nobody', service('s4', 'b', 'l4')),
  ],
  customers: [customer('anna', 'consumer', 'elderly'), customer('clinic', 'business', 'hospital')],
})

describe('what an incident does to customers', () => {
  it('counts each customer once', () => {
    const [finding] = bench(town).dark('a l1 l2 l3').correlate().findings
    expect(finding?.impact).toEqual([
      { service: 's1', customer: 'anna', state: 'down', weight: 3 },
      { service: 's2', customer: 'anna', state: 'down', weight: 3 },
      { service: 's3', customer: 'clinic', state: 'down', weight: 105 },
    ])
    expect([...customersIn(finding?.impact ?? [], 'down')]).toEqual(['anna', 'clinic'])
    expect(impactWeight(finding?.impact ?? [])).toBe(108)
  })

  it('weighs a customer by the worst of its services', () => {
    const [finding] = bench(town)
      .quality('packet-loss', 'l1')
      .dark('l2')
      .correlate()
      .findings.filter(({ kind }) => kind === 'degradation')
    expect(impactWeight(finding?.impact ?? [])).toBe(1.2)
    expect(
      impactWeight([
        { service: 's1', customer: 'anna', state: 'degraded', weight: 3 },
        { service: 's2', customer: 'anna', state: 'down', weight: 3 },
        { service: 's4', customer: 'nobody', state: 'atRisk' },
      ]),
    ).toBe(3.1)
  })

  it('leaves out what is planned', () => {
    expect(
      impactWeight([{ service: 's', customer: 'c', state: 'down', weight: 7, planned: 'window-1' }]),
    ).toBe(0)
  })

  it('says nothing of a weight of 1, which a customer has that is not known', () => {
    expect(bench(town).dark('l4').correlate().findings[0]?.impact).toEqual([
      { service: 's4', customer: 'nobody', state: 'down' },
    ])
  })
})

describe('the weight of a customer', () => {
  it.for([
    ['a household', 'consumer', [], 1],
    ['an old couple', 'consumer', ['elderly'], 3],
    ['a flag that is named twice', 'consumer', ['elderly', 'elderly'], 3],
    ['a hospital', 'enterprise', ['hospital'], 120],
    ['a tier that is not in the table', 'platinum', [], 1],
    ['a flag that is not in the table', 'consumer', ['constructor'], 1],
  ] as const)('%s', ([, tier, flags, weight]) => {
    expect(customerWeight({ tier, flags }, defaultImpactWeights)).toBe(weight)
  })
})

describe('severity', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, line) => service(`s${line}`, 'a', 'a', `ge${line}`))
  const degraded = (services: readonly Service[], more: Parameters<typeof network>[1] = {}) => {
    const net = network('nms-core1 core1-a', { ...more, services })
    return bench(net).quality('high-latency', 'a', 'minor').correlate().findings[0]?.severity
  }

  it('is that of the worst alarm while few suffer', () => {
    expect(degraded(lines(10))).toBe('minor')
  })

  it('rises with the weight of what is down or degraded', () => {
    expect(degraded(lines(50))).toBe('major')
    expect(degraded(lines(250))).toBe('critical')
    const hospital = [customer('c-s0', 'consumer', 'hospital')]
    expect(degraded(lines(1), { customers: hospital })).toBe('major')
  })

  it('does not rise by what is only at risk', () => {
    const net = network('nms-core1 core1-a core1-a#2', { services: lines(5000) })
    expect(bench(net).down('core1[to-a]').correlate().findings[0]?.severity).toBe('major')
  })

  it('follows the weights that are given', () => {
    const net = network('nms-core1 core1-a', { services: lines(1) })
    const input = bench(net).quality('high-latency', 'a', 'minor').input()
    const weights = { ...defaultImpactWeights, severities: { critical: 0.4 } }
    expect(correlate({ ...input, weights }).findings[0]?.severity).toBe('critical')
  })
})

describe('what several faults cost together', () => {
  const riskBy = (one: ReturnType<typeof bench>) =>
    Object.fromEntries(
      one
        .findings()
        .filter(({ kind }) => kind === 'outage')
        .map((finding) => [finding.roots.join(), 'atRisk' in finding ? finding.atRisk : '']),
    )

  it('is told of the fault that costs it, and not of one beside it', () => {
    const net = network('nms-core1 core1-p core1-q p-a q-a p-b q-b', {
      services: [service('s-a', 'a', 'a'), service('s-b', 'b', 'b')],
    })
    // p died first; then the other way to a failed as well. b hangs on q alone because of p.
    const one = bench(net).dark('p', 3600).dark('a').down('core1[to-p] b[to-p]', 3600).down('q[to-a]')
    expect(riskBy(one)).toEqual({ p: 's-b', 'a or its uplink': '' })
  })

  it('is told of each where one alone would have cost it', () => {
    // Two ways from the core to a; the second one leads over x and y, and both are dead.
    const net = network('nms-core1 core1-a core1-x x-y y-a x-v y-w', {
      services: [service('s-a', 'a', 'a')],
      unpolled: [],
    })
    const one = bench(net).dark('x v', 3600).dark('y w')
    expect(riskBy(one)).toEqual({ x: 's-a', 'y or its uplink': 's-a' })
  })

  it('is told of each of several ways where none is left but one', () => {
    const net = network('nms-core1 core1-x core1-y core1-z x-a y-a z-a', {
      services: [service('s-a', 'a', 'a')],
    })
    expect(riskBy(bench(net).dark('x', 3600).dark('y'))).toEqual({ x: 's-a', y: 's-a' })
    expect(riskBy(bench(net).dark('x'))).toEqual({ x: '' })
  })

  it('names what works and has no way out any more', () => {
    const net = network('nms-core1 core1-edge core1-a', {
      gateways: ['edge'],
      services: [service('s', 'a', 'a')],
    })
    const [finding] = bench(net).dark('edge').correlate().findings
    expect(finding?.impact).toMatchObject([{ service: 's', state: 'down' }])
    expect(finding?.explanation).toContain('a answers, and no way from there to the gateway (edge) is left.')
  })
})
