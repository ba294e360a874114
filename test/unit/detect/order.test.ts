import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resourceKey } from '../../../src/model/alarm.ts'
import { detectorBench, element, port } from './detector-bench.ts'

const ids = ['a', 'b', 'c'] as const
const elements = ids.map((id) => element(id, { icmp: true, stamp: true, snmp: true }))

/** What one element answers in a minute. */
const answers = fc.record({
  loss: fc.constantFrom(0, 0, 0.1, 0.4),
  rtt: fc.constantFrom(10, 90, 150, 300),
  jitter: fc.constantFrom(1, 45, 80),
  load: fc.constantFrom(10, 75, 85, 99),
  isUp: fc.boolean(),
})
const minute = fc.record({
  answers: fc.tuple(answers, answers, answers),
  order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
  isReversed: fc.boolean(),
})

describe('what is raised and cleared', () => {
  it('does not depend on the order of elements in a cycle, nor of samples in a reading', () => {
    fc.assert(
      fc.property(fc.array(minute, { maxLength: 25 }), (minutes) => {
        const toldBy = (isShuffled: boolean) => {
          const bench = detectorBench(elements)
          const cycles = minutes.map(({ answers: told, order, isReversed }, index) => {
            const at = index * 60
            for (const place of isShuffled ? order : [0, 1, 2]) {
              const [id, answer] = [ids[place], told[place]]
              if (id === undefined || answer === undefined) continue
              const samples = ['x', 'y'].map((name) => bench.traffic(at, id, name, answer.load, 1))
              const ports = [port(id, 'x', answer.isUp ? 'up' : 'down'), port(id, 'y', 'up')]
              const isTurned = isShuffled && isReversed
              bench.agent(at, id, isTurned ? ports.reverse() : ports, isTurned ? samples.reverse() : samples)
              for (const probe of ['icmp', 'stamp'] as const)
                for (const second of [0, 10, 20, 30, 40, 50])
                  bench.measured(
                    at + second,
                    id,
                    { loss_ratio: answer.loss, rtt_avg_ms: answer.rtt, jitter_ms: answer.jitter },
                    probe,
                  )
            }
            return bench.told
              .splice(0)
              .map(({ kind, alarm: { type, resource, severity, onsetAt, restoredAt, text } }) =>
                [kind, type, resourceKey(resource), severity, onsetAt, restoredAt, text].join(' '),
              )
              .sort()
          })
          return cycles
        }
        expect(toldBy(true)).toEqual(toldBy(false))
      }),
      { numRuns: 60 },
    )
  })
})
