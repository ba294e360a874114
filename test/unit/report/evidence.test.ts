import { describe, expect, it } from 'vitest'
import { type EvidenceInput, gatherEvidence } from '../../../src/report/evidence.ts'
import { alarmOn, smallState } from '../../support/small-network.ts'

const now = Date.parse('2026-03-01T08:00:00Z')
const path = ['core1', 'agg1', 'acc1', 'cpe1']

const gather = (more: Partial<EvidenceInput> = {}) =>
  gatherEvidence({
    path,
    state: smallState(now - 10_000),
    alarms: [],
    leadsElsewhere: () => false,
    blind: false,
    now,
    windowMs: 300_000,
    ...more,
  })

describe('evidence of a path', () => {
  it('is good when every element answers and has no alarm', () => {
    expect(gather()).toMatchObject({
      state: 'pending',
      coverage: 1,
      good: true,
      from: now - 300_000,
      to: now,
      findings: path.map((element) => `${element} answers and has no alarm.`),
    })
  })

  it('counts a missed poll as a measurement, and as bad', () => {
    const state = smallState(now, { acc1: { reach: 'missing', since: now - 5_000 } })
    const evidence = gather({ state })
    expect(evidence).toMatchObject({ coverage: 1, good: false })
    expect(evidence.findings[0]).toBe('acc1 has not answered since 2026-03-01T07:59:55.000Z.')
  })

  it.for([
    ['was never polled', { reach: 'unknown' as const }],
    ['answered too long ago', { lastAnswerAt: now - 300_001 }],
  ] as const)('does not count what %s', ([, cpe1]) => {
    const evidence = gather({ state: smallState(now, { cpe1 }) })
    expect(evidence).toMatchObject({ coverage: 0.75, good: true })
    expect(evidence.findings[0]).toBe('cpe1 was not measured in the last 5 min.')
  })

  it('puts the worst finding first', () => {
    const state = smallState(now, { cpe1: { reach: 'dark', since: now }, core1: { reach: 'unknown' } })
    const { findings } = gather({ state, alarms: [alarmOn('agg1', 'packet-loss')] })
    expect(findings.map((text) => text.split(' ')[0])).toEqual(['cpe1', 'agg1', 'core1', 'acc1'])
    expect(findings[1]).toBe('agg1 answers, but: packet-loss on agg1')
  })

  it('leaves out alarms that do not concern the path', () => {
    const alarms = [
      alarmOn('agg1', 'agent-silent'),
      alarmOn('acc2', 'unreachable'),
      alarmOn('agg1', 'interface-down', 'to-acc2'),
    ]
    const leadsElsewhere = (_: string, port: string) => port === 'to-acc2'
    expect(gather({ alarms, leadsElsewhere }).good).toBe(true)
    expect(gather({ alarms: [alarmOn('agg1', 'interface-down', 'to-acc1')], leadsElsewhere }).good).toBe(
      false,
    )
  })

  it('is worth nothing while we are cut off ourselves, or when nothing is polled', () => {
    expect(gather({ blind: true })).toMatchObject({ coverage: 0, good: false })
    expect(gather({ path: [] }).coverage).toBe(0)
  })
})
