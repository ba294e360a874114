import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { measurementsReference } from '../../src/model/measurements-reference.ts'
import { sampleOf } from '../../src/model/sample.ts'

describe('the table of measurements', () => {
  it('is what docs/measurements.md is made from (npm run generate)', () => {
    const committed = readFileSync(join(import.meta.dirname, '../../docs/measurements.md'), 'utf8')
    expect(committed).toBe(measurementsReference())
  })

  // Held by the type checker: `npm run check` fails when one of these compiles.
  it('lets nothing compile that it does not know', () => {
    // @ts-expect-error: no such field
    sampleOf('icmp', { element: 'e', vantage: 'v' }, { rtt_avg: 1 }, 0)
    // @ts-expect-error: a field of another measurement
    sampleOf('icmp', { element: 'e', vantage: 'v' }, { in_bps: 1 }, 0)
    // @ts-expect-error: a tag is missing
    sampleOf('icmp', { element: 'e' }, { sent: 1 }, 0)
    // @ts-expect-error: a customer is no tag
    sampleOf('icmp', { element: 'e', vantage: 'v', customer: 'c-1' }, { sent: 1 }, 0)
    // @ts-expect-error: no such measurement
    sampleOf('ping', { element: 'e' }, { sent: 1 }, 0)
  })
})
