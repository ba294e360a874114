import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CorrelationInput, correlate, createCorrelator } from '../../../src/correlate/correlate.ts'
import { rootText } from '../../../src/model/incident.ts'
import { buildTopology } from '../../../src/model/topology.ts'
import { ago, bench, inShort, type Network, network, now, staged } from './network-bench.ts'
import { named, type Trial, trial } from './random-network.ts'

/** The faults of a trial one after the other, the first as many seconds ago as the sum of the pauses. */
function inputOf({ net, dead, cut }: Trial, pauses: readonly number[]): CorrelationInput {
  const faults = [...dead, ...cut]
  const ages = faults.map((_, index) => pauses.slice(index).reduce((sum, pause) => sum + pause, 60))
  return staged(
    net,
    faults.map((what, index) => ({ what, seconds: ages[index] ?? 60 })),
  ).input()
}

const neighboursOf = (net: Network, id: string): readonly string[] =>
  net.links.flatMap(({ a, b }) => (a.element === id ? [b.element] : b.element === id ? [a.element] : []))

function reachedWithout(net: Network, isGone: (id: string) => boolean): ReadonlySet<string> {
  const found = new Set([net.vantage])
  for (const id of found) for (const far of neighboursOf(net, id)) if (!isGone(far)) found.add(far)
  return found
}

const quiet = network('nms-core1 core1-a core1-b')

const pauses = fc.array(fc.constantFrom(5, 30, 200, 3600), { minLength: 16, maxLength: 16 })

/** Only a machine that has much else to do needs so long. */
const limit = { timeout: 60_000 }

describe('any network with faults one after the other', limit, () => {
  it('has each dark element in exactly one finding, whose roots bordered on what was reached then', () => {
    fc.assert(
      fc.property(trial({ sites: true, unpolled: true }), pauses, (one, times) => {
        const input = inputOf(one, times)
        const { findings, undecided } = correlate(input)
        expect(undecided).toEqual([])
        const since = new Map([...input.state.elements].map(([id, state]) => [id, state.since]))
        const dark = [...input.state.elements].filter(([, { reach }]) => reach === 'dark').map(([id]) => id)
        const blind = findings.some(({ kind }) => kind === 'blind')
        const found = findings.flatMap((finding) => (blind ? finding.shadowed : named(finding)))
        const isPolled = (id: string) => !one.net.unpolled.includes(id)
        expect(found.filter(isPolled).toSorted()).toEqual(dark.toSorted())
        if (blind) return
        const usual = reachedWithout(one.net, () => false)
        for (const finding of findings) {
          if (finding.kind !== 'outage') continue
          const own = new Set(named(finding))
          // What fell later still answered then.
          const near = reachedWithout(
            one.net,
            (id) => own.has(id) || (dark.includes(id) && (since.get(id) ?? now) <= finding.onsetAt),
          )
          for (const root of finding.roots) {
            const ids =
              root.kind === 'link'
                ? [root.link.a.element, root.link.b.element]
                : root.kind === 'site'
                  ? root.elements
                  : [root.element]
            const borders = ids.some(
              (id) =>
                !usual.has(id) || near.has(id) || neighboursOf(one.net, id).some((other) => near.has(other)),
            )
            expect(borders, rootText(root)).toBe(true)
          }
        }
      }),
      { numRuns: 600 },
    )
  })

  it('keeps what an incident is about when something else falls much later', () => {
    fc.assert(
      fc.property(trial(), pauses, fc.nat(), (one, times, choice) => {
        const before = inputOf(one, times)
        const first = correlate(before).findings
        const alive = [...before.state.elements].filter(([, { reach }]) => reach === 'answering')
        const victim = alive[choice % Math.max(1, alive.length)]?.[0]
        fc.pre(victim !== undefined)
        const later = staged(one.net, [
          ...[...one.dead, ...one.cut].map((what, index) => ({
            what,
            seconds: 3600 + times.slice(index).reduce((sum, pause) => sum + pause, 60),
          })),
          { what: victim ?? '', seconds: 60 },
        ])
        const second = correlate(later.input()).findings
        fc.pre(![...first, ...second].some(({ kind }) => kind === 'blind'))
        const rootsOf = (all: typeof first) =>
          all
            .filter(({ kind }) => kind === 'outage')
            .map(({ roots }) =>
              roots
                .filter(({ kind }) => kind !== 'link')
                .map(rootText)
                .join(),
            )
        const after = rootsOf(second)
        for (const roots of rootsOf(first)) if (roots !== '') expect(after).toContain(roots)
      }),
      { numRuns: 400 },
    )
  })
})

describe('a correlator that remembers', limit, () => {
  it('finds at each step what one finds that does not', () => {
    const steps = fc.array(fc.record({ what: fc.nat(), after: fc.constantFrom(1, 1, 1, 5, 12, 31, 100) }), {
      minLength: 2,
      maxLength: 12,
    })
    fc.assert(
      fc.property(trial({ muted: true, sites: true, unpolled: true }), steps, (one, moves) => {
        const remembering = createCorrelator()
        const { net } = one
        const topology = buildTopology(net.vantage, net.gateways, net.elements, net.links)
        const faults = [...one.dead, ...one.cut]
        const { sites } = staged(net, [])
        let second = 7200
        const begun: { what: string | number; seconds: number }[] = []
        for (const { what, after } of moves) {
          second -= after
          // Half of the steps bring nothing new.
          const fault = faults[what % (2 * faults.length || 1)]
          if (fault !== undefined && !begun.some((other) => other.what === fault))
            begun.push({ what: fault, seconds: second })
          const input = {
            ...staged(net, begun, second).input(),
            topology,
            services: net.services,
            elements: sites,
            customers: net.customers,
            now: ago(second),
          }
          expect(remembering(input)).toEqual(correlate(input))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('looks again when a neighbour that is asked seldom answers at last', () => {
    const net = network('nms-core1 core1-x core1-slow slow-x')
    const remembering = createCorrelator()
    const { topology, elements, services } = bench(net).input()
    const found = (one: ReturnType<typeof bench>) =>
      remembering({ ...one.input(), topology, elements: elements ?? new Map(), services }).findings.map(
        inShort,
      )
    expect(found(bench(net).dark('x', 100).answered('slow', 150))).toMatchObject([
      { roots: ['x or its uplink'] },
    ])
    expect(found(bench(net).dark('x', 100))).toMatchObject([{ roots: ['x'] }])
  })

  it('gives the same object while nothing happens', () => {
    const one = staged(quiet, [{ what: 'a', seconds: 300 }])
    const remembering = createCorrelator()
    const input = one.input()
    const first = remembering(input)
    expect(first.findings).toHaveLength(1)
    expect(remembering({ ...input, now: now + 1000 })).toBe(first)
    expect(
      remembering({ ...staged(quiet, [{ what: 'a', seconds: 200 }]).input(), topology: input.topology }),
    ).not.toBe(first)
  })
})
