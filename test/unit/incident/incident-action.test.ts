import { describe, expect, it, test } from 'vitest'
import { afterEvent } from '../../../src/incident/fold-incident.ts'
import { incidentAction } from '../../../src/incident/incident-action.ts'
import type { Incident } from '../../../src/model/incident.ts'
import type { IncidentAction } from '../../../src/model/incident-action.ts'
import type { IncidentEventBody } from '../../../src/model/incident-event.ts'
import { FaultlineError } from '../../../src/platform/errors.ts'
import { findingOf, incidentOf } from '../../support/finding-of.ts'

const lived = (...bodies: readonly IncidentEventBody[]): Incident =>
  bodies.reduce<Incident>(
    (incident, body) =>
      afterEvent(incident, {
        ...body,
        incident: 'i-1',
        sequence: incident.version + 1,
        at: 5_000,
        actor: 'li',
      }),
    incidentOf('i-1', findingOf('agg1')),
  )
const outcome = (incident: Incident, action: IncidentAction, version?: number) => {
  const result = incidentAction(incident, action, 'li', 9_000, version)
  return result instanceof FaultlineError ? result.code : result.type
}
const restored = { type: 'restored', restoredAt: 4_000 } as const

describe('what a person may do with an incident', () => {
  test.for<[string, Incident, IncidentAction, string]>([
    ['acknowledges a new one', lived(), { type: 'acknowledge' }, 'acknowledged'],
    ['cannot acknowledge twice', lived({ type: 'acknowledged' }), { type: 'acknowledge' }, 'CONFLICT'],
    ['starts at once', lived(), { type: 'start', assignee: 'li' }, 'started'],
    ['cannot hold what nobody has seen', lived(), { type: 'hold', reason: 'part' }, 'CONFLICT'],
    ['holds work', lived({ type: 'started' }), { type: 'hold', reason: 'part' }, 'held'],
    [
      'goes on with held work',
      lived({ type: 'started' }, { type: 'held', reason: 'x' }),
      { type: 'start' },
      'started',
    ],
    [
      'lets held work go on',
      lived({ type: 'started' }, { type: 'held', reason: 'x' }),
      { type: 'release' },
      'released',
    ],
    ['cannot let go on what does not wait', lived({ type: 'started' }), { type: 'release' }, 'CONFLICT'],
    ['gives it to somebody', lived(), { type: 'assign', assignee: 'wu' }, 'assigned'],
    [
      'cannot give it to who has it',
      lived({ type: 'assigned', assignee: 'wu' }),
      { type: 'assign', assignee: 'wu' },
      'CONFLICT',
    ],
    [
      'takes it away from who has it',
      lived({ type: 'assigned', assignee: 'wu' }),
      { type: 'assign', assignee: null },
      'assigned',
    ],
    ['cannot take it away from nobody', lived(), { type: 'assign', assignee: null }, 'CONFLICT'],
    [
      'cannot give away what is closed',
      lived(restored, { type: 'resolved' }, { type: 'closed' }),
      { type: 'assign', assignee: 'wu' },
      'CONFLICT',
    ],
    [
      'opens again what is resolved',
      lived(restored, { type: 'resolved' }),
      { type: 'reopen', reason: 'x' },
      'reopened',
    ],
    ['cannot open what is open', lived(), { type: 'reopen', reason: 'x' }, 'CONFLICT'],
    [
      'cannot open what is closed',
      lived(restored, { type: 'resolved' }, { type: 'closed' }),
      { type: 'reopen', reason: 'x' },
      'CONFLICT',
    ],
    ['cannot resolve what is measured bad', lived(), { type: 'resolve' }, 'CONFLICT'],
    ['resolves what is good again', lived(restored), { type: 'resolve' }, 'resolved'],
    ['cannot close what is not resolved', lived(restored), { type: 'close' }, 'CONFLICT'],
    ['closes what is resolved', lived(restored, { type: 'resolved' }), { type: 'close' }, 'closed'],
    ['promises a time', lived(), { type: 'eta', etaAt: 10_000 }, 'etaSet'],
    ['takes a promise back', lived(), { type: 'eta', etaAt: null }, 'etaSet'],
    ['cannot promise the past', lived(), { type: 'eta', etaAt: 9_000 }, 'REQUEST_INVALID'],
    [
      'cannot promise what is years away',
      lived(),
      { type: 'eta', etaAt: 9_000 + 366 * 86_400_000 },
      'REQUEST_INVALID',
    ],
    [
      'cannot promise for what is over',
      lived(restored, { type: 'resolved' }),
      { type: 'eta', etaAt: 10_000 },
      'CONFLICT',
    ],
    [
      'adds a note to anything',
      lived(restored, { type: 'resolved' }, { type: 'closed' }),
      { type: 'note', text: 'x' },
      'noted',
    ],
  ])('%s', ([, incident, action, expected]) => {
    expect(outcome(incident, action)).toBe(expected)
  })

  it('is refused when someone else was faster', () => {
    expect(outcome(lived(), { type: 'acknowledge' }, 1)).toBe('acknowledged')
    expect(outcome(lived({ type: 'noted', text: 'x' }), { type: 'acknowledge' }, 1)).toBe(
      'PRECONDITION_FAILED',
    )
  })

  it('is written with the name of the person', () => {
    expect(incidentAction(lived(), { type: 'note', text: 'splicing' }, 'li', 9_000)).toEqual({
      type: 'noted',
      text: 'splicing',
      incident: 'i-1',
      sequence: 2,
      at: 9_000,
      actor: 'li',
    })
  })
})
