import { describe, expect, it } from 'vitest'
import type { NetworkAlarm } from '../../../src/model/alarm.ts'
import type { Reach } from '../../../src/model/network-state.ts'
import { createMeasured, type Known } from '../../../src/wiring/measured.ts'
import { findingOf } from '../../support/finding-of.ts'
import { alarmOf } from '../../support/tracker-bench.ts'

const alarm = (element: string, over: Partial<NetworkAlarm> = {}): NetworkAlarm => ({
  ...alarmOf(`al-${element}`),
  resource: { kind: 'element', element },
  ...over,
})
const known = (reach: Readonly<Record<string, Reach>>, ...active: readonly NetworkAlarm[]): Known => ({
  state: {
    elements: new Map(
      Object.entries(reach).map(([id, one]) => [id, { reach: one, since: 0, agentSilent: false }]),
    ),
    portsDown: new Map(),
  },
  active,
})
const incident = findingOf('acc1', { shadowed: ['cpe1'], alarms: ['al-acc1', 'al-cpe1'] })
const isMeasured = (one: Known, of = incident) => {
  const measured = createMeasured(() => one)
  measured.judged(one)
  return measured.isMeasured(of)
}

describe('what an incident rests on', () => {
  it.for<readonly [string, Known, boolean]>([
    ['dark', known({ acc1: 'dark', cpe1: 'dark' }, alarm('acc1'), alarm('cpe1')), true],
    ['one of two known', known({ acc1: 'unknown', cpe1: 'dark' }, alarm('acc1'), alarm('cpe1')), true],
    ['unknown', known({ acc1: 'unknown', cpe1: 'unknown' }, alarm('acc1'), alarm('cpe1')), false],
    ['no data', known({ acc1: 'dark', cpe1: 'dark' }, alarm('acc1', { indeterminate: true })), false],
    ['cleared, elements known', known({ acc1: 'answering', cpe1: 'unknown' }), true],
    ['cleared, elements unknown', known({ acc1: 'unknown', cpe1: 'unknown' }), false],
    ['not polled', known({}), true],
  ])('is measured or not: %s', ([, one, expected]) => {
    expect(isMeasured(one)).toBe(expected)
  })

  it('is not measured before it was judged, nor until what came in since is judged', () => {
    const dark = known({ acc1: 'dark' }, alarm('acc1'))
    const unknown = known({ acc1: 'unknown' }, alarm('acc1'))
    let now = dark
    const measured = createMeasured(() => now)
    expect(measured.isMeasured(incident)).toBe(false)
    measured.judged(unknown)
    expect(measured.isMeasured(incident)).toBe(false)
    measured.judged(dark)
    expect(measured.isMeasured(incident)).toBe(true)
    now = unknown
    expect(measured.isMeasured(incident)).toBe(false)
  })

  it('is the port itself where a link is the root, and its ends where no alarm is left', () => {
    const link = {
      id: 'x',
      a: { element: 'agg1' },
      b: { element: 'acc1' },
      source: 'declared' as const,
    }
    const cut = findingOf('', { roots: [{ kind: 'link', link }], alarms: ['al-agg1'] })
    const port = alarm('agg1', { resource: { kind: 'interface', element: 'agg1', interface: 'to-acc1' } })
    expect(isMeasured(known({ agg1: 'unknown', acc1: 'answering' }, port), cut)).toBe(false)
    expect(isMeasured(known({ agg1: 'answering', acc1: 'unknown' }, port), cut)).toBe(true)
    expect(isMeasured(known({ agg1: 'unknown', acc1: 'unknown' }), cut)).toBe(false)
  })
})
