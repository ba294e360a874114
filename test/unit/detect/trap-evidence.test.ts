import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { usualFlapping } from '../../../src/detect/flapping.ts'
import { portEvidence } from '../../../src/detect/trap-evidence.ts'
import { interfaceStatuses } from '../../../src/model/interface.ts'
import { interfaceList } from '../../../src/model/interface-list.ts'
import { type Trap, trapKinds } from '../../../src/model/trap.ts'
import { detectorBench, element, port } from './detector-bench.ts'

const a = element('a', { snmp: true })

/** A port `x` that was up when it was polled in second 100. */
function polledOnce() {
  const bench = detectorBench([a])
  bench.agent(100, 'a', [port('a', 'x', 'up')])
  return bench
}

describe('an authenticated linkDown', () => {
  it('makes its port be down at once, and is named in the alarm', () => {
    const bench = polledOnce()
    bench.trap(110, 'a', 'linkDown')
    expect(bench.portsDown(110, 'a')).toEqual(['x'])
    expect(bench.told[0]?.alarm).toMatchObject({
      text: 'a[x] is down: told by an authenticated linkDown trap',
      onsetAt: 109_999,
      raisedAt: 110_000,
    })
    expect(bench.news()).toEqual(['raised interface-down a[x] major'])
  })

  it('is confirmed by the poll that it starts, which changes nothing', () => {
    const bench = polledOnce()
    bench.trap(110, 'a', 'linkDown')
    bench.news()
    bench.agent(110, 'a', [port('a', 'x', 'down')])
    expect(bench.news()).toEqual([])
    expect(bench.portsDown(110, 'a')).toEqual(['x'])
    expect(bench.detector.active()[0]?.text).toContain('told by an authenticated linkDown trap')
  })

  it('that lies is contradicted by the poll that it starts, even in the same millisecond', () => {
    const bench = polledOnce()
    bench.trap(110, 'a', 'linkDown')
    bench.agent(110, 'a', [port('a', 'x', 'up')])
    expect(bench.news()).toEqual(['raised interface-down a[x] major', 'cleared interface-down a[x] major'])
    expect(bench.portsDown(110, 'a')).toEqual([])
  })

  it('outlasts a poll that began before it came, and may have looked before', () => {
    const bench = polledOnce()
    bench.trap(160.5, 'a', 'linkDown')
    bench.agent(160, 'a', [port('a', 'x', 'up')])
    expect(bench.portsDown(161, 'a')).toEqual(['x'])
    expect(bench.news()).toEqual(['raised interface-down a[x] major'])
    bench.agent(161, 'a', [port('a', 'x', 'up')])
    expect(bench.portsDown(161, 'a')).toEqual([])
  })

  it('is over with the linkUp that follows', () => {
    const bench = polledOnce()
    bench.trap(110, 'a', 'linkDown')
    bench.trap(111, 'a', 'linkUp')
    expect(bench.portsDown(111, 'a')).toEqual([])
    expect(bench.news()).toEqual(['raised interface-down a[x] major', 'cleared interface-down a[x] major'])
    bench.agent(110.5, 'a', [port('a', 'x', 'down')])
    expect(bench.portsDown(111, 'a')).toEqual([])
    expect(bench.news()).toEqual([])
  })

  it('that is played once more after the linkUp does nothing', () => {
    const bench = polledOnce()
    bench.trap(110, 'a', 'linkDown')
    bench.trap(111, 'a', 'linkUp')
    bench.news()
    bench.trap(112, 'a', 'linkDown', { upTimeTicks: 11_000 })
    expect(bench.news()).toEqual([])
    expect(bench.portsDown(112, 'a')).toEqual([])
  })

  it('that comes again and again is flapping like any other port', () => {
    const bench = polledOnce()
    for (let n = 0; n < 20; n++) bench.trap(110 + n, 'a', n % 2 === 0 ? 'linkDown' : 'linkUp')
    expect(bench.told).toHaveLength(5)
    expect(bench.detector.active()[0]?.phase).toBe('flapping')
  })

  it('is forgotten when the clock is set back far, so that polls count again', () => {
    const bench = detectorBench([a])
    bench.agent(1_000, 'a', [port('a', 'x', 'up')])
    bench.trap(1_010, 'a', 'linkDown')
    bench.agent(111, 'a', [port('a', 'x', 'up')])
    expect(bench.portsDown(111, 'a')).toEqual([])
  })

  const whole = { upTimeTicks: 11_000, interfaceIndex: 1, adminStatus: 'up' } as const

  it.for<readonly [string, Partial<Trap>, (keyof typeof whole)?]>([
    ['nobody signed it', { authenticated: false }],
    ['it names an index that the agent does not have', { interfaceIndex: 2 }],
    ['it names no index', {}, 'interfaceIndex'],
    ['it calls the port by another name', { interfaceName: 'y' }],
    ['the port is shut down on purpose', { adminStatus: 'down' }],
    ['it does not say that the port is meant to be up', {}, 'adminStatus'],
    ['it is from before the last poll', { upTimeTicks: 9_999 }],
    ['it is of the same moment as the last poll', { upTimeTicks: 10_000 }],
    ['it is of a life of the agent that was longer', { upTimeTicks: 90_000_000 }],
    ['it does not say when it was', {}, 'upTimeTicks'],
    ['it is about something else', { kind: 'bgpBackward' }],
    ['nothing polls the element', { element: 'b' }],
  ])('is no more than a hint where %s', ([, more, without]) => {
    const bench = polledOnce()
    const told: Partial<Trap> = Object.fromEntries(Object.entries(whole).filter(([name]) => name !== without))
    bench.trap(110, 'a', 'linkDown', { ...told, ...more }, {})
    expect(bench.detector.active()).toEqual([])
    expect(bench.portsDown(110, 'a')).toEqual([])
  })

  it('with all of that is more', () => {
    const bench = polledOnce()
    bench.trap(110, 'a', 'linkDown', whole, {})
    expect(bench.portsDown(110, 'a')).toEqual(['x'])
  })

  it('is no more than a hint before the first poll, after a restart too, and once the agent fell silent', () => {
    const bench = detectorBench([a])
    bench.trap(50, 'a', 'linkDown')
    expect(bench.news()).toEqual([])
    bench.agent(100, 'a', [port('a', 'x', 'up')])
    bench.trap(281, 'a', 'linkDown')
    expect(bench.news()).toEqual([])
  })

  it('is no more than a hint while the element is dark', () => {
    const bench = detectorBench([element('a', { icmp: true, snmp: true })])
    bench.agent(100, 'a', [port('a', 'x', 'up')])
    for (const second of [110, 120, 130]) {
      bench.poll(second, 'a', 'icmp', 'timeout')
      bench.poll(second + 1, 'a', 'snmp', 'timeout')
    }
    expect(bench.news()).toEqual(['raised unreachable a critical'])
    bench.trap(140, 'a', 'linkDown')
    expect(bench.news()).toEqual([])
  })

  it('leaves a port out that no rule would watch, as a poll does', () => {
    const surroundings = { ports: { sawUp: () => {}, isUsed: () => false } }
    const bench = detectorBench([a], { surroundings })
    bench.agent(100, 'a', [port('a', 'x', 'up')])
    bench.trap(110, 'a', 'linkDown')
    expect(bench.news()).toEqual([])
    expect(bench.portsDown(110, 'a')).toEqual(['x'])
  })

  it('counts when sysUpTime wraps between poll and trap', () => {
    const ports = interfaceList('a', 0, [port('a', 'x', 'up')])
    const polled = { ports, upTimeTicks: 2 ** 32 - 5, at: 100_000 }
    const trap: Trap = {
      element: 'a',
      at: 101_000,
      kind: 'linkDown',
      oid: '',
      version: '3',
      inform: false,
      authenticated: true,
      source: '',
      upTimeTicks: 95,
      interfaceIndex: 1,
      adminStatus: 'up',
    }
    expect(portEvidence(trap, polled, new Map())).toMatchObject({ port: 'x', isDown: true })
  })
})

describe('a linkUp', () => {
  it.for<readonly [string, Partial<Trap>, readonly string[]]>([
    ['that says up ends it', { operStatus: 'up' }, []],
    ['that says nothing more ends it', {}, []],
    ['that left down for something else does not', { operStatus: 'lowerLayerDown' }, ['x']],
    ['of a port that is not meant to be up does not', { adminStatus: 'down' }, ['x']],
    ['that nobody signed does not', { authenticated: false }, ['x']],
  ])('%s', ([, more, left]) => {
    const bench = detectorBench([a])
    bench.agent(100, 'a', [port('a', 'x', 'down')])
    bench.trap(110, 'a', 'linkUp', more)
    expect(bench.portsDown(110, 'a')).toEqual(left)
  })
})

const anyTrap = fc.record(
  {
    element: fc.constantFrom('a', 'b', ''),
    at: fc.integer({ min: 0, max: 10_000_000 }),
    kind: fc.constantFrom(...trapKinds),
    oid: fc.string(),
    version: fc.constantFrom('1' as const, '2c' as const, '3' as const),
    inform: fc.boolean(),
    authenticated: fc.boolean(),
    source: fc.string(),
    upTimeTicks: fc.nat(2 ** 32 - 1),
    interfaceIndex: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.double()),
    interfaceName: fc.constantFrom('x', 'y', '', 'constructor'),
    adminStatus: fc.constantFrom(...interfaceStatuses),
    operStatus: fc.constantFrom(...interfaceStatuses),
  },
  { requiredKeys: ['element', 'at', 'kind', 'oid', 'version', 'inform', 'authenticated', 'source'] },
)

/** What happens to one port: it changes, telling so by a trap that comes later, maybe twice; or it is polled. */
const happenings = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('change' as const), delay: fc.nat(500), again: fc.option(fc.nat(500)) }),
    fc.record({ kind: fc.constant('poll' as const), looks: fc.nat(30), ends: fc.nat(50) }),
  ),
  { maxLength: 25 },
)

/**
 * Plays it on a network whose clock ticks each 20 ms, so that no two things are of one tick of sysUpTime. `check` is
 * told of each state after which the truth is known.
 */
function play(
  story: readonly (typeof happenings extends fc.Arbitrary<readonly (infer T)[]> ? T : never)[],
  late: boolean,
  check: (down: boolean, truth: boolean) => void,
) {
  // A port that is flapping counts as down until it is stable.
  const flapping = { ...usualFlapping, suppress: Number.POSITIVE_INFINITY }
  const bench = detectorBench([a], { flapping })
  let isDown = false
  const tickS = 0.02
  const startS = 100
  const due: { readonly at: number; readonly run: () => void }[] = []
  const states: { readonly at: number; readonly isDown: boolean }[] = [{ at: 0, isDown: false }]
  const at = (step: number) => startS + step * tickS
  const stateAt = (step: number) => states.findLast((state) => state.at <= step)?.isDown ?? false
  bench.agent(startS - 1, 'a', [port('a', 'x', 'up')])
  let last = 0
  let polledUntil = 0
  for (const [n, one] of story.entries()) {
    const step = 3 * (n + 1)
    last = Math.max(last, step)
    if (one.kind === 'poll') {
      // One poll at a time.
      if (step < polledUntil) continue
      const ends = step + 1 + 3 * one.ends
      const looks = Math.min(step + 1 + one.looks, ends)
      due.push({
        at: ends,
        run: () => {
          const status = stateAt(looks) ? 'down' : 'up'
          bench.agent(at(step), 'a', [port('a', 'x', status)], [], '', Math.floor(at(ends) * 100) - 1)
        },
      })
      polledUntil = ends + 1
      last = Math.max(last, ends)
      continue
    }
    isDown = !isDown
    states.push({ at: step, isDown })
    const upTimeTicks = Math.round(at(step) * 100)
    const kind = isDown ? 'linkDown' : 'linkUp'
    for (const delay of late ? [one.delay, one.again ?? one.delay] : [0]) {
      const comes = step + delay
      due.push({ at: comes, run: () => bench.trap(at(comes), 'a', kind, { upTimeTicks }) })
      last = Math.max(last, comes)
    }
  }
  for (const { at: step, run } of due.toSorted((one, other) => one.at - other.at)) {
    run()
    if (!late) check(bench.portsDown(at(step), 'a').length > 0, stateAt(step))
  }
  bench.agent(at(last + 1), 'a', [port('a', 'x', isDown ? 'down' : 'up')])
  const settled = () => check(bench.portsDown(at(last + 2), 'a').length > 0, isDown)
  settled()
  // Whatever is played once more changes nothing.
  for (const { at: step, isDown: was } of states.slice(1)) {
    bench.trap(at(last + 2), 'a', was ? 'linkDown' : 'linkUp', { upTimeTicks: Math.round(at(step) * 100) })
    settled()
  }
  expect(bench.detector.active().some(({ phase }) => phase !== 'flapping') && !isDown).toBe(false)
}

describe('whatever traps say', () => {
  const numRuns = 500

  it('is never evidence that nobody signed, nor of a port that the agent does not have', () => {
    const ports = interfaceList('a', 0, [port('a', 'x', 'up')])
    fc.assert(
      fc.property(anyTrap, fc.nat(2 ** 32 - 1), fc.integer(), (trap, upTimeTicks, at) => {
        const evidence = portEvidence(trap, { ports, upTimeTicks, at }, new Map())
        if (evidence === undefined) return
        expect(trap).toMatchObject({ authenticated: true, interfaceIndex: 1 })
        expect(evidence).toMatchObject({ port: 'x', isDown: trap.kind === 'linkDown' })
        if (evidence.isDown) expect(trap.adminStatus).toBe('up')
      }),
      { numRuns },
    )
  })

  it('the state of a port is the truth at each moment, when they come at once, whatever polls are under way', () => {
    fc.assert(
      fc.property(happenings, (story) => play(story, false, (down, truth) => expect(down).toBe(truth))),
      { numRuns },
    )
  })

  it('it is the truth after the next poll, however late, often and disordered they come', () => {
    fc.assert(
      fc.property(happenings, (story) => play(story, true, (down, truth) => expect(down).toBe(truth))),
      { numRuns },
    )
  })
})
