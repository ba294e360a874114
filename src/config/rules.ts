import { z } from 'zod'
import { alarmTypes } from '../model/alarm.ts'
import { type FieldOf, type Measurement, measurements } from '../model/measurements.ts'
import { type Rule, stateIndicators } from '../model/rule.ts'
import { severities } from '../model/severity.ts'
import { identity, oneLine, whole } from './setting.ts'

/** Fields that are numbers: text cannot be compared with a limit. */
const numericFields = <M extends Measurement>(measurement: M): readonly FieldOf<M>[] =>
  Object.entries(measurements[measurement].fields)
    .filter(([, field]) => field.type !== 'string')
    .map(([name]) => name as FieldOf<M>)

const fieldOf = <M extends Measurement>(measurement: M) =>
  z.strictObject({
    measurement: z.literal(measurement).meta({ description: 'Measurement that the field belongs to.' }),
    field: z.enum(numericFields(measurement)).meta({ description: 'Field that is looked at.' }),
  })

const indicator = z.union([
  z.enum([...stateIndicators, 'utilisation']),
  z.discriminatedUnion('measurement', [
    fieldOf('icmp'),
    fieldOf('stamp'),
    fieldOf('interface'),
    fieldOf('element'),
  ]),
])

const words = z.array(oneLine(64)).min(1, 'must name at least one')

const scope = z.strictObject({
  roles: words.exactOptional().meta({ description: 'Elements with one of these roles.' }),
  elements: z
    .array(identity)
    .min(1, 'must name at least one')
    .exactOptional()
    .meta({ title: 'list of elements', description: 'These elements.' }),
  sites: words.exactOptional().meta({ description: 'Elements at one of these sites.' }),
  tags: words.exactOptional().meta({ description: 'Elements with one of these tags.' }),
  interfaces: oneLine(255).exactOptional().meta({ description: 'Glob on the name, with `*` and `?`.' }),
})

const samples = z
  .strictObject({
    bad: whole(1, 100).meta({ description: 'Raise when so many …' }),
    of: whole(1, 100).meta({ description: '… of the last so many samples are bad.' }),
    good: whole(1, 100).meta({ description: 'Clear after so many good ones in a row.' }),
  })
  .refine((counts) => counts.bad <= counts.of, { error: 'must not be more than "of"', path: ['bad'] })

const band = z.strictObject({
  at: z.number().meta({ description: 'From this value upwards …' }),
  severity: z.enum(severities).meta({ description: '… this severity.' }),
})

const isStateIndicator = (value: unknown): value is (typeof stateIndicators)[number] =>
  stateIndicators.some((known) => known === value)

/** One rule of a rules file (`config/rules.yaml` explains the keys). */
export const ruleSettings = z
  .strictObject({
    id: identity.meta({ description: 'Identity; alarms name the rule that raised them.' }),
    type: z.enum(alarmTypes).meta({ description: 'Alarm that it raises.' }),
    indicator: indicator.meta({ description: 'What is looked at.' }),
    scope: scope.exactOptional().meta({ description: 'What it holds for. Default: everything.' }),
    samples: samples.meta({
      description:
        'Raise when `bad` of the last `of` samples are bad, clear after `good` good ones in a row.',
    }),
    severity: z
      .enum(severities)
      .exactOptional()
      .meta({ description: 'Of a rule about a state (reachability, agent, interface-status).' }),
    raise: z.number().exactOptional().meta({ description: 'A value is bad from here upwards.' }),
    clear: z.number().exactOptional().meta({ description: 'A value is good below this.' }),
    bands: z
      .array(band)
      .min(1, 'needs at least one band')
      .exactOptional()
      .meta({ description: 'Severity from this value upwards.' }),
  })
  .transform((settings, context): Rule => {
    const { indicator, severity, raise, clear, bands, ...common } = settings
    const wrong = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    if (isStateIndicator(indicator)) {
      for (const key of ['raise', 'clear', 'bands'] as const)
        if (settings[key] !== undefined)
          wrong(key, 'belongs to rules about a value, and this is about a state')
      if (severity === undefined) wrong('severity', 'is missing')
      return { ...common, indicator, severity: severity ?? 'indeterminate' }
    }
    if (severity !== undefined) wrong('severity', 'belongs to rules about a state; use bands')
    for (const key of ['raise', 'clear', 'bands'] as const)
      if (settings[key] === undefined) wrong(key, 'is missing')
    if (raise !== undefined && clear !== undefined && clear > raise)
      wrong('clear', 'must not be above "raise"')
    const descending = (bands ?? []).findIndex(
      (band, index) => index > 0 && band.at <= (bands?.[index - 1]?.at ?? 0),
    )
    if (descending > 0) wrong('bands', 'must be in ascending order')
    return { ...common, indicator, raise: raise ?? 0, clear: clear ?? 0, bands: bands ?? [] }
  })
