import { describe, expect, it } from 'vitest'
import { createCorrelator } from '../../../src/correlate/correlate.ts'
import { measureStorm, storms } from './storm.ts'

describe('a storm in a network of 10,000 elements', () => {
  const all = storms()

  it.for(all.map((storm) => [storm.name, storm] as const))('is judged in time when %s', ([, storm]) => {
    const figures = measureStorm(storm)
    expect(figures.findings).toBeGreaterThan(10)
    // The best of several: the first are slow. A quadratic step would take many seconds.
    expect(Math.min(...figures.changingMs)).toBeLessThan(200)
    expect(Math.min(...figures.standingMs)).toBeLessThan(50)
  })

  it('has one finding for each lost site, and 3,000 elements in them', () => {
    const sites = all.find(({ name }) => name.includes('power'))
    expect(sites).toMatchObject({ elements: 10_003, dark: 3_000 })
    const findings = sites ? createCorrelator()(sites.input).findings : []
    expect(findings).toHaveLength(15)
    for (const { roots, shadowed } of findings) {
      expect(roots).toMatchObject([{ kind: 'site' }])
      expect(shadowed).toHaveLength(190)
    }
  })
})
