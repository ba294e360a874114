import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CorrelationInput, correlate } from '../../../src/correlate/correlate.ts'
import { suspects } from '../../../src/model/incident.ts'
import { withFaults } from './network-bench.ts'
import { differencesIn, type Trial, trial } from './random-network.ts'

/** The same faults as seen from the vantage of the network and from some of its elements. */
function inputFrom({ net, dead, cut, paper }: Trial, others: readonly number[]): CorrelationInput {
  const pollers = [...new Set(others.map((index) => `e${index % net.services.length}`))]
  // A dead poller tells nothing, and one that nobody polls is none.
  const alive = pollers.filter((id) => !dead.has(id) && !net.unpolled.includes(id))
  const views = alive.map((id) => withFaults({ ...net, vantage: id }, dead, cut, id, paper).view())
  const differences = differencesIn(net, paper)
  const own = withFaults(net, dead, cut, net.vantage, paper).input()
  return { ...own, views, differences: () => differences }
}

const anything = trial({ sites: true, paper: true, unpolled: true })

/** Only a machine that has much else to do needs so long. */
const limit = { timeout: 60_000 }

describe('any network with any faults, seen from several vantages', limit, () => {
  const pollers = fc.array(fc.nat(), { minLength: 1, maxLength: 2 })

  it('has each element that is dark from all in one outage, and blames none that answers one', () => {
    fc.assert(
      fc.property(anything, pollers, (one, others) => {
        const input = inputFrom(one, others)
        const { findings, undecided } = correlate(input)
        const views = [input.state, ...(input.views ?? []).map(({ state }) => state)]
        const blind = findings.filter(({ kind }) => kind === 'blind').length
        fc.pre(blind === 0)
        expect(undecided).toEqual([])
        const says = (id: string, reach: string) =>
          views.some(({ elements }) => elements.get(id)?.reach === reach)
        const vantages = new Set([
          input.topology.vantage,
          ...(input.views ?? []).map(({ vantage }) => vantage),
        ])
        const ids = one.net.elements.filter((id) => !vantages.has(id))
        const dark = ids.filter((id) => says(id, 'dark') && !says(id, 'answering'))
        const alive = new Set(ids.filter((id) => says(id, 'answering')))
        const outages = findings.filter(({ kind }) => kind === 'outage')
        const found = outages.flatMap(({ roots, shadowed }) => [...roots.flatMap(suspects), ...shadowed])
        for (const id of dark)
          expect(
            found.filter((other) => other === id),
            id,
          ).toHaveLength(1)
        for (const { roots } of outages)
          for (const root of roots)
            if (root.kind === 'element' || root.kind === 'site')
              expect(suspects(root).filter((id) => alive.has(id))).toEqual([])
      }),
      { numRuns: 600 },
    )
  })

  it('has each alarm in at most one finding, and the same in any order of the views', () => {
    fc.assert(
      fc.property(anything, pollers, (one, others) => {
        const input = inputFrom(one, others)
        const { findings } = correlate(input)
        const alarms = findings.flatMap((finding) => finding.alarms)
        expect(new Set(alarms).size).toBe(alarms.length)
        const again = correlate({ ...input, views: (input.views ?? []).toReversed() })
        expect(again.findings.map(({ roots }) => roots)).toEqual(findings.map(({ roots }) => roots))
      }),
      { numRuns: 400 },
    )
  })
})
