import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../support/scenario/parse-scenario.ts'
import type { Scenario } from '../../support/scenario/scenario.ts'
import { offeredAt, overflow } from '../../support/scenario/traffic.ts'
import { World } from '../../support/scenario/world.ts'
import { createWorldAgents } from '../../support/scenario/world-agent.ts'
import { burstOver } from '../../support/scenario/world-probes.ts'

const scenario = (events: string): Scenario =>
  parseScenario(
    `scenario a world\nnetwork\n  nms -- core1 -- acc1 -- cpe1\n  core1 -- acc2 -- acc1 [5ms]\n${events}`,
    'world.scenario',
  )

function worldOf(events: string): World {
  const { network, happenings, startAt } = scenario(events)
  const timed = happenings.flatMap((one) =>
    one.kind === 'world' ? [{ at: startAt + one.at, event: one.event }] : [],
  )
  return new World(network, timed, startAt - 60_000)
}
const at = (seconds: number) => scenario('').startAt + seconds * 1_000

describe('a world', () => {
  it('has the shortest way over what works', () => {
    const world = worldOf('at 00:00:10 cut core1--acc1\nat 00:00:20 power off acc2\n')
    world.advanceTo(at(0))
    expect(world.wayTo('cpe1', at(0))?.rttMs).toBeCloseTo(6.2)
    world.advanceTo(at(10))
    expect(world.wayTo('cpe1', at(10))?.rttMs).toBeCloseTo(24.2)
    world.advanceTo(at(20))
    expect(world.wayTo('cpe1', at(20))).toBeUndefined()
  })

  it('loses packets in the direction that it is told', () => {
    const world = worldOf('at 00:00:00 lose 20% on core1--acc1 towards acc1\n')
    world.advanceTo(at(0))
    expect(world.wayTo('acc1', at(0))).toMatchObject({ lossForward: expect.closeTo(0.2), lossBackward: 0 })
  })

  it('is the same whoever asks it how often', () => {
    const events =
      'at 00:00:10 load 50% on core1--acc1\nat 00:00:30 power off acc1\nat 00:00:40 power on acc1\n'
    const [often, once] = [worldOf(events), worldOf(events)]
    const agents = [createWorldAgents(often), createWorldAgents(once)]
    for (let second = 0; second <= 60; second++) often.advanceTo(at(second))
    once.advanceTo(at(60))
    const [one, other] = agents.map((agent) => agent('acc1', at(60)))
    expect(one).toEqual(other)
    // It got its power 20 s ago.
    expect(one?.system.upTimeTicks).toBe(2_000)
  })

  it('shows no light where a wire is cut or an end has no power', () => {
    const world = worldOf('at 00:00:00 power off acc1\nat 00:00:00 freeze acc2\n')
    world.advanceTo(at(0))
    const { ports } = createWorldAgents(world)('core1', at(0)).interfaces
    expect(ports.map(({ name, operStatus }) => `${name} ${operStatus}`)).toEqual([
      'to-nms up',
      'to-acc1 down',
      'to-acc2 up',
    ])
  })
})

describe('a burst', () => {
  it('loses the share that it is told over many bursts', () => {
    const way = { lossForward: 0.1, lossBackward: 0, rttMs: 10, jitterForwardMs: 0, jitterBackwardMs: 0 }
    const lost = Array.from(
      { length: 100 },
      (_, number) => burstOver(way, 'icmp', 5, number).rttsMs.filter((rtt) => rtt === null).length,
    )
    expect(lost.reduce((sum, one) => sum + one, 0)).toBe(50)
    expect(new Set(lost)).toEqual(new Set([0, 1]))
  })
})

describe('traffic', () => {
  it('is highest at its time of day', () => {
    const wave = { low: 0.1, high: 1.1, peakMs: 21 * 3_600_000 }
    expect(offeredAt(wave, Date.parse('2026-03-02T21:00:00Z'))).toBeCloseTo(1.1)
    expect(offeredAt(wave, Date.parse('2026-03-02T09:00:00Z'))).toBeCloseTo(0.1)
    expect(overflow(1.25)).toBeCloseTo(0.2)
  })
})
