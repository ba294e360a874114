import { z } from 'zod'
import { calendarSettings } from './calendar-settings.ts'
import { customerSettings, serviceSettings } from './customer-settings.ts'
import { discoverySettings } from './discovery-settings.ts'
import { elementSettings, linkSettings } from './element-settings.ts'
import { flappingSettings } from './flapping-settings.ts'
import { impactSettings } from './impact-settings.ts'
import { incidentSettings } from './incident-settings.ts'
import { notifySettings } from './notify-settings.ts'
import { peakSettings } from './peak-settings.ts'
import { policyPackSettings } from './policy-settings.ts'
import { pollSettings } from './poll-settings.ts'
import { duration } from './quantity.ts'
import { defaultVantage } from './references.ts'
import { ruleSettings } from './rules.ts'
import { sampleSettings, spoolSettings } from './sample-settings.ts'
import { authSettings, logSettings, serverSettings, stateSettings } from './server-settings.ts'
import { identity } from './setting.ts'
import { trapSettings } from './trap-settings.ts'

const detectionSettings = z.strictObject({
  rules: z
    .array(ruleSettings)
    .min(1, 'needs at least one rule')
    .default([])
    .meta({
      inFile: 'name',
      description:
        'A file with the rules that raise and clear alarms (and their calendars), or the list of rules. Default: the rules that come with Faultline (`config/rules.yaml`).',
      examples: ['rules.yaml'],
    }),
  calendars: z.record(identity, calendarSettings).prefault({}).meta({
    description:
      'Calendars that rules name in `window`. They stand in the rules file, beside `rules`, or here where the rules do.',
  }),
  flapping: flappingSettings.prefault({}).meta({
    description:
      'When an alarm counts as flapping, after RFC 2439. By default: raised three times within about ten minutes; stable 18 to 60 minutes after the last change.',
  }),
  decisionWait: duration('0s', '1h').exactOptional().meta({
    title: 'duration',
    description:
      'How long to wait, after the first alarm of an outage, for what else falls silent before a root cause is named. Default: one ICMP interval.',
  }),
})

/**
 * The whole configuration. Files, secrets and environment variables are put in before this is applied, so it knows
 * values only; `reference.ts` adds `{ file: … }` and `<name>_file` to the published JSON Schema.
 */
export const configSchema = z.strictObject({
  server: serverSettings.prefault({}).meta({ description: 'The API and the console.' }),
  state: stateSettings
    .prefault({})
    .meta({ description: 'Where alarms, incidents, reports and messages are kept.' }),
  samples: sampleSettings.prefault({ kind: 'embedded' }).meta({ description: 'Where samples are kept.' }),
  spool: spoolSettings.prefault({}).meta({ description: 'Where samples wait for their store.' }),
  poll: pollSettings.prefault({}).meta({ description: 'How often and how patiently elements are asked.' }),
  peak: peakSettings.prefault({}).meta({ description: 'The busy hour, and what is good enough then.' }),
  traps: trapSettings.exactOptional().meta({
    description:
      'Receives SNMP traps and informs, which make elements be polled at once (docs/traps.md). Absent: no receiver.',
  }),
  discovery: discoverySettings
    .exactOptional()
    .meta({ description: 'What `faultline discover` may ask. The daemon does not use it.' }),
  vantage: identity
    .prefault(defaultVantage)
    .meta({ description: 'The element that this process polls from. It need not be declared.' }),
  gateways: z.array(identity).prefault([]).meta({
    title: 'list of elements',
    description: 'Where services get out: impact is computed towards these. Default: the vantage.',
  }),
  links: z
    .array(linkSettings)
    .prefault([])
    .meta({ description: 'Links beside those of `uplinks` and LLDP; a declared link wins.' }),
  elements: z.array(elementSettings).min(1, 'needs at least one element').meta({
    inFile: 'mapping',
    description: 'The network elements, or `{ file: … }` with the list of them.',
  }),
  customers: z
    .array(customerSettings)
    .prefault([])
    .meta({ inFile: 'mapping', description: 'The customers, or `{ file: … }` with the list of them.' }),
  services: z
    .array(serviceSettings)
    .prefault([])
    .meta({ inFile: 'mapping', description: 'What is sold to them, or `{ file: … }` with the list of it.' }),
  policies: z.array(policyPackSettings).meta({
    inFile: 'packs',
    description:
      'Service-level policy packs: names of those in `config/policies/`, and files of your own, seen from the folder of this file. What wins where several hold is told there.',
    examples: [['operator-default', 'policies/ours.yaml']],
  }),
  detection: detectionSettings.prefault({}).meta({ description: 'What counts as wrong.' }),
  incident: incidentSettings.prefault({}).meta({ description: 'The life of an incident.' }),
  impact: impactSettings.prefault({}).meta({
    description:
      'What customers weigh, for the order and the severity of incidents: each counts once by its worst service, whole when that is down, 0.4 when it is degraded, 0.1 when it is at risk.',
  }),
  notify: notifySettings.prefault({}).meta({ description: 'Who is told what, and by which ways.' }),
  auth: authSettings.prefault({}).meta({ description: 'Who may use the API.' }),
  log: logSettings.prefault({}).meta({ description: 'The log.' }),
})

/** Durations in milliseconds, rates in bit/s, every default filled in, every file read. */
export type Config = z.output<typeof configSchema>
