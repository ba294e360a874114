import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tableOf } from '../../../src/model/interface-table.ts'
import { createSampler } from '../../../src/sample/sampler.ts'

const start = Date.parse('2026-03-01T08:00:00Z')

/** What happens to a box between two polls. */
const steps = fc.array(
  fc.record({
    seconds: fc.integer({ min: 1, max: 300 }),
    /** Share of the capacity that is used. */
    load: fc.double({ min: 0, max: 1, noNaN: true }),
    event: fc.constantFrom('none', 'none', 'none', 'restart', 'away', 'cached', 'renumbered'),
  }),
  { minLength: 1, maxLength: 20 },
)

const boxes = fc.record({
  width: fc.constantFrom(32 as const, 64 as const),
  speedBps: fc.constantFrom(2_000_000, 100_000_000, 10_000_000_000),
  octets: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  upTimeTicks: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  knowsBoots: fc.boolean(),
})

describe('rates over any sequence of polls', () => {
  it('are what passed since the reading before, or absent', () => {
    fc.assert(
      fc.property(boxes, steps, (box, all) => {
        const sampler = createSampler({ vantage: 'nms' })
        const size = 2n ** BigInt(box.width)
        let at = start
        let { upTimeTicks } = box
        let octets = box.octets % size
        let boots = 1
        let index = 1
        /** Since the last reading that was news, what passed and how long it took. */
        let passed = 0n
        let seconds = 0
        let told: { readonly octets: bigint; readonly upTimeTicks: number } | undefined
        for (const step of all) {
          at += step.seconds * 1_000
          seconds += step.seconds
          const moved = BigInt(Math.floor((box.speedBps * step.load * step.seconds) / 8))
          passed += moved
          octets = (octets + moved) % size
          upTimeTicks = (upTimeTicks + step.seconds * 100) % 2 ** 32
          if (step.event === 'away') continue
          if (step.event === 'renumbered') index++
          if (step.event === 'restart') {
            octets = 0n
            boots++
            // Never the same as after the restart before: without engineBoots nothing tells that from a cache.
            upTimeTicks = 10 + boots
          }
          const isCached = step.event === 'cached' && told !== undefined
          const shown: { readonly octets: bigint; readonly upTimeTicks: number } =
            isCached && told !== undefined ? told : { octets, upTimeTicks }
          const samples = sampler.accept(
            {
              element: 'box',
              probe: 'snmp',
              at,
              outcome: 'answered',
              durationMs: 5,
              agent: {
                system: {
                  description: '',
                  objectId: '',
                  name: '',
                  location: '',
                  upTimeTicks: shown.upTimeTicks,
                  ...(box.knowsBoots ? { engineBoots: boots } : {}),
                },
                requests: 1,
                interfaces: tableOf([
                  {
                    port: {
                      element: 'box',
                      name: 'ge1',
                      index,
                      description: '',
                      alias: '',
                      adminStatus: 'up',
                      operStatus: 'up',
                      speedBps: box.speedBps,
                      seenAt: at,
                    },
                    counters: { width: box.width, inOctets: shown.octets },
                  },
                ]),
              },
            },
            { speedOverrides: {} },
          )
          const rate = samples.find(({ measurement }) => measurement === 'interface')?.fields.in_bps
          if (told === undefined || isCached || step.event === 'restart') expect(rate).toBeUndefined()
          else if (rate !== undefined)
            expect(Math.abs(Number(rate) - (Number(passed) * 8) / seconds)).toBeLessThanOrEqual(1)
          else {
            // One that started a moment ago may have started again since.
            const isYoung = !box.knowsBoots && upTimeTicks / 100 < seconds + 1
            expect(box.width === 32 || upTimeTicks < told.upTimeTicks || isYoung).toBe(true)
          }
          if (isCached) continue
          told = shown
          passed = 0n
          seconds = 0
        }
      }),
      { numRuns: 500 },
    )
  })
})
