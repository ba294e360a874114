import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { happenings } from '../../support/scenario/happenings.ts'
import { parseScenario } from '../../support/scenario/parse-scenario.ts'
import { scenarioFolder } from '../../support/scenario/scenario-suite.ts'

const network = `network
  nms -- core1 -- acc1
  core1 -- acc1
  service s1 of c1 at acc1
`
const parsed = (rest: string) => parseScenario(`scenario a test\n${network}${rest}`, 'a.scenario')

/** The network has four lines, so what is added begins in line 6. */
const refused = (rest: string): string => {
  try {
    parsed(rest)
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return 'nothing'
}

describe('a scenario', () => {
  it('has a network with the ports that its links imply', () => {
    expect(parsed('').network.links.map(({ name, a, b }) => [name, a.port, b.port])).toEqual([
      ['nms--core1', 'to-core1', 'to-nms'],
      ['core1--acc1', 'to-acc1', 'to-core1'],
      ['core1--acc1#2', 'to-acc1#2', 'to-core1#2'],
    ])
  })

  it('has what happens in order of time, and what is expected before what happens then', () => {
    const { happenings: all, endMs } = parsed(
      'at 00:02:00 cut core1--acc1\nat 00:01:00 power off acc1\nat 00:02:00 expect\n  alarms: none\nuntil 00:05:00\n',
    )
    expect(all.map(({ text }) => text)).toEqual(['power off acc1', 'expect', 'cut core1--acc1'])
    expect(endMs).toBe(300_000)
  })

  it('repeats what flaps', () => {
    const { happenings: all } = parsed('at 00:00:10 flap core1--acc1 every 20s for 1m\n')
    expect(all.map(({ at, text }) => [at / 1_000, text])).toEqual([
      [10, 'cut core1--acc1'],
      [20, 'mend core1--acc1'],
      [30, 'cut core1--acc1'],
      [40, 'mend core1--acc1'],
      [50, 'cut core1--acc1'],
      [60, 'mend core1--acc1'],
    ])
  })

  it.for([
    ['at 00:00:00 explode acc1', 'a.scenario:6: nothing is known that is said as "explode acc1"'],
    ['at 00:00:00 cut acc1--acc2', 'a.scenario:6: there is no link acc1--acc2 (in "cut <link>")'],
    [
      '# fine\nat 00:00:00 power off acc9',
      'a.scenario:7: there is no element acc9 (in "power off <elements>")',
    ],
    ['at 0:00 power off acc1', 'a.scenario:6: expected a time such as 00:01:30 instead of "0:00"'],
    [
      'at 00:00:00 lose much on core1--acc1',
      'a.scenario:6: expected a percentage such as 20% instead of "much" (in "lose <percent> on <link> [towards <element>]")',
    ],
    [
      'at 00:00:00 power off site hill',
      'a.scenario:6: nothing stands at site hill (in "power off site <site>")',
    ],
    [
      'at 00:00:00 report s1 broken',
      'a.scenario:6: there is no symptom broken; there are no-service, slow, slow-evening, intermittent, latency, loss, other (in "report <service> <symptom> [since <time>]")',
    ],
    ['at 00:01:00 expect', 'a.scenario:6: nothing is expected'],
    [
      'at 00:01:00 expect\n  incident #1 accident acc1',
      'a.scenario:7: there is no kind of incident "accident"; there are outage, degradation, redundancy, agent, blind',
    ],
    [
      'at 00:01:00 expect\n  incident #1 outage acc1\n    broken: s1',
      'a.scenario:8: an incident has no "broken: s1"',
    ],
    [
      'at 00:01:00 expect\n  incident is resolved',
      'a.scenario:7: which incident? "incident #1 is resolved" says it',
    ],
    ['at 00:01:00 expect\n  incident #1 is solved', 'a.scenario:7: an incident is never "solved"'],
    [
      'at 00:01:00 expect\n  sunshine',
      'a.scenario:7: nothing like "sunshine" can be expected; "alarms:", "incident", "incidents: none" and "told:" can',
    ],
    ['at 00:01:00 power off acc1\n  slowly', 'a.scenario:7: nothing belongs under "power off acc1"'],
    [
      'settings\n  fast',
      'a.scenario:7: expected a setting such as "poll.icmp.interval 10s" instead of "fast"',
    ],
    ['settings\n  warm-up soon', 'a.scenario:7: "soon" cannot be read'],
    ['weather fine', 'a.scenario:6: a scenario has no "weather fine"'],
    ['network from nowhere.network', 'a.scenario:6: there is no file nowhere.network'],
  ] as const)('that cannot be meant names file and line: %s', ([text, problem]) => {
    expect(refused(text)).toBe(problem)
  })

  it('without a network, or with a wrong one, says so', () => {
    const of = (text: string) => () => parseScenario(text, 'b.scenario')
    expect(of('scenario x\n')).toThrow('b.scenario:1: there is no network')
    expect(of('scenario x\nat 00:00:00 sending fails\n')).toThrow('b.scenario:2: the network comes before')
    expect(of('scenario x\nnetwork\n  a -- b [fast]\n')).toThrow('b.scenario:3: a link is no "fast"')
    expect(of('scenario x\nnetwork\n  a -- b\n  gateways: c\n')).toThrow(
      'b.scenario:3: there is no element c',
    )
    expect(of('scenario x\nnetwork\n  a -- b\n  colour red: a\n')).toThrow('b.scenario:4: a network has no')
    expect(of('scenario x\nnetwork\n  a -- b\n  service s of c\n')).toThrow('b.scenario:4: expected "service')
    expect(of('network\n  a -- b\n')).toThrow('b.scenario:1: expected "scenario"')
  })
})

describe('the manual', () => {
  it('has every sentence, as it is', () => {
    const manual = readFileSync(join(scenarioFolder, 'README.md'), 'utf8')
    const [, section = ''] = /## What happens\n(.*?)\n## /s.exec(manual) ?? []
    expect(section.match(/^\| `.*$/gm)).toEqual(
      happenings.map(({ form, means }) => `| \`${form}\` | ${means} |`),
    )
  })
})
