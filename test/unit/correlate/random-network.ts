import fc from 'fast-check'
import type { CorrelationInput } from '../../../src/correlate/correlate.ts'
import { suspects } from '../../../src/model/incident.ts'
import type { Finding } from '../../../src/model/incident-event.ts'
import type { LinkDifference } from '../../../src/model/link-difference.ts'
import { type Network, network, service, withFaults } from './network-bench.ts'

/** A network, and what is wrong with it at once. */
export interface Trial {
  readonly net: Network
  readonly dead: ReadonlySet<string>
  readonly cut: ReadonlySet<number>
  /** Alive, and their echo is filtered. */
  readonly mute: ReadonlySet<string>
  /** Declared and not there. */
  readonly paper: ReadonlySet<number>
}

export interface TrialOptions {
  readonly muted?: boolean
  /** Elements stand at one of three sites, or at none. */
  readonly sites?: boolean
  /** Some links are declared and not there, and LLDP says so. */
  readonly paper?: boolean
  /** Some elements are not polled. */
  readonly unpolled?: boolean
  /** So many elements or fewer, without islands. */
  readonly most?: number
}

/** A random tree below the vantage with some links more (rings, parallel links), some islands, and faults. */
export const trial = ({
  muted = false,
  sites = false,
  paper: doubts = false,
  unpolled: passive = false,
  most = 14,
}: TrialOptions = {}): fc.Arbitrary<Trial> =>
  fc.integer({ min: 2, max: most }).chain((count) =>
    fc
      .record({
        parents: fc.array(fc.nat(), { minLength: count, maxLength: count }),
        extra: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: count }),
        islands: fc.nat(2),
        gateways: fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: 2 }),
        dead: fc.uniqueArray(fc.nat(count - 1), { maxLength: sites ? 8 : 4 }),
        cut: fc.uniqueArray(fc.nat(2 * count), { maxLength: 4 }),
        mute: fc.uniqueArray(fc.nat(count - 1), { maxLength: muted ? 3 : 0 }),
        paper: fc.uniqueArray(fc.nat(2 * count), { maxLength: doubts ? 3 : 0 }),
        unpolled: fc.uniqueArray(fc.nat(count - 1), { maxLength: passive ? Math.ceil(count / 3) : 0 }),
        places: fc.array(fc.nat(3), { minLength: count, maxLength: count }),
      })
      .map(({ parents, extra, islands, gateways, dead, cut, mute, paper, unpolled, places }) => {
        const links = [
          // Each on one of those before it, or on the vantage.
          ...parents.map((parent, index) => {
            const place = parent % (index + 1)
            return `e${index}-${place === index ? 'nms' : `e${place}`}`
          }),
          ...extra.filter(([a, b]) => a !== b).map(([a, b], index) => `e${a}-e${b}#${index}`),
          ...Array.from({ length: islands }, (_, index) => `i${index}-j${index}`),
        ]
        const at = (site: number) =>
          places.flatMap((place, index) => (sites && place === site ? [`e${index}`] : [])).join(' ')
        const net = network(links.join(' '), {
          gateways: gateways.map((index) => `e${index}`),
          unpolled: unpolled.map((index) => `e${index}`),
          services: parents.map((_, index) => service(`s${index}`, `e${index}`, `e${index}`)),
          sites: Object.fromEntries([1, 2, 3].map((site) => [`site${site}`, at(site)])),
        })
        return {
          net,
          dead: new Set(dead.map((index) => `e${index}`)),
          cut: new Set(cut.filter((index) => index < net.links.length && !paper.includes(index))),
          mute: new Set(mute.map((index) => `e${index}`)),
          // The tree stays whole.
          paper: new Set(paper.filter((index) => index >= count && index < net.links.length - islands)),
        }
      }),
  )

export function inputOf({ net, dead, cut, mute, paper }: Trial): CorrelationInput {
  const one = withFaults(net, dead, cut, net.vantage, paper)
  for (const id of mute) if (one.elements.get(id)?.reach === 'answering') one.dark(id)
  const differences = differencesIn(net, paper)
  return { ...one.input(), differences: () => differences }
}

/** What LLDP says of links on paper: their ends tell of their neighbours, and not of each other. */
export const differencesIn = (net: Network, paper: ReadonlySet<number>): readonly LinkDifference[] =>
  net.links.flatMap(({ a, b }, index) =>
    paper.has(index) && ![a, b].some(({ element }) => net.unpolled.includes(element))
      ? [{ kind: 'missingLink' as const, a, b, text: `${a.element} to ${b.element} is on paper` }]
      : [],
  )

/** The elements that a finding is about. */
export const named = ({ roots, shadowed }: Finding): readonly string[] => [
  ...roots.flatMap(suspects),
  ...shadowed,
]

/** What the vantage reaches when these elements and links are taken away. */
export function reached(
  { net }: Trial,
  without: ReadonlySet<string>,
  cut: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const found = new Set([net.vantage])
  for (const id of found)
    for (const { id: link, a, b } of net.links) {
      const far = a.element === id ? b.element : b.element === id ? a.element : undefined
      if (far !== undefined && !without.has(far) && !cut.has(link)) found.add(far)
    }
  return found
}
