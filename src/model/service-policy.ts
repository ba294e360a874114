import type { Calendar } from './calendar.ts'
import type { Service } from './service.ts'

/** What is asked of one service, for finding the rule that holds for it. */
export interface PolicySubject extends Pick<Service, 'class' | 'area'> {
  /** Of its customer. */
  readonly tier: string
}

/** What a rule is for: any of the values of each key that is there. A rule without a key is for every service. */
export type PolicyMatch = {
  readonly [K in keyof PolicySubject]?: readonly PolicySubject[K][]
}

/** The keys of a match; of two rules with as many of them, the one with the earlier key wins. */
const matchKeys = ['class', 'tier', 'area'] as const satisfies readonly (keyof PolicySubject)[]

/** What still counts as good. Ratios 0..1; a value must lie below its limit, and one without a limit is not judged. */
export interface PeakLimits {
  readonly latencyMs?: number
  readonly lossRatio?: number
  readonly jitterMs?: number
  readonly utilisationRatio?: number
  /** With less of the window measured nothing is said. */
  readonly coverageRatio: number
}

/** When a service was good at the peak of a day. */
export interface PeakRule {
  readonly id: string
  readonly match: PolicyMatch
  readonly limits: PeakLimits
  /** Local hours of some days that are judged in place of the peak window. */
  readonly window?: Calendar
}

/** Service-level policies of one origin: the operator, a regulator. Versioned, so that what was judged can be told. */
export interface PolicyPack {
  readonly id: string
  readonly version: number
  /** By language. */
  readonly title?: Readonly<Record<string, string>>
  readonly peakGood: readonly PeakRule[]
}

/** The rule by which services are judged, and where it stands. */
export interface PeakPolicy {
  /** `operator-default/voice`. */
  readonly id: string
  /** Of the pack; absent where no pack has a rule for the service. */
  readonly version?: number
  readonly limits: PeakLimits
  readonly window?: Calendar
}

/** `operator-default/voice`. */
const policyIdOf = (pack: Pick<PolicyPack, 'id'>, rule: Pick<PeakRule, 'id'>): string =>
  `${pack.id}/${rule.id}`

const isFor = (match: PolicyMatch, subject: PolicySubject): boolean =>
  matchKeys.every((key) => {
    const wanted: readonly string[] | undefined = match[key]
    return wanted === undefined || wanted.includes(subject[key])
  })

/** More keys weigh more than an earlier key. */
const weightOf = (match: PolicyMatch): number => {
  const named = matchKeys.filter((key) => match[key] !== undefined)
  const earlier = named.map((key) => 2 ** (matchKeys.length - matchKeys.indexOf(key) - 1))
  return named.length * 2 ** matchKeys.length + earlier.reduce((sum, weight) => sum + weight, 0)
}

/**
 * The rule that holds for a service: of those that are for it the most specific, and of equally specific ones that of the
 * last pack. Undefined when there is none.
 */
export function peakRuleFor(
  packs: readonly PolicyPack[],
  subject: PolicySubject,
): { readonly pack: PolicyPack; readonly rule: PeakRule } | undefined {
  let best: { pack: PolicyPack; rule: PeakRule } | undefined
  for (const pack of packs)
    for (const rule of pack.peakGood)
      if (isFor(rule.match, subject) && weightOf(rule.match) >= weightOf(best?.rule.match ?? {}))
        best = { pack, rule }
  return best
}

/** Whether two rules of one pack are as specific as each other and for some service both: then neither could win. */
export const areEquallyFor = (one: PolicyMatch, other: PolicyMatch): boolean =>
  matchKeys.every((key) => {
    const [these, those]: (readonly string[] | undefined)[] = [one[key], other[key]]
    if (these === undefined || those === undefined) return these === those
    return these.some((value) => those.includes(value))
  })

/** Limits for a whole network: those that are written win over every policy; all of them hold where no policy does. */
interface NetworkLimits {
  readonly written: Partial<PeakLimits>
  readonly usual: PeakLimits
}

/** What a service without a policy is judged by: the setting that holds the limits. */
export const networkPolicyId = 'peak.goodBelow'

/** By what a service is judged at the peak. */
export function peakPolicyFor(
  packs: readonly PolicyPack[],
  { written, usual }: NetworkLimits,
  subject: PolicySubject,
): PeakPolicy {
  const found = peakRuleFor(packs, subject)
  if (found === undefined) return { id: networkPolicyId, limits: { ...usual, ...written } }
  const { pack, rule } = found
  return {
    id: policyIdOf(pack, rule),
    version: pack.version,
    limits: { ...rule.limits, ...written },
    ...(rule.window === undefined ? {} : { window: rule.window }),
  }
}
