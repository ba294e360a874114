import { describe, expect, it } from 'vitest'
import { impactSettings } from '../../../src/config/impact-settings.ts'
import { defaultImpactWeights } from '../../../src/model/impact-weight.ts'

describe('weights of customers', () => {
  it('are the defaults where nothing is said', () => {
    expect(impactSettings.parse({})).toEqual(defaultImpactWeights)
  })

  it('are added to the defaults, and replace those of the same name', () => {
    const { tiers, flags, severities } = impactSettings.parse({
      tiers: { gold: 50, vip: 30 },
      flags: { hospital: 200 },
      severity: { critical: 500 },
    })
    expect(tiers).toEqual({ ...defaultImpactWeights.tiers, gold: 50, vip: 30 })
    expect(flags).toEqual({ ...defaultImpactWeights.flags, hospital: 200 })
    expect(severities).toEqual({ major: 20, critical: 500 })
  })

  it.for([
    [{ tiers: { gold: -1 } }, 'must be from 0 to 1000000'],
    [{ flags: { gold: '7' } }, 'expected number'],
    [{ severity: { major: 50, critical: 20 } }, 'must not be below "major"'],
    [{ tier: {} }, 'Unrecognized key'],
  ] as const)('are refused: %j', ([given, message]) => {
    const { error } = impactSettings.safeParse(given)
    expect(error?.issues[0]?.message).toContain(message)
  })
})
