import { z } from 'zod'
import { areEquallyFor, type PeakRule, type PolicyMatch, type PolicyPack } from '../model/service-policy.ts'
import { calendarSettings } from './calendar-settings.ts'
import { duration } from './quantity.ts'
import { identity, oneLine, whole } from './setting.ts'

const limitRatio = z.number().gt(0, 'must be above 0').max(1, 'must be a ratio, 1 at most')

const fromSource = {
  source: identity
    .exactOptional()
    .meta({ description: 'Where the number is from: an id of `pack.sources`.' }),
  verified: z.boolean().prefault(true).meta({
    description: 'Whether somebody compared it with the text of the source. False: `check` warns of it.',
  }),
}

/** A number that is one’s own choice stands plainly, any other with its source. */
const durationLimit = z.union([
  duration('1ms', '1m'),
  z.strictObject({
    value: duration('1ms', '1m').meta({ title: 'duration', description: 'The number itself.' }),
    ...fromSource,
  }),
])
const ratioLimit = z.union([
  limitRatio,
  z.strictObject({
    value: limitRatio.meta({ title: 'ratio', description: 'The number itself.' }),
    ...fromSource,
  }),
])

const below = z
  .strictObject({
    latency: durationLimit.exactOptional().meta({
      title: 'duration',
      description: 'Mean round-trip time to the customer’s end.',
      examples: ['100ms'],
    }),
    loss: ratioLimit.exactOptional().meta({ title: 'ratio', description: 'Mean packet loss, 0 to 1.' }),
    jitter: durationLimit.exactOptional().meta({
      title: 'duration',
      description: 'Mean difference of consecutive round-trip times.',
    }),
    utilisation: ratioLimit.exactOptional().meta({
      title: 'ratio',
      description:
        'Mean traffic divided by the capacity, 0 to 1, of the fullest interface on the service’s way to the gateway.',
    }),
  })
  .refine((limits) => Object.keys(limits).length > 0, { error: 'needs at least one limit' })

const match = z.strictObject({
  class: z
    .array(oneLine(64))
    .min(1, 'must name at least one')
    .exactOptional()
    .meta({ title: 'list', description: 'Services of one of these classes.', examples: [['voice']] }),
  tier: z
    .array(oneLine(32))
    .min(1, 'must name at least one')
    .exactOptional()
    .meta({
      title: 'list',
      description: 'Services of customers of one of these tiers.',
      examples: [['vip']],
    }),
  area: z
    .array(z.enum(['urban', 'rural']))
    .min(1, 'must name at least one')
    .exactOptional()
    .meta({ title: 'list', description: 'Services in one of these kinds of area.' }),
})

const peakRule = z.strictObject({
  id: identity.meta({ description: 'Identity within the pack; rows of `service_peak` name it.' }),
  match: match.prefault({}).meta({
    description:
      'What it is for. Of the rules for a service the one with the most of these keys holds; of two with as many, `class` before `tier` before `area`; of equals, that of the later pack.',
  }),
  below: below.meta({
    description: 'A service was good in the window of a day when all of these were below.',
  }),
  coverage: ratioLimit.prefault(0.8).meta({
    title: 'ratio',
    description:
      'Share of the polls of the window that must be there: with fewer, a day is neither good nor bad.',
  }),
  window: z
    .strictObject({ calendar: identity.meta({ description: 'Name under `calendars` of the pack.' }) })
    .exactOptional()
    .meta({
      description: 'Judged in place of `peak.window`. On a day on which it is closed nothing is judged.',
    }),
})

const source = z.strictObject({
  id: identity.meta({ description: 'Name by which numbers refer to it.' }),
  ref: oneLine(300).meta({ description: 'The document, its number and date.' }),
  url: z
    .url({ protocol: /^https?$/, error: 'expected an http or https address' })
    .exactOptional()
    .meta({ description: 'Where it can be read.' }),
  verified: z.boolean().prefault(true).meta({
    description: 'False: none of the numbers from it was compared with its text, and `check` warns of each.',
  }),
})

const calendar = calendarSettings.omit({ timeZone: true })

/** The version of this format. A later one adds keys and renames none. */
const policyApiVersion = 'slpolicy/v1'

/** A pack as it is written; which parts of it go together is checked by `policyPackSettings`. */
export const writtenPack = z.strictObject({
  apiVersion: z.literal(policyApiVersion).meta({ description: 'Version of the format.' }),
  pack: z.strictObject({
    id: identity.meta({ description: 'Identity of the pack.', examples: ['operator-default'] }),
    version: whole(1, 1_000_000).meta({
      description: 'Raised with each change of its numbers; rows of `service_peak` carry it.',
    }),
    title: z
      .record(
        z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'expected a language such as en or zh'),
        oneLine(200).meta({ description: 'What people call it in that language; `check` shows it.' }),
      )
      .exactOptional()
      .meta({ description: 'What people call it, by language.' }),
    sources: z.array(source).prefault([]).meta({ description: 'Documents that numbers are from.' }),
  }),
  calendars: z
    .record(identity, calendar)
    .prefault({})
    .meta({ description: 'Hours of days, in the time zone of the element, that rules name in `window`.' }),
  peakGood: z
    .array(peakRule)
    .min(1, 'needs at least one rule')
    .max(500, 'must not be more than 500')
    .meta({ description: 'When a service was good at the peak of a day.' }),
})

type Written = z.output<typeof writtenPack>
type WrittenRule = Written['peakGood'][number]
type Wrong = (path: readonly (string | number)[], message: string) => void

/** One policy pack (`config/policies/README.md` explains the keys). */
export const policyPackSettings = writtenPack.transform((written, context): PolicyPack => {
  checkPack(written, (path, message) => context.addIssue({ code: 'custom', path: [...path], message }))
  return {
    id: written.pack.id,
    version: written.pack.version,
    ...(written.pack.title === undefined ? {} : { title: written.pack.title }),
    peakGood: written.peakGood.map((rule) => ruleFrom(rule, written.calendars)),
  }
})

type Limit = number | { readonly value: number; readonly source?: string }
const numberOf = (limit: Limit): number => (typeof limit === 'number' ? limit : limit.value)

function ruleFrom(
  { id, match, below, coverage, window }: WrittenRule,
  calendars: Written['calendars'],
): PeakRule {
  const { latency, loss, jitter, utilisation } = below
  const open = window && calendars[window.calendar]
  return {
    id,
    match,
    limits: {
      ...(latency === undefined ? {} : { latencyMs: numberOf(latency) }),
      ...(loss === undefined ? {} : { lossRatio: numberOf(loss) }),
      ...(jitter === undefined ? {} : { jitterMs: numberOf(jitter) }),
      ...(utilisation === undefined ? {} : { utilisationRatio: numberOf(utilisation) }),
      coverageRatio: numberOf(coverage),
    },
    ...(open === undefined ? {} : { window: open }),
  }
}

function checkPack({ pack, calendars, peakGood }: Written, wrong: Wrong): void {
  const sources = new Set<string>()
  for (const [i, { id }] of pack.sources.entries()) {
    if (sources.has(id)) wrong(['pack', 'sources', i, 'id'], `there is another source "${id}" already`)
    sources.add(id)
  }
  for (const [name, { hours }] of Object.entries(calendars))
    for (const [i, { from, to }] of hours.entries())
      if (from % 5 !== 0 || to % 5 !== 0)
        wrong(['calendars', name, 'hours', i], 'must be on 5 minutes, which windows are made of')
  const ids = new Set<string>()
  const before: { readonly id: string; readonly match: PolicyMatch }[] = []
  for (const [i, { id, match, below, coverage, window }] of peakGood.entries()) {
    const at = ['peakGood', i] as const
    if (ids.has(id)) wrong([...at, 'id'], `there is another rule "${id}" already`)
    ids.add(id)
    const equal = before.find((other) => areEquallyFor(other.match, match))
    if (equal)
      wrong([...at, 'match'], `is for services that rule "${equal.id}" is for, and neither is more specific`)
    before.push({ id, match })
    if (window && !Object.hasOwn(calendars, window.calendar))
      wrong([...at, 'window', 'calendar'], `no calendar "${window.calendar}" in this pack`)
    const named = Object.entries({ ...below, coverage }).map(([key, limit]) => {
      const path = key === 'coverage' ? [...at, key] : [...at, 'below', key]
      return [path, limit] as const
    })
    for (const [path, limit] of named)
      if (typeof limit === 'object' && limit.source !== undefined && !sources.has(limit.source))
        wrong([...path, 'source'], `no source "${limit.source}" in this pack`)
  }
}
