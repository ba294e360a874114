import { z } from 'zod'
import { alarmTypes } from '../model/alarm.ts'
import { type FieldOf, type Measurement, measurements } from '../model/measurements.ts'
import { sensorUnits } from '../model/profile.ts'
import { ratioIndicators, stateIndicators, voiceFields } from '../model/rule.ts'
import { severities } from '../model/severity.ts'
import { duration } from './quantity.ts'
import { ruleFrom } from './rule-from-settings.ts'
import { identity, oneLine, whole } from './setting.ts'

/** Fields that are numbers: text cannot be compared with a limit. */
const numericFields = <M extends Measurement>(measurement: M): readonly FieldOf<M>[] =>
  Object.entries(measurements[measurement].fields)
    .filter(([, field]) => field.type !== 'string')
    .map(([name]) => name as FieldOf<M>)

const fieldOf = <M extends Measurement, F extends string = never>(measurement: M, more: readonly F[] = []) =>
  z.strictObject({
    measurement: z.literal(measurement).meta({ description: 'Measurement that the field belongs to.' }),
    field: z.enum([...numericFields(measurement), ...more]).meta({
      description: 'Field that is looked at; `r_factor` and `mos` are made of loss, delay and jitter.',
    }),
  })

const indicator = z.union([
  z.enum([...stateIndicators, ...ratioIndicators]),
  z.discriminatedUnion('measurement', [
    fieldOf('icmp', voiceFields),
    fieldOf('stamp', voiceFields),
    fieldOf('interface'),
    fieldOf('element'),
    fieldOf('interface_peak_day'),
    fieldOf('icmp_peak_day'),
    fieldOf('sensor'),
  ]),
])

const words = z.array(oneLine(64)).min(1, 'must name at least one')

const scope = z.strictObject({
  roles: words.exactOptional().meta({ description: 'Elements with one of these roles.' }),
  vendors: words.exactOptional().meta({
    description:
      'Elements of one of these makers: `vendor` of the element, else what its sysObjectID tells. An element is of no maker until its agent answered.',
    examples: [['huawei', 'h3c']],
  }),
  elements: z
    .array(identity)
    .min(1, 'must name at least one')
    .exactOptional()
    .meta({ title: 'list of elements', description: 'These elements.' }),
  sites: words.exactOptional().meta({ description: 'Elements at one of these sites.' }),
  tags: words.exactOptional().meta({ description: 'Elements with one of these tags.' }),
  interfaces: oneLine(255).exactOptional().meta({ description: 'Glob on the name, with `*` and `?`.' }),
  sensors: oneLine(255)
    .exactOptional()
    .meta({
      description: 'Of a rule about sensors: glob on the name that the agent gives it, with `*` and `?`.',
      examples: ['* rx power'],
    }),
  unit: z
    .enum(sensorUnits)
    .exactOptional()
    .meta({ description: 'Of a rule about sensors: those with this unit, which is that of the limits.' }),
  services: words.exactOptional().meta({
    description: 'Ends of services of one of these classes, and the ports that carry one.',
    examples: [['leased-line']],
  }),
})

const samples = z.strictObject({
  bad: whole(1, 100).exactOptional().meta({ description: 'Raise when so many …' }),
  of: whole(1, 100).exactOptional().meta({ description: '… of the last so many samples are bad.' }),
  good: whole(1, 100).exactOptional().meta({ description: 'Clear after so many good ones in a row.' }),
})

const band = z.strictObject({
  at: z.number().meta({ description: 'From this value on …' }),
  severity: z.enum(severities).meta({ description: '… this severity.' }),
})

const window = z.union([
  z.enum(['always', 'peak']),
  z.strictObject({ calendar: identity.meta({ description: 'Name under `calendars` of the rules file.' }) }),
])

const relativeTo = z.strictObject({
  element: identity.meta({ description: 'The element to compare with, at the same time.' }),
  interface: oneLine(255)
    .exactOptional()
    .meta({ description: 'Its interface, for indicators of interfaces.' }),
  by: z
    .enum(['difference', 'ratio'])
    .meta({ description: 'Whether limits are for the value minus, or divided by, that of the other.' }),
  floor: z
    .number()
    .exactOptional()
    .meta({ description: 'A value below this is good whatever the other has. Unit of the indicator.' }),
})

const baseline = z.strictObject({
  side: z.enum(['rise', 'drop']).meta({ description: 'Bad is what is above the usual, or below it.' }),
  floor: z
    .number()
    .gt(0, 'must be above 0')
    .meta({ description: 'A smaller difference than this is never unusual. Unit of the indicator.' }),
  weeks: whole(2, 26).prefault(6).meta({ description: 'Weeks that are looked back on.' }),
  minHistory: duration('7d', '182d').prefault('14d').meta({
    title: 'duration',
    description: 'Nothing is unusual before the series is that old.',
  }),
  minHours: whole(2, 26).prefault(2).meta({ description: 'So many such hours must be there.' }),
})

const partLimit = z.number().gt(0, 'must be above 0')
const parts = z.strictObject({
  loss: partLimit
    .max(1, 'must be a ratio, 1 at most')
    .exactOptional()
    .meta({ description: 'Packet loss, 0 to 1.' }),
  latency: partLimit.exactOptional().meta({ description: 'Mean round-trip time, ms.' }),
  jitter: partLimit.exactOptional().meta({ description: 'Jitter, ms.' }),
  load: partLimit
    .max(1, 'must be a ratio, 1 at most')
    .exactOptional()
    .meta({ description: 'How full the fullest port on the way is, 0 to 1.' }),
})

/** What can be written about a rule; which parts go together `rule-from-settings.ts` says. */
export const writtenRule = z.strictObject({
  id: identity.meta({ description: 'Identity; alarms name the rule that raised them.' }),
  type: z.enum(alarmTypes).meta({ description: 'Alarm that it raises.' }),
  indicator: indicator.meta({ description: 'What is looked at.' }),
  scope: scope.exactOptional().meta({ description: 'What it holds for. Default: everything.' }),
  samples: samples.exactOptional().meta({
    description: 'Raise when `bad` of the last `of` samples are bad, clear after `good` good ones in a row.',
  }),
  for: duration('1s', '30d').exactOptional().meta({
    title: 'duration',
    description: 'In place of `samples.bad` and `of`: raise when all samples of so long were bad.',
  }),
  clearFor: duration('1s', '30d').exactOptional().meta({
    title: 'duration',
    description: 'In place of `samples.good`: clear when all samples of so long were good.',
  }),
  window: window.exactOptional().meta({
    description:
      'When it may raise; a good sample clears at any time. `peak` is `peak.window` in the zone of the element. Default: `always`.',
  }),
  severity: z
    .enum(severities)
    .exactOptional()
    .meta({ description: 'Of a rule about a state (reachability, agent, interface-status).' }),
  ignoreUnused: z.boolean().exactOptional().meta({
    description:
      'Of a rule about interface-status: leaves out ports that were never seen up and that no link and no service names. Default: false.',
  }),
  direction: z
    .enum(['above', 'below'])
    .exactOptional()
    .meta({ description: 'Which side of the limits is bad. Default: above.' }),
  raise: z.number().exactOptional().meta({ description: 'A value is bad from here on.' }),
  clear: z.number().exactOptional().meta({ description: 'A value is good short of this.' }),
  bands: z
    .array(band)
    .min(1, 'needs at least one band')
    .exactOptional()
    .meta({ description: 'Severity from this value on, from the mildest.' }),
  relativeTo: relativeTo.exactOptional().meta({
    description:
      'Compare with the same indicator of another path, measured in the same cycle. `raise`, `clear` and `bands` are then for what is left.',
  }),
  baseline: baseline.exactOptional().meta({
    description:
      'Compare with what is usual at this hour of the week. `raise`, `clear` and `bands` are then deviations from it (1 is a standard deviation).',
  }),
  parts: parts.exactOptional().meta({
    description:
      'Of a rule about `r_factor` or `mos`: limits of single parts of the grade, each enough by itself.',
  }),
})

/** One rule of a rules file (`config/rules.yaml` explains the keys). */
export const ruleSettings = writtenRule.transform((written, context) =>
  ruleFrom(written, (path, message) => context.addIssue({ code: 'custom', path: [...path], message })),
)
