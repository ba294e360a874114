import type { FieldOf, Measurement, TagOf } from '../model/measurements.ts'

/** What can be selected of one measurement; a field or tag that the table lacks does not compile. */
interface Values<M extends Measurement> {
  readonly mean: (field: FieldOf<M>) => string
  readonly max: (field: FieldOf<M>) => string
  readonly min: (field: FieldOf<M>) => string
  readonly last: (field: FieldOf<M>) => string
  readonly sum: (field: FieldOf<M>) => string
  readonly p95: (field: FieldOf<M>) => string
  /** Means divided, since InfluxQL divides two integers without a remainder. */
  readonly ratio: (part: FieldOf<M>, whole: FieldOf<M>) => string
  /** Of all that one of these is true of, the share of the first; both are 0 or 1. */
  readonly shareOf: (field: FieldOf<M>, other: FieldOf<M>) => string
  /** Rows that have the first of these, less those that are counted by one of the others, which are 0 or 1. */
  readonly rowsLess: (field: FieldOf<M>, ...others: readonly FieldOf<M>[]) => string
  /** A sum less other sums. */
  readonly sumLess: (field: FieldOf<M>, ...others: readonly FieldOf<M>[]) => string
  readonly field: (field: FieldOf<M>) => string
  readonly tag: (tag: TagOf<M>) => string
}

interface Clauses {
  /** A condition on time, or false for none (the inner query has it). Default: the dashboard's range. */
  readonly within?: string | false
  /** `time(...)` of the groups; without it one value over the whole range. */
  readonly every?: string
  readonly fill?: 'null' | 'none'
  readonly tail?: string
}

interface Selection<M extends Measurement> extends Clauses {
  /** Column name → what it shows. */
  readonly columns: (values: Values<M>) => Readonly<Record<string, string>>
  readonly where?: Conditions<M>
  /** Only rows with these values. */
  readonly having?: Readonly<Partial<Record<FieldOf<M>, number>>>
  readonly by?: readonly TagOf<M>[]
}

type Condition = (tag: string) => string
type Conditions<M extends Measurement> = Readonly<Partial<Record<TagOf<M>, Condition>>>

/** The range of the dashboard, and the time that alarms and incidents are looked back for to know which are open. */
const dashboardRange = '$timeFilter'
export const openSince = 'time > now() - 90d'
/** One value a pixel or so. */
export const everyPixel = '$__interval'
/**
 * Rows of local days stand at local midnights, which are on a quarter hour in every zone. Groups of a UTC day would move
 * them by hours, and to another date.
 */
export const everyMidnight = '15m'

/** An InfluxQL statement for Grafana over one measurement of the table. */
export function select<M extends Measurement>(measurement: M, selection: Selection<M>): string {
  const { columns, where, having = {}, by = [], ...clauses } = selection
  const values = Object.entries(having).map(([field, value]) => `${quoted(field)} = ${value}`)
  const conditions = [...conditionsOf(where), ...values]
  return statement(quoted(measurement), columns(valuesOf<M>()), conditions, by, clauses)
}

/** A statement over another; its column names are those of the inner one. */
export function selectFrom(
  inner: string,
  columns: Readonly<Record<string, string>>,
  { where = [], by = [], ...clauses }: Clauses & { where?: readonly string[]; by?: readonly string[] } = {},
): string {
  return statement(`(${inner})`, columns, where, by, clauses)
}

/** The values of a tag that a dashboard variable offers. */
export const tagValues = <M extends Measurement>(
  measurement: M,
  tag: TagOf<M>,
  where?: Conditions<M>,
): string => {
  const conditions = conditionsOf(where)
  const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  return `SHOW TAG VALUES FROM ${quoted(measurement)} WITH KEY = ${quoted(tag)}${filter}`
}

/** Equal to a variable of one value. Not a pattern: an interface name may hold a slash, which would end one. */
export const equals =
  (variable: string): Condition =>
  (tag) =>
    `${tag} = \${${variable}:singlequote}`

/** Equal to a word of our own. */
export const is =
  (word: string): Condition =>
  (tag) =>
    `${tag} = '${word.replaceAll("'", "\\'")}'`

/** One of a variable's values, or any. Only for tags without a slash in them, such as element ids. */
export const oneOf =
  (variable: string): Condition =>
  (tag) =>
    `${tag} =~ /^\${${variable}:regex}$/`

/** What Grafana replaces by the value of a variable, label or field. */
export const placeholder = (name: string): string => `\${${name}}`

export const quoted = (name: string): string => `"${name}"`

function conditionsOf<M extends Measurement>(where: Conditions<M> | undefined): readonly string[] {
  const conditions: [string, Condition][] = Object.entries(where ?? {})
  return conditions.map(([tag, condition]) => condition(quoted(tag)))
}

const valuesOf = <M extends Measurement>(): Values<M> => {
  const call = (name: string) => (field: string) => `${name}("${field}")`
  const less = (whole: string, parts: readonly string[]) =>
    [whole, ...parts.map((part) => call('sum')(part))].join(' - ')
  return {
    mean: call('mean'),
    max: call('max'),
    min: call('min'),
    last: call('last'),
    sum: call('sum'),
    p95: (field) => `percentile("${field}", 95)`,
    ratio: (part, whole) => `mean("${part}") / mean("${whole}")`,
    // Means, as in a ratio: of the same rows, they are as the sums are.
    shareOf: (field, other) => `mean("${field}") / (mean("${field}") + mean("${other}"))`,
    rowsLess: (field, ...others) => less(call('count')(field), others),
    sumLess: (field, ...others) => less(call('sum')(field), others),
    field: quoted,
    tag: quoted,
  }
}

function statement(
  source: string,
  columns: Readonly<Record<string, string>>,
  conditions: readonly string[],
  by: readonly string[],
  { within = dashboardRange, every, fill, tail }: Clauses,
): string {
  const list = Object.entries(columns).map(([name, value]) =>
    value === quoted(name) ? value : `${value} AS "${name}"`,
  )
  const where = [...(within === false ? [] : [within]), ...conditions]
  const groups = [...(every === undefined ? [] : [`time(${every})`]), ...by.map(quoted)]
  return [
    `SELECT ${list.join(', ')} FROM ${source}`,
    ...(where.length > 0 ? [`WHERE ${where.join(' AND ')}`] : []),
    ...(groups.length > 0 ? [`GROUP BY ${groups.join(', ')}`] : []),
    ...(every === undefined ? [] : [`fill(${fill ?? 'null'})`]),
    ...(tail === undefined ? [] : [tail]),
  ].join(' ')
}
