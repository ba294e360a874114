import { beforeEach, describe, expect, it } from 'vitest'
import { countRelayed, createMetricsRelay } from '../../../src/collect/poller/metrics-relay.ts'
import type { PollBatch } from '../../../src/collect/poller/poll-messages.ts'
import { createPollOutbox } from '../../../src/collect/poller/poll-outbox.ts'
import { createPollUnpacker } from '../../../src/collect/poller/poll-packing.ts'
import { interfaceList } from '../../../src/model/interface-list.ts'
import { interfaceFields } from '../../../src/model/poll-samples.ts'
import type { PollResult } from '../../../src/model/reading.ts'
import { createMetrics } from '../../../src/platform/metrics.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const pollOf = (element: string): PollResult => ({
  element,
  at: 0,
  durationMs: 1,
  outcome: 'timeout',
  probe: 'icmp',
})

describe('the outbox of the polling thread', () => {
  let clock: ManualClock
  let sent: { readonly at: number; readonly batch: PollBatch }[]
  const elementsOf = (batch?: PollBatch) => batch?.polls.map(({ result }) => result.element)
  const start = Date.parse('2026-03-01T08:00:00Z')

  beforeEach(() => {
    clock = new ManualClock(start)
    sent = []
  })
  const open = () => createPollOutbox(clock, (batch) => void sent.push({ at: clock.now() - start, batch }))

  it('gathers what comes within 20 ms of the first', async () => {
    const outbox = open()
    await clock.advance(100)
    outbox.deliver(pollOf('e1'), { samples: [] })
    await clock.advance(19)
    outbox.deliver(pollOf('e2'), { samples: [] })
    outbox.keep('e2', { maxRepetitions: 3 })
    outbox.keep('e2', { maxRepetitions: 4 })
    expect(sent).toEqual([])
    await clock.advance(1)
    expect(sent.map(({ at }) => at)).toEqual([120])
    expect(elementsOf(sent[0]?.batch)).toEqual(['e1', 'e2'])
    expect(sent[0]?.batch.memos).toEqual([['e2', { maxRepetitions: 4 }]])
    outbox.deliver(pollOf('e3'), { samples: [] })
    await clock.advance(1_000)
    expect(sent.map(({ at }) => at)).toEqual([120, 140])
    expect(elementsOf(sent[1]?.batch)).toEqual(['e3'])
    expect(sent[1]?.batch.memos).toEqual([])
  })

  it('does not wait with a full batch', async () => {
    const outbox = open()
    for (let i = 0; i < 450; i++) outbox.deliver(pollOf(`e${i}`), { samples: [] })
    expect(sent.map(({ batch }) => batch.polls.length)).toEqual([200, 200])
    await clock.advance(20)
    expect(sent.map(({ batch }) => batch.polls.length)).toEqual([200, 200, 50])
  })

  it('sends counts that no poll comes with', async () => {
    const outbox = open()
    outbox.metrics.packetsRefused.inc({ protocol: 'snmp', reason: 'late' })
    await clock.advance(20)
    expect(sent[0]?.batch.metrics.counts).toMatchObject([{ name: 'packetsRefused', count: 1 }])
  })

  it('sends no more than are taken, and gathers meanwhile', async () => {
    const outbox = open()
    for (let i = 0; i < 20; i++) {
      outbox.deliver(pollOf(`e${i}`), { samples: [] })
      await clock.advance(20)
    }
    expect(sent).toHaveLength(8)
    outbox.taken()
    expect(sent).toHaveLength(9)
    expect(elementsOf(sent[8]?.batch)).toEqual(Array.from({ length: 12 }, (_, i) => `e${i + 8}`))
    outbox.taken()
    expect(sent).toHaveLength(9)
    expect(sent.every(({ batch }) => batch.dropped === 0)).toBe(true)
  })

  it('keeps so much for a receiver that is busy, then loses the oldest, and says how many', async () => {
    const outbox = open()
    const ports = interfaceList(
      'box',
      0,
      Array.from({ length: 1_000 }, (_, row) => ({
        name: `ge${row}`,
        index: row + 1,
        description: '',
        alias: '',
        adminStatus: 'up',
        operStatus: 'up',
        speedBps: 0,
      })),
    )
    const width = interfaceFields.length
    const deliver = (poll: number) => {
      const result: PollResult = {
        element: 'box',
        at: poll,
        durationMs: 1,
        outcome: 'answered',
        probe: 'snmp',
        agent: {
          system: { description: '', objectId: '', name: '', location: '', upTimeTicks: poll },
          interfaces: { ports },
          requests: 1,
        },
      }
      const values = new Float64Array(ports.length * width).fill(poll)
      outbox.deliver(result, { samples: [], interfaces: { after: 0, ports, at: poll, values, from: 0 } })
      outbox.metrics.polls.inc({ probe: 'snmp', outcome: 'answered' })
      outbox.keep('box', { maxRepetitions: 1 + (poll % 100) })
    }
    const polls = 3_000
    for (let poll = 0; poll < polls; poll++) deliver(poll)
    const before = sent.length
    expect(before).toBe(8)
    while (sent.length < 1_000) {
      const count = sent.length
      outbox.taken()
      await clock.advance(20)
      if (sent.length === count) break
    }
    const unpack = createPollUnpacker()
    const told: number[] = []
    let dropped = 0
    let counted = 0
    for (const { batch } of sent) {
      // What was lost was lost before these.
      if (batch.dropped > 0) expect(batch.polls[0]?.result.at).toBe(told.length + batch.dropped)
      dropped += batch.dropped
      for (const { count } of batch.metrics.counts) counted += count
      for (const poll of batch.polls) {
        const { result, samples } = unpack(poll, batch.values)
        expect(samples).toHaveLength(1_000)
        expect(samples[999]?.fields.in_bps).toBe(result.at)
        told.push(result.at)
      }
    }
    expect(told.length + dropped).toBe(polls)
    expect(told).toEqual(told.toSorted((one, other) => one - other))
    expect(told.at(-1)).toBe(polls - 1)
    expect(counted).toBe(polls)
    // 80 kB of values each: 64 MiB are some 830 polls, beside those on their way.
    expect(dropped).toBeGreaterThan(1_800)
    expect(dropped).toBeLessThan(2_200)
  })

  it('sends at once when told to, and nothing when there is nothing', async () => {
    const outbox = open()
    outbox.flush()
    outbox.deliver(pollOf('e1'), { samples: [] })
    outbox.flush()
    await clock.advance(100)
    expect(sent.map(({ at }) => at)).toEqual([0])
  })
})

describe('metrics of the polling thread', () => {
  it('arrive in the metrics of the daemon, added up', async () => {
    const relay = createMetricsRelay(() => {})
    const there = createMetrics()
    const counts = relay.metrics
    counts.polls.inc({ probe: 'snmp', outcome: 'answered' })
    counts.polls.inc({ probe: 'snmp', outcome: 'answered' })
    counts.polls.inc({ probe: 'icmp', outcome: 'answered' })
    counts.ratesRefused.inc({ reason: 'reset' }, 5)
    counts.pollOverruns.inc({ probe: 'snmp' })
    counts.engineFailures.inc({ probe: 'icmp', reason: 'died' })
    counts.packetsRefused.inc({ protocol: 'stamp', reason: 'late' })
    counts.pollDuration.observe({ probe: 'snmp' }, 0.25)
    countRelayed(structuredClone(relay.take()), there)
    counts.polls.inc({ probe: 'snmp', outcome: 'answered' })
    countRelayed(relay.take(), there)
    countRelayed(relay.take(), there)

    const text = await there.registry.metrics()
    for (const line of [
      'faultline_polls_total{probe="snmp",outcome="answered"} 3',
      'faultline_polls_total{probe="icmp",outcome="answered"} 1',
      'faultline_rates_refused_total{reason="reset"} 5',
      'faultline_poll_overruns_total{probe="snmp"} 1',
      'faultline_engine_failures_total{probe="icmp",reason="died"} 1',
      'faultline_packets_refused_total{protocol="stamp",reason="late"} 1',
      'faultline_poll_duration_seconds_sum{probe="snmp"} 0.25',
      'faultline_poll_duration_seconds_count{probe="snmp"} 1',
    ])
      expect(text).toContain(`${line}\n`)
  })
})
