import { describe, expect, it } from 'vitest'
import { configSchema } from '../../../src/config/schema.ts'
import { disturbed, isForgotten, penaltyAt, usualFlapping } from '../../../src/detect/flapping.ts'
import { detectorBench, element, port } from './detector-bench.ts'

const minute = 60
const a = element('a', { snmp: true })

/** A port that is polled once a minute; each letter is a minute: `u`p, `d`own, and `-` for no poll. */
function portBench(restoredFrom?: ReturnType<typeof detectorBench>) {
  const bench = detectorBench([a], restoredFrom?.carriedOver())
  let second = 0
  const play = (minutes: string, from = second) => {
    second = from
    for (const letter of minutes) {
      if (letter !== '-') bench.agent(second, 'a', [port('a', 'x', letter === 'u' ? 'up' : 'down')])
      bench.tick(second)
      second += minute
    }
    return bench.steps()
  }
  return { bench, play, at: () => second, alarm: () => bench.detector.active()[0] }
}

describe('flapping', () => {
  it('begins when a port was raised three times within ten minutes, and says so once', () => {
    const { play, alarm } = portBench()
    expect(play('duddu')).toEqual(['raised', 'cleared', 'raised', 'cleared'])
    expect(play('d')).toEqual(['raised'])
    expect(alarm()).toMatchObject({ phase: 'flapping', state: 'active' })
    expect(play('ududdduuduududud')).toEqual([])
    expect(alarm()).toMatchObject({ phase: 'flapping', id: 'alarm-3' })
  })

  it('begins when it is cleared too, and then it is not', () => {
    const { play, alarm } = portBench()
    play('dudu')
    expect(play('dudu').filter((step) => step === 'flapping' || step === 'cleared')).toEqual([])
    expect(alarm()?.phase).toBe('flapping')
  })

  it('does not begin when the changes are far apart', () => {
    const { play } = portBench()
    const slow = `d${'d'.repeat(10)}${'u'.repeat(11)}`
    expect(play(slow.repeat(5)).filter((step) => step !== 'raised' && step !== 'cleared')).toEqual([])
  })

  it('ends in the truth once it was stable: cleared, with the first good sample of the last good time', () => {
    const { bench, play, alarm } = portBench()
    play('dududud')
    const lastGood = 7 * minute
    const steps = play('u'.repeat(60))
    expect(steps).toEqual(['cleared'])
    expect(alarm()).toBeUndefined()
    expect(bench.carriedOver().restless.at(-1)).toMatchObject({
      restoredAt: lastGood * 1000,
      state: 'cleared',
    })
    const { clearedAt = 0 } = bench.carriedOver().restless.at(-1) ?? {}
    expect((clearedAt / 1000 - lastGood) / minute).toBeGreaterThan(15)
    expect((clearedAt / 1000 - lastGood) / minute).toBeLessThan(30)
  })

  it('ends in the truth once it was stable: raised, as the same alarm', () => {
    const { play, alarm } = portBench()
    play('dududu')
    const id = alarm()?.id
    expect(play('d'.repeat(60))).toEqual(['settled'])
    expect(alarm()).toMatchObject({ id, phase: 'raised', state: 'active' })
    expect(alarm()?.restoredAt).toBeUndefined()
  })

  it('is over within an hour of the last change, however long it went on', () => {
    const { play } = portBench()
    play('du'.repeat(600))
    expect(play('u'.repeat(50))).toEqual([])
    expect(play('u'.repeat(12))).toEqual(['cleared'])
  })

  it('is not over because nothing is measured: a gap takes nothing off the penalty', () => {
    const { bench, play, alarm } = portBench()
    play('dududud')
    const penalty = alarm()?.instability?.penalty
    expect(play('-'.repeat(300))).toEqual([])
    expect(alarm()).toMatchObject({ phase: 'flapping', indeterminate: true, instability: { penalty } })
    expect(play('d')).toEqual([])
    expect(alarm()?.phase).toBe('flapping')
    expect(play('u'.repeat(10))).toEqual([])
    expect(bench.steps()).toEqual([])
  })

  it('tells that it became graver, and no more', () => {
    const bench = detectorBench([element('b', { icmp: true })])
    let second = 0
    const burst = (loss: number, times: number) => {
      for (let i = 0; i < times; i++, second += 10) bench.burst(second, 'b', loss)
    }
    for (let i = 0; i < 3; i++) {
      burst(0.06, 3)
      burst(0, 3)
    }
    expect(bench.detector.active()[0]).toMatchObject({ phase: 'flapping', severity: 'minor' })
    bench.steps()
    burst(0.5, 5)
    burst(0, 3)
    burst(0.06, 3)
    expect(bench.steps()).toEqual(['severity'])
    expect(bench.detector.active()[0]).toMatchObject({ phase: 'flapping', severity: 'critical' })
  })

  it('counts as bad until it is stable: what is made of it stands still', () => {
    const bench = detectorBench([element('c', { icmp: true, snmp: true })])
    let second = 0
    const poll = (outcome: 'answered' | 'timeout', times: number) => {
      for (let i = 0; i < times; i++, second += 10) {
        bench.poll(second, 'c', 'icmp', outcome)
        bench.poll(second + 1, 'c', 'snmp', outcome)
      }
    }
    for (let i = 0; i < 4; i++) {
      poll('timeout', 3)
      poll('answered', 3)
    }
    const [alarm] = bench.detector.active()
    expect(alarm?.phase).toBe('flapping')
    const dark = { reach: 'dark', since: alarm?.onsetAt, agentSilent: false }
    expect(bench.reach(second, 'c')).toEqual(dark)
    poll('timeout', 3)
    expect(bench.reach(second, 'c')).toEqual(dark)
  })

  it('of a port keeps it among those that are down', () => {
    const { bench, play, at } = portBench()
    play('dududu')
    expect(bench.portsDown(at() - minute, 'a')).toEqual(['x'])
    play('u'.repeat(60))
    expect(bench.portsDown(at() - minute, 'a')).toEqual([])
  })

  it('of an element keeps its other alarms from coming and going with it', () => {
    const bench = detectorBench([element('d', { icmp: true, snmp: true })])
    let second = 0
    const down = () => bench.agent(second, 'd', [port('d', 'x', 'down')])
    down()
    const cycle = () => {
      for (let i = 0; i < 3; i++, second += 10) {
        bench.poll(second, 'd', 'icmp', 'timeout')
        bench.poll(second + 1, 'd', 'snmp', 'timeout')
      }
      for (let i = 0; i < 3; i++, second += 10) bench.poll(second, 'd', 'icmp', 'answered')
      down()
    }
    for (let i = 0; i < 3; i++) cycle()
    expect(bench.detector.active().find(({ type }) => type === 'unreachable')?.phase).toBe('flapping')
    bench.steps()
    for (let i = 0; i < 5; i++) cycle()
    expect(bench.steps()).toEqual([])
  })

  it('is the same after a restart, with its penalty, and so is what was cleared a moment ago', () => {
    for (const [before, after] of [
      ['dududud', 'uuuuuuduuuuu'],
      ['dudu', 'd'],
      ['dud', 'ud'],
    ] as const) {
      const whole = portBench()
      whole.play(before)
      const expected = whole.play(after)
      const first = portBench()
      first.play(before)
      const second = portBench(first.bench)
      expect(second.play(after, first.at())).toEqual(expected)
      expect(second.alarm()?.instability).toEqual(whole.alarm()?.instability)
      expect(second.alarm()?.phase).toEqual(whole.alarm()?.phase)
    }
  })
})

describe('the penalty', () => {
  it('halves in a half-life, and has a cap', () => {
    const one = disturbed(undefined, 0, usualFlapping)
    expect(penaltyAt(one, usualFlapping.halfLifeMs, usualFlapping)).toBe(500)
    expect(penaltyAt(one, -5_000, usualFlapping)).toBe(1_000)
    let many = one
    for (let i = 0; i < 100; i++) many = disturbed(many, 0, usualFlapping)
    expect(many.penalty).toBe(32_000)
    expect(penaltyAt(many, usualFlapping.maxMs, usualFlapping)).toBe(usualFlapping.reuse)
    expect(isForgotten(one, 0, usualFlapping)).toBe(false)
    expect(isForgotten(one, 2 * usualFlapping.halfLifeMs, usualFlapping)).toBe(true)
  })

  it('is by default what the configuration says', () => {
    const { detection } = configSchema.parse({ elements: [{ id: 'a' }], policies: [] })
    expect(detection.flapping).toEqual(usualFlapping)
  })

  it.for([
    [{ reuse: 5_000 }, 'must be below "suppress"'],
    [{ maxTime: '10m' }, 'is too short for the penalty ever to reach "suppress"'],
  ] as const)('settings that make no sense are refused: %j', ([flapping, message]) => {
    const result = configSchema.safeParse({ elements: [{ id: 'a' }], policies: [], detection: { flapping } })
    expect(result.error?.issues.map((issue) => issue.message)).toEqual([message])
  })
})
