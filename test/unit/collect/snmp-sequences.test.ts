import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSampler } from '../../../src/sample/sampler.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { type AgentStep, agentSteps, type Line, lines, modelAgent } from '../../support/model-agent.ts'
import { startSnmpProbe } from '../../support/snmp-poll.ts'
import { answerFrom, type SnmpRequest, startSnmpResponder } from '../../support/snmp-responder.ts'

const v2c = { version: '2c', community: 'test' } as const
const runs = Number(process.env.SEQUENCE_RUNS ?? 100)

const boxes = fc.record({
  told: fc.array(lines, { minLength: 1, maxLength: 5 }),
  /** Sometimes about to go round. */
  ticks: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constant(2 ** 32 - 12_000)),
  knowsBoots: fc.boolean(),
})

/** Which line a sample is of, and how much had passed when it was last read. */
interface Told {
  readonly passed: bigint
  readonly at: number
  readonly silentResets: number
}

/** The line that bears a name; nobody can tell apart those that have none but their ifIndex. */
function lineNamed(all: readonly Line[], name: string): Line | undefined {
  const present = all.filter((line) => line.present && line.descr !== '')
  const same = present.filter((line) => (line.name || line.descr) === name)
  return same.length === 1 ? same[0] : present.find((line) => `${line.name}#${line.descr}` === name)
}

describe('rates of an agent, whatever happens to it between polls and during them', () => {
  it('are never more than what passed, and never zero when something did', { timeout: 600_000 }, async () => {
    await using agent = await startSnmpResponder(() => undefined)
    let rates = 0
    const property = async (
      box: typeof boxes extends fc.Arbitrary<infer T> ? T : never,
      steps: AgentStep[],
    ) => {
      const clock = new ManualClock()
      const model = modelAgent(box.told, box.ticks, box.knowsBoots)
      await using probe = await startSnmpProbe({}, clock)
      const sampler = createSampler({ vantage: 'nms' })
      const known = new Map<Line, Told>()
      let answer: (request: SnmpRequest) => Buffer = answerFrom(model.mib())
      for (const step of steps) {
        model.pass(step)
        await clock.advance(step.seconds * 1_000)
        if (step.event === 'away') continue
        const isCached = step.event === 'cached' && known.size > 0
        if (!isCached) answer = answerFrom(model.mib())
        let answers = 0
        agent.answer = (request) => {
          if (step.event === 'swap while read' && ++answers === step.answers) {
            model.swap(step.which)
            answer = answerFrom(model.mib())
          }
          return answer(request)
        }
        const reading = await probe.poll(agent, v2c)
        expect(reading.outcome).toBe('answered')
        const seen = new Set<Line>()
        for (const { measurement, tags, fields } of sampler.accept(reading, { speedOverrides: {} })) {
          if (measurement !== 'interface') continue
          const line = isCached ? undefined : lineNamed(model.lines, tags.interface ?? '')
          const rate = fields.in_bps
          if (line === undefined) continue
          seen.add(line)
          const before = known.get(line)
          if (rate === undefined) continue
          rates++
          expect(before, `${tags.interface} has a rate although it was not there before`).toBeDefined()
          if (before === undefined) continue
          const seconds = (reading.at - before.at) / 1_000
          const truth = Number(line.passed - before.passed) * 8
          expect(Number(rate) * seconds, `${tags.interface}: more than what passed`).toBeLessThanOrEqual(
            truth * 1.001 + seconds,
          )
          if (rate === 0 && line.silentResets === before.silentResets)
            expect(truth / seconds, `${tags.interface}: no zero`).toBeLessThan(1)
        }
        if (isCached) continue
        known.clear()
        for (const line of seen) known.set(line, { ...line, at: reading.at })
      }
    }
    await fc.assert(
      fc.asyncProperty(boxes, fc.array(agentSteps, { minLength: 2, maxLength: 12 }), property),
      {
        numRuns: runs,
      },
    )
    // It shows nothing if there are none.
    expect(rates).toBeGreaterThan(runs)
  })
})
