import fc from 'fast-check'
import { parseScenario } from './parse-scenario.ts'
import type { Scenario } from './scenario.ts'

/** A scenario with its text, which a failing test shows. */
export interface RandomScenario {
  readonly text: string
  readonly scenario: Scenario
  toString(): string
}

const time = (seconds: number) => {
  const two = (value: number) => String(value).padStart(2, '0')
  return `00:${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
}

/** A tree below the vantage, a service at each element that has nothing behind it. */
function treeText(parents: readonly number[]): readonly string[] {
  const above = parents.map((parent, index) => (index === 0 ? 'nms' : `e${parent % index}`))
  const leaves = above.flatMap((_, index) => (above.includes(`e${index}`) ? [] : [`e${index}`]))
  return [
    ...above.map((parent, index) => `  ${parent} -- e${index}`),
    '  gateways: e0',
    ...(leaves.length > 0 && leaves[0] !== 'e0' ? [`  probes icmp: ${leaves.join(' ')}`] : []),
    ...leaves.map((leaf) => `  service s-${leaf} of c-${leaf} at ${leaf} to ${leaf}`),
  ]
}

const parse = (lines: readonly string[]): RandomScenario => {
  const text = `${lines.join('\n')}\n`
  return { text, scenario: parseScenario(text, 'random.scenario'), toString: () => text }
}

type Fault = readonly [kind: number, where: number, atSeconds: number, forSeconds: number]

const faultText = (links: readonly string[], [kind, where, at, lasting]: Fault): readonly string[] => {
  const element = `e${where % links.length}`
  const link = links[where % links.length] ?? ''
  const [begin, end] = [
    [`power off ${element}`, `power on ${element}`],
    [`cut ${link}`, `mend ${link}`],
    [`freeze ${element}`, `thaw ${element}`],
    [`lose 20% on ${link}`, `lose 0% on ${link}`],
    [`${element} filters echo`, `${element} answers echo`],
    [`delay 200ms on ${link}`, `delay 0ms on ${link}`],
  ][kind] ?? ['', '']
  return [`at ${time(at)} ${begin}`, `at ${time(at + lasting)} ${end}`]
}

/** Some faults in a network with a ring or two, all over within three minutes, and perhaps the daemon is killed. */
export const anyScenario: fc.Arbitrary<RandomScenario> = fc
  .record({
    parents: fc.array(fc.nat(20), { minLength: 3, maxLength: 8 }),
    extra: fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 2 }),
    faults: fc.array(fc.tuple(fc.nat(5), fc.nat(20), fc.nat(80), fc.integer({ min: 5, max: 90 })), {
      minLength: 1,
      maxLength: 4,
    }),
    killAt: fc.option(fc.nat(150)),
  })
  .map(({ parents, extra, faults, killAt }) => {
    const count = parents.length
    const links = parents.map((parent, index) => (index === 0 ? 'nms--e0' : `e${parent % index}--e${index}`))
    const more = extra
      .map(([a, b]) => [a % count, b % count] as const)
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => `  e${a} -- e${b}`)
    return parse([
      'scenario random',
      'network',
      ...treeText(parents),
      ...more,
      'settings',
      '  warm-up 70s',
      ...faults.flatMap((fault) => faultText(links, fault)),
      ...(killAt === null ? [] : [`at ${time(killAt)} kill the daemon`]),
      'until 00:08:00',
    ])
  })

/** One fault in a tree, and the root that it must have; from the vantage's own link on, it would be blind. */
export interface SingleFault extends RandomScenario {
  readonly root: string
}

export const singleFault: fc.Arbitrary<SingleFault> = fc
  .record({
    parents: fc.array(fc.nat(20), { minLength: 3, maxLength: 10 }),
    where: fc.nat(20),
    kind: fc.constantFrom('power off', 'freeze', 'cut', 'lose'),
    at: fc.integer({ min: 0, max: 59 }),
  })
  .map(({ parents, where, kind, at }) => {
    const index = 1 + (where % (parents.length - 1))
    const link = `e${(parents[index] ?? 0) % index}--e${index}`
    const event =
      kind === 'cut' ? `cut ${link}` : kind === 'lose' ? `lose 20% on ${link}` : `${kind} e${index}`
    const lines = [
      'scenario one fault',
      'network',
      ...treeText(parents),
      'settings',
      '  warm-up 70s',
      `at ${time(at)} ${event}`,
      'until 00:03:00',
    ]
    return { ...parse(lines), root: `e${index} or its uplink` }
  })
