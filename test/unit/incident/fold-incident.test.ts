import { describe, expect, it } from 'vitest'
import { foldIncident, moves } from '../../../src/incident/fold-incident.ts'
import { incidentStates } from '../../../src/model/incident.ts'
import type { IncidentEvent, IncidentEventBody } from '../../../src/model/incident-event.ts'
import { findingOf, impactOf } from '../../support/finding-of.ts'

const log = (...bodies: readonly IncidentEventBody[]): readonly IncidentEvent[] =>
  bodies.map((body, index) => ({
    ...body,
    incident: 'i-1',
    sequence: index + 1,
    at: 2_000 + index * 1_000,
    actor: 'system',
  }))
const opened = { type: 'opened', finding: findingOf('agg1') } as const

describe('folding the log of an incident', () => {
  it('walks through the life of one, and counts the rows', () => {
    const incident = foldIncident(
      log(
        opened,
        { type: 'acknowledged' },
        { type: 'started', assignee: 'li' },
        { type: 'held', reason: 'waiting for a part' },
        { type: 'started' },
        { type: 'etaSet', etaAt: 99_000 },
        { type: 'restored', restoredAt: 7_500 },
        { type: 'resolved' },
        { type: 'closed' },
      ),
    )
    expect(incident).toMatchObject({
      state: 'closed',
      version: 9,
      assignee: 'li',
      etaAt: 99_000,
      onsetAt: 1_000,
      detectedAt: 2_000,
      restoredAt: 7_500,
      resolvedAt: 9_000,
      closedAt: 10_000,
      updatedAt: 10_000,
      impact: [],
    })
  })

  it('keeps the worst that each service ever suffered', () => {
    const change = (impact: ReturnType<typeof impactOf>) =>
      ({ type: 'changed', finding: findingOf('agg1', { impact }) }) as const
    const incident = foldIncident(
      log(
        { type: 'opened', finding: findingOf('agg1', { impact: impactOf('degraded', 's-1', 's-2') }) },
        change([...impactOf('down', 's-1'), ...impactOf('atRisk', 's-2')]),
        change(impactOf('atRisk', 's-3')),
      ),
    )
    expect(incident.impact).toEqual(impactOf('atRisk', 's-3'))
    expect(incident.impactHistory).toEqual([
      ...impactOf('down', 's-1'),
      ...impactOf('degraded', 's-2'),
      ...impactOf('atRisk', 's-3'),
    ])
  })

  it('never moves the onset later', () => {
    const later = { type: 'changed', finding: findingOf('acc1', { onsetAt: 5_000 }) } as const
    expect(foldIncident(log(opened, later)).onsetAt).toBe(1_000)
  })

  it('forgets the time of restoration when it falls again, and stays with the person who has it', () => {
    const incident = foldIncident(
      log(
        opened,
        { type: 'started', assignee: 'li' },
        { type: 'restored', restoredAt: 3_500 },
        {
          type: 'relapsed',
          finding: findingOf('agg1'),
        },
      ),
    )
    expect(incident).toMatchObject({ state: 'inProgress', assignee: 'li' })
    expect(incident).not.toHaveProperty('restoredAt')
  })

  it('is open anew, with nobody and no promise, when it falls after it was resolved', () => {
    const incident = foldIncident(
      log(
        opened,
        { type: 'started', assignee: 'li' },
        { type: 'etaSet', etaAt: 99_000 },
        { type: 'restored', restoredAt: 3_500 },
        { type: 'resolved' },
        { type: 'relapsed', finding: findingOf('agg1') },
      ),
    )
    expect(incident.state).toBe('open')
    for (const gone of ['restoredAt', 'resolvedAt', 'etaAt', 'assignee'])
      expect(incident).not.toHaveProperty(gone)
  })

  it('says who has seen it, and what it waits for while it waits', () => {
    const held = log(opened, { type: 'acknowledged' }, { type: 'held', reason: 'no access' })
    expect(foldIncident(held)).toMatchObject({
      state: 'held',
      acknowledged: { by: 'system', at: 3_000 },
      hold: { by: 'system', at: 4_000, reason: 'no access' },
    })
    for (const end of ['released', 'started', 'resolved'] as const) {
      const after = foldIncident(
        log(opened, { type: 'acknowledged' }, { type: 'held', reason: 'x' }, { type: end }),
      )
      expect(after).not.toHaveProperty('hold')
    }
  })

  it('is assigned, and to nobody again', () => {
    const assigned = log(opened, { type: 'assigned', assignee: 'li' }, { type: 'assigned', assignee: null })
    expect(foldIncident(assigned.slice(0, 2)).assignee).toBe('li')
    expect(foldIncident(assigned)).not.toHaveProperty('assignee')
  })

  it('stays open when a person has opened it again, until a person or a relapse says otherwise', () => {
    const over = [opened, { type: 'restored', restoredAt: 3_500 }, { type: 'resolved' }] as const
    const reopened = { type: 'reopened', reason: 'still slow' } as const
    expect(foldIncident(log(...over, reopened))).toMatchObject({
      state: 'acknowledged',
      reopened: { by: 'system', at: 5_000, reason: 'still slow' },
      restoredAt: 3_500,
    })
    expect(foldIncident(log(...over, reopened))).not.toHaveProperty('resolvedAt')
    for (const end of [{ type: 'resolved' }, { type: 'relapsed', finding: findingOf('agg1') }] as const)
      expect(foldIncident(log(...over, reopened, end))).not.toHaveProperty('reopened')
  })

  it('reads logs of an earlier version, which held the whole finding in each row', () => {
    const whole = findingOf('acc1', { impact: impactOf('down', 's-2'), severity: 'major' })
    expect(foldIncident(log(opened, { type: 'changed', finding: whole }))).toMatchObject({
      severity: 'major',
      impact: impactOf('down', 's-2'),
    })
  })

  it('takes what is new of a finding, and the difference of its impact', () => {
    const incident = foldIncident(
      log(
        { type: 'opened', finding: findingOf('agg1', { impact: impactOf('down', 's-1', 's-2') }) },
        {
          type: 'changed',
          finding: { shadowed: ['acc1'] },
          impact: { set: [...impactOf('degraded', 's-2'), ...impactOf('down', 's-3')], gone: ['s-1'] },
        },
      ),
    )
    expect(incident.shadowed).toEqual(['acc1'])
    expect(incident.roots).toEqual([{ kind: 'element', element: 'agg1' }])
    expect(incident.impact).toEqual([...impactOf('degraded', 's-2'), ...impactOf('down', 's-3')])
    expect(incident.impactHistory).toEqual(impactOf('down', 's-1', 's-2', 's-3'))
  })

  it('keeps the earliest report and the earliest message', () => {
    const incident = foldIncident(
      log(
        opened,
        { type: 'reported', report: 'r-1', reportedAt: 900 },
        { type: 'reported', report: 'r-2', reportedAt: 1_900 },
        { type: 'customersTold', toldAt: 5_000 },
        { type: 'customersTold', toldAt: 4_000 },
      ),
    )
    expect(incident).toMatchObject({ firstReportAt: 900, firstMessageAt: 4_000 })
  })

  it('names the incident that took it over', () => {
    expect(foldIncident(log(opened, { type: 'merged', into: 'i-0' }))).toMatchObject({
      state: 'closed',
      mergedInto: 'i-0',
      impact: [],
    })
  })

  it('refuses a log that does not begin at the beginning', () => {
    expect(() => foldIncident(log({ type: 'acknowledged' }))).toThrow('begins with acknowledged')
    expect(() => foldIncident([])).toThrow('without a log')
  })

  it('reaches every state from open, and leaves closed never', () => {
    const reached = new Set<string>(['open'])
    for (const state of incidentStates) for (const next of Object.values(moves[state])) reached.add(next)
    expect([...reached].sort()).toEqual([...incidentStates].sort())
    expect(moves.closed).toEqual({})
  })
})
