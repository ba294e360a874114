import { describe, expect, it } from 'vitest'
import { detectorBench, element } from './detector-bench.ts'

const both = element('a', { icmp: true, snmp: true })

describe('an element that this host cannot send to', () => {
  const unsentAt = (bench: ReturnType<typeof detectorBench>, second: number) =>
    bench.reach(second, 'a')?.unsent

  it('is told with the first poll that was not sent, confirmed by the second, and keeps its reach until it is old', () => {
    const bench = detectorBench([both])
    bench.poll(0, 'a', 'icmp', 'answered')
    expect(unsentAt(bench, 0)).toBeUndefined()
    bench.poll(10, 'a', 'icmp', 'notSent')
    expect(bench.reach(10, 'a')).toMatchObject({
      reach: 'answering',
      unsent: { since: 10_000, isConfirmed: false },
    })
    bench.poll(20, 'a', 'icmp', 'notSent')
    expect(bench.reach(20, 'a')).toMatchObject({
      reach: 'answering',
      unsent: { since: 10_000, isConfirmed: true },
    })
    const before = bench.reach(20, 'a')
    bench.poll(25, 'a', 'icmp', 'notSent')
    expect(bench.reach(25, 'a')).toBe(before)
    expect(bench.reach(40, 'a')).toMatchObject({ reach: 'unknown', unsent: { since: 10_000 } })
    expect(bench.news()).toEqual([])
  })

  it.for(['answered', 'timeout'] as const)('is so no more once a poll was sent: %s', (outcome) => {
    const bench = detectorBench([both])
    for (const second of [0, 10]) bench.poll(second, 'a', 'icmp', 'notSent')
    bench.poll(12, 'a', 'snmp', 'notSent')
    bench.poll(20, 'a', 'icmp', outcome)
    expect(unsentAt(bench, 20)).toBeUndefined()
    bench.poll(30, 'a', 'icmp', 'notSent')
    expect(unsentAt(bench, 30)).toMatchObject({ since: 30_000, isConfirmed: false })
  })

  it('is no such element when only one of its probes cannot be sent', () => {
    const bench = detectorBench([both])
    bench.poll(0, 'a', 'icmp', 'notSent')
    bench.poll(5, 'a', 'snmp', 'answered')
    for (const second of [10, 20, 30]) bench.poll(second, 'a', 'icmp', 'notSent')
    expect(unsentAt(bench, 30)).toBeUndefined()
    bench.poll(65, 'a', 'snmp', 'notSent')
    expect(unsentAt(bench, 65)).toMatchObject({ since: 65_000 })
  })

  it('is told by the new time when the clock was set back', () => {
    const bench = detectorBench([both])
    bench.poll(5_000, 'a', 'icmp', 'answered')
    bench.poll(1_000, 'a', 'icmp', 'notSent')
    bench.poll(1_010, 'a', 'icmp', 'notSent')
    expect(unsentAt(bench, 1_010)).toMatchObject({ since: 1_000_000, isConfirmed: true })
    bench.poll(500, 'a', 'icmp', 'notSent')
    expect(unsentAt(bench, 500)).toMatchObject({ since: 500_000 })
  })
})
