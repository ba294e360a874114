import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createFailingPolls } from '../../../src/collect/failing-polls.ts'
import type { PollOutcome, ProbeName } from '../../../src/model/reading.ts'

function watch() {
  const lines: string[] = []
  const write = (line: string) => {
    const { level, element, reason, msg } = JSON.parse(line)
    lines.push([level, element, msg, ...(reason === undefined ? [] : [reason])].join(' | '))
  }
  const failing = createFailingPolls({ log: pino({}, { write }) })
  return {
    worst: failing.worst,
    poll(minute: number, element: string, outcome: PollOutcome, problem?: string, probe: ProbeName = 'snmp') {
      const result = { element, probe, at: minute * 60_000, outcome, durationMs: 1 }
      failing.accept(problem === undefined ? result : { ...result, problem })
    },
    lines: () => lines.splice(0),
  }
}

const refused = (element: string, reason: string) =>
  `40 | ${element} | the SNMP agent answers, but cannot be read | ${reason}`
const readable = (element: string) => `30 | ${element} | the SNMP agent can be read again`

describe('the log of polls that fail', () => {
  it('has a line when an agent cannot be read, when the reason changes, and when it can be read again', () => {
    const { poll, lines } = watch()
    for (const minute of [0, 1, 2]) poll(minute, 'a', 'refused', 'wrong digest')
    expect(lines()).toEqual([refused('a', 'wrong digest')])
    poll(3, 'a', 'timeout', 'no answer within 4000 ms')
    poll(20, 'a', 'refused', 'wrong digest')
    expect(lines()).toEqual([])
    poll(21, 'a', 'refused', 'tooBig')
    poll(22, 'b', 'refused', 'tooBig')
    expect(lines()).toEqual([refused('a', 'tooBig'), refused('b', 'tooBig')])
    for (const minute of [23, 24]) poll(minute, 'a', 'answered')
    expect(lines()).toEqual([readable('a')])
  })

  it('is not filled by an agent whose reason is always another, or that answers every other poll', () => {
    const { poll, lines } = watch()
    for (let minute = 0; minute < 30; minute++) poll(minute, 'a', 'refused', `reason ${minute}`)
    expect(lines()).toEqual([refused('a', 'reason 0'), refused('a', 'reason 10'), refused('a', 'reason 20')])
    for (let minute = 0; minute < 20; minute++)
      poll(minute, 'b', minute % 2 === 0 ? 'refused' : 'answered', 'tooBig')
    expect(lines()).toEqual([
      ...[refused('b', 'tooBig'), readable('b')],
      ...[refused('b', 'tooBig'), readable('b')],
    ])
  })

  it('says again what is said again after the clock was set back', () => {
    const { poll, lines } = watch()
    poll(1_000, 'a', 'refused', 'wrong digest')
    poll(1, 'a', 'refused', 'tooBig')
    expect(lines()).toEqual([refused('a', 'wrong digest'), refused('a', 'tooBig')])
  })

  it('has no line about silence, which is an alarm', () => {
    const { poll, lines } = watch()
    poll(0, 'a', 'timeout', 'no answer within 4000 ms')
    poll(1, 'a', 'answered')
    expect(lines()).toEqual([])
  })
})

describe('the list of polls that fail', () => {
  it('begins with what was refused, and of that with what began last', () => {
    const { poll, worst } = watch()
    poll(0, 'silent', 'timeout', 'no answer')
    poll(1, 'old', 'refused', 'wrong digest')
    poll(2, 'unsent', 'notSent', 'no route', 'icmp')
    poll(3, 'new', 'refused', 'tooBig')
    poll(4, 'old', 'refused', 'not in time\nwindow')
    expect(worst(3)).toEqual([
      {
        ...{ element: 'new', probe: 'snmp', outcome: 'refused', problem: 'tooBig' },
        ...{ since: 180_000, lastAt: 180_000 },
      },
      {
        ...{ element: 'old', probe: 'snmp', outcome: 'refused', problem: 'not in time window' },
        ...{ since: 60_000, lastAt: 240_000 },
      },
      {
        ...{ element: 'unsent', probe: 'icmp', outcome: 'notSent', problem: 'no route' },
        ...{ since: 120_000, lastAt: 120_000 },
      },
    ])
  })

  it('holds what fails now, and why', () => {
    const { poll, worst } = watch()
    poll(0, 'a', 'refused', 'wrong digest')
    poll(0, 'b', 'refused', 'wrong digest')
    poll(0, 'c', 'timeout', undefined, 'icmp')
    poll(1, 'a', 'answered', undefined, 'icmp')
    poll(1, 'b', 'answered')
    expect(worst(100).map(({ element }) => element)).toEqual(['a'])
  })
})
