import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  areEquallyFor,
  type PeakRule,
  type PolicyMatch,
  type PolicyPack,
  type PolicySubject,
  peakPolicyFor,
  peakRuleFor,
} from '../../../src/model/service-policy.ts'

const rule = (id: string, match: PolicyMatch, latencyMs = 1): PeakRule => ({
  id,
  match,
  limits: { latencyMs, coverageRatio: 0.8 },
})
const pack = (id: string, ...peakGood: readonly PeakRule[]): PolicyPack => ({ id, version: 1, peakGood })
const broadband: PolicySubject = { class: 'broadband', area: 'urban', tier: 'consumer' }

const held = (packs: readonly PolicyPack[], subject: Partial<PolicySubject> = {}) => {
  const found = peakRuleFor(packs, { ...broadband, ...subject })
  return found && `${found.pack.id}/${found.rule.id}`
}

describe('the rule of a service', () => {
  it('is the most specific of those that are for it', () => {
    const packs = [
      pack(
        'a',
        rule('voice in the country', { class: ['voice'], area: ['rural'] }),
        rule('voice', { class: ['voice', 'voip'] }),
        rule('any', {}),
      ),
    ]
    expect(held(packs)).toBe('a/any')
    expect(held(packs, { class: 'voip' })).toBe('a/voice')
    expect(held(packs, { class: 'voice', area: 'rural' })).toBe('a/voice in the country')
    expect(held([pack('a', rule('voice', { class: ['voice'] }))])).toBeUndefined()
    expect(held([])).toBeUndefined()
  })

  it('is by class before tier before area where two are as specific', () => {
    const one = { class: 'voice', tier: 'vip', area: 'rural' } as const
    const byArea = rule('area', { area: ['rural'] })
    const byTier = rule('tier', { tier: ['vip'] })
    const byClass = rule('class', { class: ['voice'] })
    expect(held([pack('a', byClass, byTier, byArea)], one)).toBe('a/class')
    expect(held([pack('a', byTier, byArea)], one)).toBe('a/tier')
    expect(held([pack('a', byClass, rule('both', { tier: ['vip'], area: ['rural'] }))], one)).toBe('a/both')
  })

  it('is that of the later pack where both are the same, and stays the more specific one of an earlier', () => {
    const earlier = pack('earlier', rule('any', {}), rule('voice', { class: ['voice'] }))
    const later = pack('later', rule('any', {}))
    expect(held([earlier, later])).toBe('later/any')
    expect(held([later, earlier])).toBe('earlier/any')
    expect(held([earlier, later], { class: 'voice' })).toBe('earlier/voice')
  })

  const values = <T extends string>(...all: readonly T[]) =>
    fc.option(fc.subarray([...all], { minLength: 1 }), { nil: undefined })
  const matches = fc
    .record({ class: values('a', 'b'), tier: values('c', 'd'), area: values('urban', 'rural') })
    .map(
      (match): PolicyMatch =>
        Object.fromEntries(Object.entries(match).filter(([, found]) => found !== undefined)),
    )
  const subjects = ['a', 'b'].flatMap((kind) =>
    ['c', 'd'].flatMap((tier) =>
      (['urban', 'rural'] as const).map((area): PolicySubject => ({ class: kind, tier, area })),
    ),
  )

  it('is what a comparison of all of them gives, for any packs', () => {
    fc.assert(
      fc.property(fc.array(fc.array(matches, { maxLength: 6 }), { maxLength: 4 }), (written) => {
        // As the reader of packs does: of two that nothing tells apart the second is refused.
        const packs = written.map((all, i) => {
          const kept = all.filter((match, j) => !all.slice(0, j).some((other) => areEquallyFor(other, match)))
          return pack(`p${i}`, ...kept.map((match, j) => rule(`r${j}`, match)))
        })
        for (const subject of subjects) {
          const all = packs.flatMap((one, order) =>
            one.peakGood
              .filter(({ match }) =>
                (['class', 'tier', 'area'] as const).every((key) => {
                  const wanted: readonly string[] = match[key] ?? [subject[key]]
                  return wanted.includes(subject[key])
                }),
              )
              .map(({ id, match }) => ({
                name: `${one.id}/${id}`,
                rank: [
                  Object.keys(match).length,
                  match.class ? 1 : 0,
                  match.tier ? 1 : 0,
                  match.area ? 1 : 0,
                  order,
                ],
              })),
          )
          const best = all.toSorted((a, b) => {
            const i = a.rank.findIndex((value, at) => value !== b.rank[at])
            return i === -1 ? 0 : (b.rank[i] ?? 0) - (a.rank[i] ?? 0)
          })
          expect(held(packs, subject)).toBe(best[0]?.name)
          // Never two that nothing tells apart.
          expect(best[1]?.rank).not.toEqual(best[0]?.rank ?? [])
        }
      }),
    )
  })
})

describe('what a service is judged by', () => {
  const usual = { latencyMs: 100, lossRatio: 0.01, coverageRatio: 0.8 }
  const packs = [pack('a', rule('voice', { class: ['voice'] }, 50))]

  it('is its rule, under what is written for the whole network', () => {
    const voice = { ...broadband, class: 'voice' }
    expect(peakPolicyFor(packs, { written: {}, usual }, voice)).toEqual({
      id: 'a/voice',
      version: 1,
      limits: { latencyMs: 50, coverageRatio: 0.8 },
    })
    expect(peakPolicyFor(packs, { written: { latencyMs: 70, jitterMs: 9 }, usual }, voice).limits).toEqual({
      latencyMs: 70,
      jitterMs: 9,
      coverageRatio: 0.8,
    })
  })

  it('is what holds for the network where no rule does', () => {
    expect(peakPolicyFor(packs, { written: { lossRatio: 0.5 }, usual }, broadband)).toEqual({
      id: 'peak.goodBelow',
      limits: { latencyMs: 100, lossRatio: 0.5, coverageRatio: 0.8 },
    })
  })
})
