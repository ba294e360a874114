import { z } from 'zod'
import { type Profile, sensorUnits } from '../model/profile.ts'
import { identity, oneLine } from './setting.ts'

const anOid = 'expected an OID such as 1.3.6.1.2.1.99.1.1.1.4, without a dot in front'

/** X.660: the second arc is at most 39 under the first two roots; SMIv2: no arc has more than 32 bits. */
const isOid = (text: string): boolean => {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return (first === 2 || second <= 39) && [second, ...rest].every((arc) => arc < 2 ** 32)
}

const prefix = z
  .string()
  .regex(/^[012](\.(0|[1-9]\d{0,9})){3,127}$/, anOid)
  .refine(isOid, { error: anOid })

const column = prefix.refine((oid) => !oid.endsWith('.0'), {
  error: 'a scalar is written without the .0 of its only row',
})

/** One column, or several of which the first with a usable row is taken. */
const columns = z
  .union([column.transform((oid) => [oid]), z.array(column).min(1, 'must name at least one')])
  .meta({ title: 'column or list of columns' })

const globs = z.array(oneLine(255)).prefault([]).meta({ title: 'list of globs' })

const rowChoice = {
  names: columns
    .default([])
    .meta({ description: 'Columns with the name of a row; the first that is not empty.' }),
  only: globs.meta({ description: 'Only rows with one of these names.' }),
  except: globs.meta({ description: 'No rows with one of these names.' }),
  when: z
    .strictObject({
      oid: column,
      is: z.array(z.union([z.number(), z.string()])).exactOptional(),
      not: z.array(z.union([z.number(), z.string()])).exactOptional(),
    })
    .refine(({ is, not }) => is !== undefined || not !== undefined, { error: 'needs "is" or "not"' })
    .exactOptional()
    .meta({ description: 'Only rows whose value in this column is, or is not, one of these.' }),
}

const aggregate = z.enum(['max', 'mean'])
const factor = z.number().refine((scale) => scale !== 0 && Number.isFinite(scale), {
  error: 'must be a number that is not 0',
})

const cpu = z.strictObject({
  gives: z.literal('cpu'),
  value: columns.meta({ description: 'Load.' }),
  scale: factor.prefault(0.01).meta({ description: 'Makes 0..1 of the value.' }),
  idle: z.boolean().prefault(false).meta({ description: 'The value is what is idle.' }),
  of: aggregate.prefault('max').meta({ description: 'How several rows become one.' }),
  ...rowChoice,
})

const memory = z
  .strictObject({
    gives: z.literal('memory'),
    value: columns.default([]).meta({ description: 'What is used, in per cent.' }),
    scale: factor.prefault(0.01).meta({ description: 'Makes 0..1 of the value.' }),
    used: column.exactOptional().meta({ description: 'Size that is used.' }),
    free: columns.default([]).meta({ description: 'Sizes that are free; several add up.' }),
    total: column.exactOptional().meta({ description: 'Whole size.' }),
    units: column.exactOptional().meta({ description: 'What the sizes of a row are counted in.' }),
    cached: globs.meta({ description: 'Rows that tell a part of `used` which is free on demand.' }),
    of: aggregate.prefault('max').meta({ description: 'How several rows become one.' }),
    ...rowChoice,
  })
  .superRefine(({ value, used, free, total, cached, names }, context) => {
    const wrong = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    const sizes = [used !== undefined, free.length > 0, total !== undefined].filter(Boolean).length
    if (value.length > 0 ? sizes > 0 : sizes !== 2)
      wrong('value', 'needs either "value", or two of "used", "free" and "total"')
    if (cached.length > 0 && (used === undefined || names.length === 0))
      wrong('cached', 'needs "used" and "names"')
  })

const sensorRows = {
  skip: z.array(z.number()).prefault([]).meta({ description: 'Values that mean none.' }),
  range: z
    .tuple([z.number(), z.number()])
    .refine(([least, most]) => least < most, { error: 'must be [least, most]' })
    .exactOptional()
    .meta({ description: 'What is possible; a value outside is none.' }),
  as: z.literal('dBm').exactOptional().meta({ description: 'Watts told as dBm.' }),
  temperature: aggregate
    .exactOptional()
    .meta({ description: 'Makes the temperature of the element of the rows in °C.' }),
  apart: globs.meta({ description: 'Names that do not count for it.' }),
  ...rowChoice,
}

const sensors = z
  .strictObject({
    gives: z.literal('sensors'),
    value: columns.meta({ description: 'What the sensors tell.' }),
    unit: z.enum(sensorUnits).meta({ description: 'Its unit.' }),
    scale: factor.prefault(1).meta({ description: 'Makes that unit of the value.' }),
    label: oneLine(32).exactOptional().meta({ description: 'Follows the name of the row.' }),
    ...sensorRows,
  })
  .refine(({ as, unit }) => as === undefined || unit === 'W', {
    error: 'only watts can be told as dBm',
    path: ['as'],
  })

const entitySensors = z.strictObject({
  gives: z.literal('entity-sensors'),
  table: column.meta({ description: 'Entry whose columns 1 to 5 are those of entPhySensorTable.' }),
  ...sensorRows,
})

/** One profile file; `config/profiles/README.md` explains the keys. */
export const profileSettings = z.strictObject({
  id: identity.meta({ description: 'Identity; a profile of your own replaces one with the same id.' }),
  name: oneLine(200).meta({ description: 'What it is for.' }),
  match: z
    .union([z.literal('any'), z.array(prefix).min(1, 'must name at least one')])
    .meta({ description: 'sysObjectIDs, or what they begin with.' }),
  reads: z
    .array(z.discriminatedUnion('gives', [cpu, memory, sensors, entitySensors]))
    .min(1, 'needs at least one')
    .max(50, 'must not be more than 50')
    .meta({ description: 'What is read.' }),
}) satisfies z.ZodType<Profile>
