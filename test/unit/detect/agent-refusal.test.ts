import { describe, expect, it } from 'vitest'
import { detectorBench, element, shippedRules } from './detector-bench.ts'

const silent = 'The SNMP agent of a does not answer; a itself does'
const unread = (reason: string) => `The SNMP agent of a answers, but cannot be read: ${reason}`
const endless = (rows = 65_536) => `the agent's table 1.3.6.1.2.1.2.2.1.2 has more than ${rows} rows`
const elements = [element('a', { icmp: true, snmp: true })]

type Bench = ReturnType<typeof detectorBench>
/** One minute after the other; a reason means that the agent refused with it, undefined that it was silent. */
function polls(bench: Bench, from: number, ...reasons: readonly (string | undefined)[]) {
  return reasons.map((reason, place) => {
    const second = from + 60 * place
    bench.poll(second, 'a', 'icmp', 'answered')
    bench.poll(second + 1, 'a', 'snmp', reason === undefined ? 'timeout' : 'refused', reason)
    return bench.detector.active()[0]?.text
  })
}

describe('an agent that answers and cannot be read', () => {
  it('is said to answer, with the reason', () => {
    const bench = detectorBench(elements)
    expect(polls(bench, 0, endless(), endless(), endless()).at(-1)).toBe(unread(endless()))
    expect(bench.news()).toEqual(['raised agent-silent a minor'])
    expect(bench.detector.active()).toMatchObject([
      { type: 'agent-silent', refusal: endless(), probableCause: 'communicationsSubsystemFailure' },
    ])
  })

  it('is told apart from a silent one, whichever was first, and nobody is told twice', () => {
    const bench = detectorBench(elements)
    const reason = 'wrong digest'
    expect(polls(bench, 0, undefined, undefined, undefined, reason, reason)).toEqual([
      ...[undefined, undefined, silent, silent],
      unread(reason),
    ])
    expect(polls(bench, 300, undefined, undefined)).toEqual([unread(reason), silent])
    expect(bench.detector.active()[0]?.refusal).toBeUndefined()
    expect(bench.news()).toEqual(['raised agent-silent a minor'])
  })

  it('keeps its text while its reason comes and goes, or only a number of it does', () => {
    const bench = detectorBench(elements)
    polls(bench, 0, endless(1), endless(2), endless(3))
    const told = polls(bench, 180, endless(4), undefined, endless(5), 'wrong digest', endless(6), undefined)
    expect(new Set(told)).toEqual(new Set([unread(endless(1))]))
  })

  it('is said to answer after a restart too, until it is silent', () => {
    const before = detectorBench(elements)
    polls(before, 0, endless(), endless(), endless())
    const rules = shippedRules.map((rule) => ({ ...rule, samples: { ...rule.samples, good: 2 } }))
    const bench = detectorBench(elements, { ...before.carriedOver(), rules })
    bench.poll(181, 'a', 'snmp', 'answered')
    expect(bench.detector.live()).toMatchObject([{ phase: 'clearing', text: unread(endless()) }])
    bench.poll(241, 'a', 'snmp', 'answered')
    expect(bench.told.at(-1)).toMatchObject({ kind: 'cleared', alarm: { text: unread(endless()) } })
    const other = detectorBench(elements, before.carriedOver())
    expect(polls(other, 180, undefined, undefined)).toEqual([silent, silent])
    expect(other.news()).toEqual([])
  })

  it('cannot break the line, nor make it long', () => {
    const bench = detectorBench(elements)
    const hostile = `a\nb\u202e\u2028c${'x'.repeat(1_000)}`
    const text = polls(bench, 0, hostile, hostile, hostile).at(-1) ?? ''
    expect(text).toBe(unread(`a b c${'x'.repeat(194)}…`))
  })

  it('is forgotten once it can be read', () => {
    const bench = detectorBench(elements)
    polls(bench, 0, endless(), endless(), endless())
    bench.poll(181, 'a', 'snmp', 'answered')
    expect(polls(bench, 240, undefined, undefined, undefined).at(-1)).toBe(silent)
  })
})
