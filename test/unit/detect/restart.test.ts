import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { usualFlapping } from '../../../src/detect/flapping.ts'
import { type AlarmChange, alarmKey } from '../../../src/model/alarm.ts'
import type { Rule, SampleCounts } from '../../../src/model/rule.ts'
import { detectorBench, element, port, shippedRules } from './detector-bench.ts'

const a = element('a', { icmp: true, snmp: true })

function standing() {
  const bench = detectorBench([a])
  for (const second of [0, 10, 20]) bench.burst(second, 'a', 0.1, 150)
  bench.agent(25, 'a', [port('a', 'x', 'down')])
  return bench.detector.active()
}

describe('after a restart', () => {
  it('what stands is not raised again, and is cleared once by good samples', () => {
    const bench = detectorBench([a], { active: standing() })
    bench.tick(100)
    for (const second of [110, 120]) bench.burst(second, 'a', 0.1, 150)
    bench.agent(125, 'a', [port('a', 'x', 'down')])
    expect(bench.news()).toEqual([])
    for (const second of [130, 140, 150, 160]) bench.burst(second, 'a', 0, 10)
    bench.agent(185, 'a', [port('a', 'x', 'up')])
    expect(bench.news()).toEqual([
      'cleared packet-loss a major',
      'cleared high-latency a minor',
      'cleared interface-down a[x] major',
    ])
    expect(bench.detector.active()).toEqual([])
  })

  it('an element that was dark stays so until it is polled', () => {
    const before = detectorBench([a])
    for (const second of [0, 10]) before.poll(second, 'a', 'icmp', 'timeout')
    before.poll(11, 'a', 'snmp', 'timeout')
    const bench = detectorBench([a], { active: before.detector.active() })
    bench.tick(100)
    expect(bench.reach(100, 'a')).toMatchObject({ reach: 'dark', since: 0 })
    bench.poll(105, 'a', 'icmp', 'timeout')
    expect(bench.news()).toEqual([])
    bench.poll(115, 'a', 'icmp', 'answered')
    expect(bench.news()).toEqual(['cleared unreachable a critical'])
  })

  it.for([
    [
      'the element is gone',
      [element('b', { icmp: true })],
      shippedRules,
      'the element is not polled any more',
    ],
    [
      'its rules are gone',
      [a],
      shippedRules.filter(({ type }) => type === 'unreachable'),
      'no rule holds for it any more',
    ],
  ] as const)(
    'alarms that nothing watches any more are cleared once, and say why: %s',
    ([, elements, rules, why]) => {
      const bench = detectorBench(elements, { active: standing(), rules })
      bench.tick(100)
      bench.tick(101)
      expect(
        bench.told.map(({ kind, alarm }) => `${kind} ${alarm.type}: ${alarm.clearedBecause}`).toSorted(),
      ).toEqual([
        `cleared high-latency: ${why}`,
        `cleared interface-down: ${why}`,
        `cleared packet-loss: ${why}`,
      ])
      expect(bench.detector.active()).toEqual([])
    },
  )

  it('an alarm whose rule got another name goes on under the new one', () => {
    const renamed = shippedRules.map((rule) => ({ ...rule, id: `new-${rule.id}` }))
    const bench = detectorBench([a], { active: standing(), rules: renamed })
    bench.burst(110, 'a', 0.1, 150)
    expect(bench.news()).toEqual([])
    for (const second of [120, 130, 140]) bench.burst(second, 'a', 0, 10)
    expect(bench.news()).toEqual(['cleared packet-loss a major', 'cleared high-latency a minor'])
  })

  it('what people put on an alarm is asked of the store, and not remembered', () => {
    const shelved = { by: 'li', at: 1, until: 2, reason: 'known' }
    const marked = standing().map((alarm) => ({
      ...alarm,
      acknowledged: { by: 'li', at: 1 },
      shelved,
      maintenance: 'mw-1',
    }))
    const bench = detectorBench([a], { active: marked })
    expect(bench.detector.active()).toEqual(standing())
  })

  it('an alarm that was indeterminate is so until data comes', () => {
    const before = detectorBench([a], { active: standing() })
    before.tick(1_000)
    before.tick(2_000)
    const { active } = before.carriedOver()
    expect(active.map(({ indeterminate }) => indeterminate)).toEqual([true, true, true])
    const bench = detectorBench([a], { active })
    bench.tick(3_000)
    expect(bench.detector.active()).toEqual(active)
    bench.burst(3_010, 'a', 0.1, 150)
    expect(bench.steps()).toEqual(['measured', 'measured'])
  })
})

/** A round of ten seconds; `restart` puts a new process in the place of the old one before it. */
interface Round {
  readonly loss: number
  readonly portUp: boolean
  readonly restart: boolean
}

const rounds = (least: number) =>
  fc.array(
    fc.record({
      loss: fc.constantFrom(0, 0, 0, 0.06, 0.2, 0.5, 1),
      portUp: fc.boolean(),
      restart: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
    }),
    { minLength: least, maxLength: 80 },
  )

/** So that none has a say about another, and data of each never stops. */
const apart = [
  element('path', { icmp: true }),
  element('far', { icmp: true }),
  element('box', { snmp: true }),
]

/** Restless enough to flap within minutes. */
const flapping = { ...usualFlapping, halfLifeMs: 60_000, maxMs: 240_000 }

const withCounts = (samples: SampleCounts): readonly Rule[] =>
  shippedRules.map((rule) => ({ ...rule, samples }))

/** Plays rounds, with the restarts that are in them or without any. */
function play(all: readonly Round[], rules: readonly Rule[], options: { readonly restarts: boolean }) {
  let made = 0
  const common = { rules, flapping, newAlarmId: () => `alarm-${++made}` }
  let bench = detectorBench(apart, common)
  const told: AlarmChange[] = []
  for (const [index, { loss, portUp, restart }] of all.entries()) {
    const second = index * 10
    if (restart && options.restarts) {
      const carried = bench.carriedOver()
      bench = detectorBench(apart, { ...common, ...carried })
      // Nothing is told because of the restart, and everything is there.
      bench.tick(second - 1)
      expect(bench.told).toEqual([])
      const found = bench.detector.active().toSorted((one, other) => (one.id < other.id ? -1 : 1))
      expect(found).toEqual(carried.active.toSorted((one, other) => (one.id < other.id ? -1 : 1)))
    }
    bench.burst(second, 'path', loss === 1 ? 0 : loss)
    bench.poll(second, 'far', 'icmp', loss === 1 ? 'timeout' : 'answered')
    bench.agent(second + 1, 'box', [port('box', 'x', portUp ? 'up' : 'down')])
    bench.tick(second + 2)
    told.push(...bench.told.splice(0))
  }
  return { told, active: bench.detector.active() }
}

describe('restarts at any moments', () => {
  it('make no difference at all where a single sample decides, flapping and its penalty included', () => {
    fc.assert(
      fc.property(rounds(1), (all) => {
        const rules = withCounts({ bad: 1, of: 1, good: 1 })
        const { told, active } = play(all, rules, { restarts: true })
        const reference = play(all, rules, { restarts: false })
        expect(told).toEqual(reference.told)
        expect(active).toEqual(reference.active)
      }),
      { numRuns: 150 },
    )
  })

  it('raise nothing twice, lose nothing, and end where no restart would, once conditions last', () => {
    const end = fc.record({ loss: fc.constantFrom(0, 0.2, 1), portUp: fc.boolean() })
    fc.assert(
      fc.property(rounds(1), end, (all, last) => {
        const stable = Array.from({ length: 60 }, (): Round => ({ ...last, restart: false }))
        const { told, active } = play([...all, ...stable], shippedRules, { restarts: true })
        const reference = play([...all, ...stable], shippedRules, { restarts: false })
        const open = new Map<string, string>()
        for (const { kind, alarm } of told) {
          const key = alarmKey(alarm)
          expect(open.get(key)).toBe(kind === 'raised' ? undefined : alarm.id)
          if (kind === 'cleared') open.delete(key)
          else open.set(key, alarm.id)
        }
        expect(active.map(({ id }) => id).toSorted()).toEqual([...open.values()].toSorted())
        // What was gathering before a restart and is not measured any more may be missing.
        const inShort = (all: typeof active) =>
          all
            .filter(({ indeterminate }) => !indeterminate)
            .map(({ type, severity }) => `${type} ${severity}`)
            .toSorted()
        expect(inShort(active)).toEqual(inShort(reference.active))
      }),
      { numRuns: 150 },
    )
  })
})
