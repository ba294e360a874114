import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createFaults } from '../../../src/demo/demo-faults.ts'
import { type Faults, noFaults } from '../../../src/demo/demo-forwarding.ts'
import { demoPlan } from '../../../src/demo/demo-plan.ts'
import { type DeskReport, demoStory, tellStory } from '../../../src/demo/demo-story.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const log = pino({ enabled: false })

function stage(deliver: () => Promise<void> = () => Promise.resolve()) {
  const clock = new ManualClock()
  const started = clock.now()
  const events: { readonly at: number; readonly what: string }[] = []
  const note = (what: string) => events.push({ at: (clock.now() - started) / 1_000, what })
  const describeFaults = ({ down, cut, loss, congested }: Faults) =>
    [...down, ...cut, ...loss.keys(), ...congested].join(' ') || 'whole'
  const network = createFaults(demoPlan, (faults) => note(describeFaults(faults)))
  const reports: DeskReport[] = []
  const stopping = new AbortController()
  const hooks = {
    log,
    report: (report: DeskReport) => {
      reports.push(report)
      note(report.symptom)
      return deliver()
    },
  }
  return {
    clock,
    network,
    reports,
    events,
    stopping,
    options: { clock, network, hooks, signal: stopping.signal },
  }
}

describe('the demo story', () => {
  it('has the first outage cut, reported twice and repaired within one minute', async () => {
    const { clock, events, stopping, options } = stage()
    const told = tellStory(options)
    await clock.advance(119_000)
    expect(events).toEqual([
      { at: 15, what: 'agg1' },
      { at: 30, what: 'no-service' },
      { at: 33, what: 'slow' },
      { at: 60, what: 'whole' },
    ])
    stopping.abort()
    await told
  })

  it('goes through loss, congestion and a broken ring, and begins anew with new reports', async () => {
    const { clock, events, reports, stopping, options } = stage()
    const told = tellStory(options)
    const length = demoStory.reduce((sum, { afterMs }) => sum + afterMs, 0)
    await clock.advance(length + 60_000 + 35_000)
    const faults = events.map(({ what }) => what)
    expect(faults).toContain('acc4[to-agg2]--agg2[to-acc4]')
    expect(faults).toContain('acc3[to-agg1]--agg1[to-acc3]')
    expect(faults).toContain('agg2[to-core1]--core1[to-agg2]')
    expect(faults.filter((what) => what === 'agg1')).toHaveLength(2)
    expect(new Set(reports.map(({ externalId }) => externalId)).size).toBe(reports.length)
    expect(length).toBeLessThan(7 * 60_000)
    stopping.abort()
    await told
  })

  it('goes on when the daemon does not take a report', async () => {
    const { clock, events, stopping, options } = stage(() => Promise.reject(new Error('away')))
    const told = tellStory(options)
    await clock.advance(61_000)
    expect(events.at(-1)?.what).toBe('whole')
    stopping.abort()
    await told
  })

  it('stops at once when told to', async () => {
    const { clock, network, stopping, options } = stage()
    const told = tellStory(options)
    await clock.advance(20_000)
    stopping.abort()
    await told
    expect(network.faults().down).toEqual(new Set(['agg1']))
  })
})

describe('faults in the demo network', () => {
  it('add up, and are repaired one by one or all at once', () => {
    const { network } = stage()
    network.cut('acc4')
    network.cutLink('agg2', 'agg1')
    network.loss(['acc1', 'agg1'], 0.2)
    network.congestion('core1', 'agg1')
    network.repair('acc4')
    network.repair(['agg1', 'acc1'])
    expect(network.faults()).toEqual({
      ...noFaults,
      cut: new Set(['agg1[to-agg2]--agg2[to-agg1]']),
      congested: new Set(['agg1[to-core1]--core1[to-agg1]']),
    })
    network.repair()
    expect(network.faults()).toEqual(noFaults)
  })

  it('are refused for things that do not exist', () => {
    const { network } = stage()
    for (const wrong of [
      () => network.cut('acc9'),
      () => network.cutLink('acc1', 'acc4'),
      () => network.loss('acc1', 1.5),
      () => network.loss('acc1', Number.NaN),
      () => network.repair('nms'),
    ])
      expect(wrong).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
  })
})
