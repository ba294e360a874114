import { describe, expect, it } from 'vitest'
import { detectorBench, element } from './detector-bench.ts'

describe('an element with one probe', () => {
  const both = element('a', { icmp: true })

  it('is unreachable after two misses, since the first of them', () => {
    const bench = detectorBench([both])
    bench.poll(0, 'a', 'icmp', 'answered')
    bench.poll(10, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual([])
    expect(bench.reach(10, 'a')).toMatchObject({ reach: 'missing', since: 10_000, lastAnswerAt: 0 })
    bench.poll(20, 'a', 'icmp', 'timeout')
    expect(bench.told[0]?.alarm).toMatchObject({
      onsetAt: 10_000,
      raisedAt: 20_000,
      eventType: 'communicationsAlarm',
      probableCause: 'unavailable',
      state: 'active',
    })
    expect(bench.news()).toEqual(['raised unreachable a critical'])
    expect(bench.reach(20, 'a')).toMatchObject({ reach: 'dark', since: 10_000 })
  })

  it('is told once while it stays dark, and is good again at its first answer', () => {
    const bench = detectorBench([both])
    for (const second of [0, 10, 20, 30, 40]) bench.poll(second, 'a', 'icmp', 'timeout')
    bench.poll(50, 'a', 'icmp', 'answered')
    expect(bench.told.at(-1)?.alarm).toMatchObject({
      restoredAt: 50_000,
      clearedAt: 50_000,
      state: 'cleared',
    })
    expect(bench.news()).toEqual(['raised unreachable a critical', 'cleared unreachable a critical'])
    expect(bench.detector.active()).toEqual([])
    expect(bench.reach(50, 'a')).toMatchObject({ reach: 'answering', since: 50_000 })
  })

  it('is not called down sooner because it was polled out of turn', () => {
    const bench = detectorBench([both])
    for (const second of [10, 11, 12]) bench.poll(second, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual([])
    bench.poll(20, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual(['raised unreachable a critical'])
  })

  it('is neither good nor bad when this host could not send', () => {
    const bench = detectorBench([both])
    bench.poll(0, 'a', 'icmp', 'timeout')
    bench.poll(10, 'a', 'icmp', 'notSent')
    bench.poll(20, 'a', 'icmp', 'notSent')
    expect(bench.news()).toEqual([])
    expect(bench.reach(20, 'a')?.reach).toBe('missing')
  })

  it('is not judged by two misses with a gap between them', () => {
    const bench = detectorBench([both])
    bench.poll(0, 'a', 'icmp', 'timeout')
    bench.poll(1000, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual([])
  })

  it('is unknown before its first poll and when polls stay away, and its alarm stays', () => {
    const bench = detectorBench([both])
    expect(bench.reach(0, 'a')?.reach).toBe('unknown')
    bench.poll(0, 'a', 'icmp', 'timeout')
    bench.poll(10, 'a', 'icmp', 'timeout')
    bench.tick(40)
    expect(bench.reach(40, 'a')?.reach).toBe('dark')
    bench.tick(41)
    expect(bench.reach(41, 'a')?.reach).toBe('unknown')
    expect(bench.news()).toEqual([
      'raised unreachable a critical',
      'changed unreachable a critical indeterminate',
    ])
    bench.poll(45, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual(['changed unreachable a critical'])
    expect(bench.reach(45, 'a')?.reach).toBe('dark')
  })
})

describe('a clock that is set back by an hour', () => {
  const hour = 3_600

  it('hides no outage that begins after it', () => {
    const bench = detectorBench([element('a', { icmp: true, snmp: true })])
    for (const second of [0, 10, 20]) bench.poll(hour + second, 'a', 'icmp', 'answered')
    bench.poll(30, 'a', 'icmp', 'timeout')
    bench.poll(35, 'a', 'snmp', 'timeout')
    expect(bench.reach(35, 'a')).toMatchObject({ reach: 'missing', since: 30_000 })
    bench.poll(40, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual(['raised unreachable a critical'])
    expect(bench.told).toEqual([])
  })

  it('neither ends an outage nor keeps its end from being seen', () => {
    const bench = detectorBench([element('a', { icmp: true })])
    for (const second of [0, 10]) bench.poll(hour + second, 'a', 'icmp', 'timeout')
    bench.poll(20, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual(['raised unreachable a critical'])
    bench.poll(30, 'a', 'icmp', 'answered')
    expect(bench.news()).toEqual(['cleared unreachable a critical'])
  })

  it('leaves the limits in force', () => {
    const bench = detectorBench([element('a', { icmp: true })])
    for (const second of [0, 10]) bench.burst(hour + second, 'a', 0.2)
    for (const second of [20, 30]) bench.burst(second, 'a', 0.2)
    expect(bench.news()).toEqual([])
    bench.burst(40, 'a', 0.2)
    expect(bench.news()).toEqual(['raised packet-loss a major'])
  })
})

describe('an element with several probes', () => {
  it('answers while one of its path probes is answered', () => {
    const bench = detectorBench([element('a', { icmp: true, stamp: true })])
    for (const second of [0, 10, 20, 30]) {
      bench.poll(second, 'a', 'icmp', 'timeout')
      bench.poll(second + 1, 'a', 'stamp', 'answered')
    }
    expect(bench.news()).toEqual([])
    expect(bench.reach(31, 'a')?.reach).toBe('answering')
  })

  it('is unreachable when each of them missed twice', () => {
    const bench = detectorBench([element('a', { icmp: true, stamp: true })])
    bench.poll(0, 'a', 'icmp', 'answered')
    bench.poll(5, 'a', 'stamp', 'answered')
    for (const second of [10, 20]) bench.poll(second, 'a', 'icmp', 'timeout')
    bench.poll(15, 'a', 'stamp', 'timeout')
    expect(bench.news()).toEqual([])
    bench.poll(25, 'a', 'stamp', 'timeout')
    expect(bench.told[0]?.alarm.onsetAt).toBe(10_000)
    expect(bench.news()).toEqual(['raised unreachable a critical'])
  })

  it('waits for the agent to miss too, and then is unreachable at once', () => {
    const bench = detectorBench([element('a', { icmp: true, snmp: true })])
    bench.poll(0, 'a', 'icmp', 'answered')
    bench.poll(1, 'a', 'snmp', 'answered')
    bench.poll(10, 'a', 'icmp', 'timeout')
    expect(bench.reach(10, 'a')?.reach).toBe('missing')
    bench.poll(20, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual([])
    bench.poll(21, 'a', 'snmp', 'timeout')
    expect(bench.told[0]?.alarm.onsetAt).toBe(10_000)
    expect(bench.news()).toEqual(['raised unreachable a critical'])
  })

  it('is never called down when only its echo is filtered', () => {
    const bench = detectorBench([element('a', { icmp: true, snmp: true })])
    for (let second = 0; second < 600; second += 10) {
      bench.poll(second, 'a', 'icmp', 'timeout')
      if (second % 60 === 0) bench.poll(second + 1, 'a', 'snmp', 'answered')
    }
    expect(bench.news()).toEqual([])
    expect(bench.reach(600, 'a')?.reach).toBe('answering')
  })

  it('is found by its agent alone when its echo is filtered', () => {
    const bench = detectorBench([element('a', { icmp: true, snmp: true })])
    for (const second of [0, 10, 20, 30]) bench.poll(second, 'a', 'icmp', 'timeout')
    bench.poll(31, 'a', 'snmp', 'answered')
    for (const second of [40, 50, 60, 70, 80, 90]) bench.poll(second, 'a', 'icmp', 'timeout')
    bench.poll(91, 'a', 'snmp', 'timeout')
    expect(bench.news()).toEqual([])
    bench.poll(151, 'a', 'snmp', 'timeout')
    expect(bench.news()).toEqual(['raised unreachable a critical'])
  })

  it('does not wait for an agent that is not polled any more', () => {
    const bench = detectorBench([element('a', { icmp: true, snmp: true })])
    bench.poll(0, 'a', 'snmp', 'answered')
    for (let second = 10; second <= 190; second += 10) bench.poll(second, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual(['raised unreachable a critical'])
  })

  it('is alive when its agent refuses us, and an ICMP error is no answer', () => {
    const bench = detectorBench([element('a', { snmp: true }), element('b', { icmp: true })])
    for (const second of [0, 60, 120]) bench.poll(second, 'a', 'snmp', 'refused')
    for (const second of [0, 10]) bench.poll(second, 'b', 'icmp', 'refused')
    expect(bench.news()).toEqual(['raised agent-silent a minor', 'raised unreachable b critical'])
  })

  it('has no say by probes that it is not configured with', () => {
    const bench = detectorBench([element('a', { icmp: true })])
    bench.poll(0, 'a', 'icmp', 'timeout')
    bench.poll(5, 'a', 'snmp', 'answered')
    bench.poll(10, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual(['raised unreachable a critical'])
  })
})

describe('a silent agent', () => {
  it('is an alarm after three misses while the path answers', () => {
    const bench = detectorBench([element('a', { icmp: true, snmp: true })])
    for (let second = 0; second <= 120; second += 10) {
      bench.poll(second, 'a', 'icmp', 'answered')
      if (second % 60 === 0) bench.poll(second + 1, 'a', 'snmp', 'timeout')
    }
    expect(bench.news()).toEqual(['raised agent-silent a minor'])
    expect(bench.reach(122, 'a')).toMatchObject({ reach: 'answering', agentSilent: true })
    bench.poll(181, 'a', 'snmp', 'answered')
    expect(bench.news()).toEqual(['cleared agent-silent a minor'])
  })

  it('says nothing while the element is dark', () => {
    const bench = detectorBench([element('a', { icmp: true, snmp: true })])
    bench.poll(0, 'a', 'icmp', 'answered')
    for (let second = 10; second <= 300; second += 10) {
      bench.poll(second, 'a', 'icmp', 'timeout')
      if (second % 60 === 0) bench.poll(second + 1, 'a', 'snmp', 'timeout')
    }
    expect(bench.news()).toEqual(['raised unreachable a critical'])
  })
})

describe('the state of the network', () => {
  it('has no entry for what is never polled', () => {
    const { address: _, ...nowhere } = element('cabinet', { icmp: true })
    const bench = detectorBench([nowhere, element('idle', {})])
    expect(bench.detector.state(0).elements.size).toBe(0)
    expect(
      bench.detector.accept(
        { element: 'stranger', at: 0, outcome: 'timeout', durationMs: 1, probe: 'icmp' },
        [],
        0,
      ),
    ).toEqual([])
  })

  it('keeps the objects of elements that did not change', () => {
    const bench = detectorBench([element('a', { icmp: true })])
    bench.poll(0, 'a', 'icmp', 'answered')
    expect(bench.reach(1, 'a')).toBe(bench.reach(2, 'a'))
  })
})
