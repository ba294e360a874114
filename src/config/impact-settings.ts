import { z } from 'zod'
import { defaultImpactWeights, type ImpactWeights } from '../model/impact-weight.ts'
import { oneLine } from './setting.ts'

const weight = z.number().min(0, 'must be from 0 to 1000000').max(1_000_000, 'must be from 0 to 1000000')
const name = oneLine(32)

const listed = (weights: Readonly<Record<string, number>>): string =>
  Object.entries(weights)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')

const { tiers, flags, severities } = defaultImpactWeights

const ofTiers = `What customers of a tier weigh; those of one that is not named weigh 1. Defaults: ${listed(tiers)}.`
const ofFlags = `What a flag adds to the weight of its customer. Defaults: ${listed(flags)}.`

/** How much customers weigh: what is not named keeps its default. */
export const impactSettings = z
  .strictObject({
    tiers: z
      .record(name, weight.meta({ description: ofTiers }))
      .prefault({})
      .meta({ description: ofTiers }),
    flags: z
      .record(name, weight.meta({ description: ofFlags }))
      .prefault({})
      .meta({ description: ofFlags }),
    severity: z
      .strictObject({
        major: weight
          .prefault(severities.major ?? 0)
          .meta({ description: 'An incident is at least major from this weight down or degraded.' }),
        critical: weight
          .prefault(severities.critical ?? 0)
          .meta({ description: 'An incident is at least critical from this weight down or degraded.' }),
      })
      .refine(({ major, critical }) => major <= critical, {
        error: 'must not be below "major"',
        path: ['critical'],
      })
      .prefault({}),
  })
  .transform(
    (given): ImpactWeights => ({
      tiers: { ...tiers, ...given.tiers },
      flags: { ...flags, ...given.flags },
      states: defaultImpactWeights.states,
      severities: given.severity,
    }),
  )
