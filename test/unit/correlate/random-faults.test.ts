import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { correlate } from '../../../src/correlate/correlate.ts'
import type { ImpactState } from '../../../src/model/impact.ts'
import { rootText, suspects } from '../../../src/model/incident.ts'
import type { Finding } from '../../../src/model/incident-event.ts'
import { buildTopology } from '../../../src/model/topology.ts'
import { bench, network, staged, withFaults } from './network-bench.ts'
import { inputOf, named, reached, trial } from './random-network.ts'

const runs = { numRuns: 600 }

/** Rings, parallel links, islands, several faults, filters, sites, links on paper, elements that nobody polls. */
const anything = trial({ muted: true, sites: true, paper: true, unpolled: true, most: 18 })

/** Only a machine that has much else to do needs so long. */
const limit = { timeout: 60_000 }

describe('any network with any faults', limit, () => {
  it('has each dark element in exactly one finding, and each alarm in at most one', () => {
    fc.assert(
      fc.property(anything, (one) => {
        const input = inputOf(one)
        const { findings, undecided } = correlate(input)
        expect(undecided).toEqual([])
        const dark = [...input.state.elements].filter(([, { reach }]) => reach === 'dark').map(([id]) => id)
        const blind = findings.some(({ kind }) => kind === 'blind')
        const found = findings.flatMap((finding) => (blind ? finding.shadowed : named(finding)))
        const isPolled = (id: string) => !one.net.unpolled.includes(id)
        expect(found.filter(isPolled).toSorted()).toEqual(dark.toSorted())
        const alarms = findings.flatMap((finding) => finding.alarms)
        expect(new Set(alarms).size).toBe(alarms.length)
      }),
      runs,
    )
  })

  it('never calls down what lies on the only path to an answer', () => {
    fc.assert(
      fc.property(anything, (one) => {
        const input = inputOf(one)
        const outages = correlate(input).findings.filter(({ kind }) => kind === 'outage')
        const answering = [...input.state.elements]
          .filter(([, { reach }]) => reach === 'answering')
          .map(([id]) => id)
        const usual = reached(one, new Set())
        for (const id of outages.flatMap(named)) {
          const left = reached(one, new Set([id]))
          expect(answering.filter((other) => usual.has(other) && !left.has(other))).toEqual([])
        }
      }),
      runs,
    )
  })

  it('hides an element only behind the roots of its finding', () => {
    fc.assert(
      fc.property(anything, (one) => {
        for (const { kind, roots, shadowed } of correlate(inputOf(one)).findings) {
          if (kind !== 'outage') continue
          const elements = new Set(roots.flatMap(suspects))
          const links = new Set(roots.flatMap((root) => (root.kind === 'link' ? [root.link.id] : [])))
          const left = reached(one, elements, links)
          expect(shadowed.filter((id) => left.has(id))).toEqual([])
        }
      }),
      runs,
    )
  })

  it('has roots that border on what is reached, answers or forwards', () => {
    fc.assert(
      fc.property(anything, (one) => {
        const input = inputOf(one)
        const { findings } = correlate(input)
        const outages = findings.filter(({ kind }) => kind === 'outage')
        const near = new Set([
          ...reached(one, new Set(outages.flatMap(named))),
          ...[...input.state.elements].filter(([, { reach }]) => reach === 'answering').map(([id]) => id),
          ...findings.filter(({ kind }) => kind === 'agent').flatMap(({ roots }) => roots.flatMap(suspects)),
        ])
        // What nobody polls is reached from what answers beside it.
        const blamed = new Set(outages.flatMap(named))
        for (const id of near)
          for (const far of one.net.links.flatMap(({ a, b }) =>
            a.element === id ? [b.element] : b.element === id ? [a.element] : [],
          ))
            if (one.net.unpolled.includes(far) && !blamed.has(far)) near.add(far)
        const usual = reached(one, new Set())
        const borders = (id: string) =>
          !usual.has(id) ||
          one.net.links.some(
            ({ a, b }) =>
              (a.element === id && near.has(b.element)) || (b.element === id && near.has(a.element)),
          )
        for (const root of outages.flatMap(({ roots }) => roots))
          if (root.kind === 'site') expect(root.elements.filter(borders).length).toBeGreaterThan(1)
          else if (root.kind === 'link')
            expect([root.link.a.element, root.link.b.element].some((id) => near.has(id))).toBe(true)
          else expect(borders(root.element), rootText(root)).toBe(true)
      }),
      runs,
    )
  })

  it('finds the same beside healthy parts that have nothing to do with it', () => {
    const healthy = fc.array(fc.nat(), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(anything, healthy, (one, parents) => {
        const more = network(
          parents
            .map((parent, index) => {
              const place = parent % (index + 1)
              return `h${index}-${place === index ? 'nms' : `h${place}`}`
            })
            .join(' '),
          { alone: ['stray'] },
        )
        const input = inputOf(one)
        const { findings } = correlate(input)
        // That something answers is evidence against a blind vantage.
        fc.pre(!findings.some(({ kind }) => kind === 'blind'))
        const wider = correlate({
          ...input,
          topology: buildTopology(
            one.net.vantage,
            one.net.gateways,
            [...one.net.elements, ...more.elements],
            [...one.net.links, ...more.links],
          ),
          state: {
            ...input.state,
            elements: new Map([...input.state.elements, ...bench(more).elements]),
          },
        })
        expect(wider.findings).toEqual(findings)
      }),
      runs,
    )
  })

  it('gives the same findings for any order of the input', () => {
    fc.assert(
      fc.property(anything, fc.infiniteStream(fc.nat()), (one, numbers) => {
        const input = inputOf(one)
        const shuffled = <T>(all: Iterable<T>): T[] => {
          const keyed = [...all].map((value) => ({ value, key: numbers.next().value ?? 0 }))
          return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value)
        }
        const { net } = one
        const again = correlate({
          ...input,
          topology: buildTopology(
            net.vantage,
            shuffled(net.gateways),
            shuffled(net.elements),
            shuffled(net.links),
          ),
          state: {
            elements: new Map(shuffled(input.state.elements)),
            portsDown: new Map(shuffled(input.state.portsDown)),
          },
          alarms: shuffled(input.alarms),
          services: shuffled(input.services),
        })
        expect(again).toEqual(correlate(input))
      }),
      runs,
    )
  })

  it('makes no service worse when a fault is repaired', () => {
    const weight: Record<ImpactState, number> = { down: 3, degraded: 2, atRisk: 1 }
    const worst = (findings: readonly Finding[]) => {
      const states = new Map<string, number>()
      for (const { service: id, state } of findings.flatMap(({ impact }) => impact))
        states.set(id, Math.max(weight[state], states.get(id) ?? 0))
      return states
    }
    fc.assert(
      fc.property(trial({ sites: true }), fc.nat(), (one, choice) => {
        const faults = [...one.dead, ...one.cut]
        const repaired = faults[choice % Math.max(1, faults.length)]
        const before = correlate(inputOf(one)).findings
        const after = correlate(
          inputOf({
            ...one,
            dead: new Set([...one.dead].filter((id) => id !== repaired)),
            cut: new Set([...one.cut].filter((link) => link !== repaired)),
          }),
        ).findings
        fc.pre(!before.some(({ kind }) => kind === 'blind'))
        const was = worst(before)
        for (const [id, state] of worst(after)) expect(was.get(id) ?? 0, id).toBeGreaterThanOrEqual(state)
      }),
      runs,
    )
  })

  it('has a service at risk exactly when a link on its way lost its spare', () => {
    fc.assert(
      fc.property(trial({ sites: true }), (one) => {
        const { findings } = correlate(inputOf(one))
        fc.pre(!findings.some(({ kind }) => kind === 'blind'))
        const seen = withFaults(one.net, one.dead, one.cut).elements
        const { links, gateways, services } = one.net
        /** What hangs on a gateway without the link, as it should be or as it is. */
        const served = (without: number, isNow: boolean) => {
          const isAlive = (id: string) => !isNow || seen.get(id)?.reach !== 'dark'
          const found = new Set(gateways.filter(isAlive))
          for (const id of found)
            for (const [index, { a, b }] of links.entries()) {
              if (index === without || (isNow && one.cut.has(index))) continue
              const far = a.element === id ? b.element : b.element === id ? a.element : undefined
              if (far !== undefined && isAlive(far)) found.add(far)
            }
          return found
        }
        const alive = served(-1, true)
        const expected = new Set<string>()
        for (const index of links.keys()) {
          const [usual, present] = [served(index, false), served(index, true)]
          for (const { id, endpoint } of services)
            if (alive.has(endpoint) && usual.has(endpoint) && !present.has(endpoint)) expected.add(id)
        }
        const atRisk = findings.flatMap(({ impact }) => impact.filter(({ state }) => state === 'atRisk'))
        expect([...new Set(atRisk.map((entry) => entry.service))].toSorted()).toEqual(
          [...expected].toSorted(),
        )
      }),
      runs,
    )
  })

  it('has at risk by one of two faults what that fault costs', () => {
    fc.assert(
      fc.property(trial({ most: 9 }), fc.nat(), (trialled, choice) => {
        // One died long before the other.
        const [first, second] = [...trialled.dead]
        fc.pre(first !== undefined && second !== undefined)
        const pair = [first ?? '', second ?? '']
        const { net } = trialled
        const seconds = choice % 2 === 0 ? [3600, 60] : [60, 60]
        const input = staged(
          net,
          pair.map((what, index) => ({ what, seconds: seconds[index] ?? 60 })),
        ).input()
        const outages = correlate(input).findings.filter(({ kind }) => kind === 'outage')
        fc.pre(outages.length === 2)
        const lostBy = outages.map((finding) => new Set(named(finding)))
        /** What hangs on a gateway without a link and these elements. */
        const served = (without: number, dead: ReadonlySet<string>) => {
          const found = new Set(net.gateways.filter((id) => !dead.has(id)))
          for (const id of found)
            for (const [index, { a, b }] of net.links.entries()) {
              const far = a.element === id ? b.element : b.element === id ? a.element : undefined
              if (index !== without && far !== undefined && !dead.has(far)) found.add(far)
            }
          return found
        }
        const [one = new Set<string>(), other = new Set<string>()] = lostBy
        const together = one.union(other)
        const alive = served(-1, together)
        /** A link that has no spare now and had one, by what its spare was lost. */
        const lost = [...net.links.keys()].map((link) => {
          const [usual, now, byOne, byOther] = [new Set<string>(), together, one, other].map((dead) =>
            served(link, dead),
          )
          return net.services.flatMap(({ id, endpoint }) => {
            if (!alive.has(endpoint) || !usual?.has(endpoint) || now?.has(endpoint)) return []
            const [first, second] = [byOne?.has(endpoint), byOther?.has(endpoint)]
            // Alone it would have cost it, or without it there would be one; or both did it together.
            const costs = [!first || second, !second || first]
            return [{ id, by: costs.includes(true) ? costs : [true, true] }]
          })
        })
        for (const [index, { impact }] of outages.entries()) {
          const costs = new Set(lost.flat().flatMap(({ id, by }) => (by[index] ? [id] : [])))
          const told = impact.filter(({ state }) => state === 'atRisk').map((entry) => entry.service)
          expect(told.toSorted()).toEqual([...costs].toSorted())
        }
      }),
      runs,
    )
  })

  it('has a service down exactly when no living path to a gateway is left', () => {
    fc.assert(
      fc.property(trial({ sites: true }), (one) => {
        const { findings } = correlate(inputOf(one))
        fc.pre(!findings.some(({ kind }) => kind === 'blind'))
        const seen = withFaults(one.net, one.dead, one.cut).elements
        const isAlive = (id: string) => seen.get(id)?.reach !== 'dark'
        const served = new Set(one.net.gateways.filter(isAlive))
        for (const id of served)
          for (const [index, { a, b }] of one.net.links.entries()) {
            const far = a.element === id ? b.element : b.element === id ? a.element : undefined
            if (far !== undefined && isAlive(far) && !one.cut.has(index)) served.add(far)
          }
        const down = findings.flatMap(({ impact }) => impact.filter(({ state }) => state === 'down'))
        expect([...new Set(down.map((entry) => entry.service))].toSorted()).toEqual(
          one.net.services
            .filter(({ endpoint }) => !served.has(endpoint))
            .map(({ id }) => id)
            .toSorted(),
        )
      }),
      runs,
    )
  })
})
