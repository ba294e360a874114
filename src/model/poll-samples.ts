import type { InterfaceList } from './interface-list.ts'
import type { FieldOf, TagOf } from './measurements.ts'
import { type Sample, sampleOf } from './sample.ts'

/**
 * The fields of an interface's sample in the order of the columns: first those that are made of counters, in the order
 * in which tables hold these.
 */
export const interfaceFields = [
  'in_bps',
  'out_bps',
  'in_pps',
  'out_pps',
  'in_errors_per_s',
  'out_errors_per_s',
  'in_discards_per_s',
  'out_discards_per_s',
  'oper_up',
  'speed_bps',
] as const satisfies readonly FieldOf<'interface'>[]

/** The samples of one poll. Those of interfaces, which are almost all, are told by columns until someone needs them. */
export interface PollSamples {
  /** All others. */
  readonly samples: readonly Sample[]
  readonly interfaces?: InterfaceValues
}

/** One sample for each interface, all of one time. */
export interface InterfaceValues {
  /** They stand behind so many of the other samples. */
  readonly after: number
  readonly ports: InterfaceList
  /** UTC epoch milliseconds. */
  readonly at: number
  /** Some array, and where in it they begin: `interfaceFields` for each row, NaN for one that is absent. */
  readonly values: Float64Array
  readonly from: number
}

/** How many samples they are. */
export const sampleCount = ({ samples, interfaces }: PollSamples): number =>
  samples.length + (interfaces?.ports.length ?? 0)

type InterfaceTags = Readonly<Record<TagOf<'interface'>, string>>
type Fields = Partial<Record<FieldOf<'interface'>, number>>

/**
 * Makes samples of columns. The tags of an interface are the same object for as long as its list is the same, so that
 * stores know each series again.
 */
export function createSampleMaker(): (samples: PollSamples) => readonly Sample[] {
  const known = new WeakMap<InterfaceList, readonly InterfaceTags[]>()
  const tagsOf = (ports: InterfaceList): readonly InterfaceTags[] => {
    const before = known.get(ports)
    if (before !== undefined) return before
    const { element } = ports.columns
    const tags = Array.from({ length: ports.length }, (_, row) => ({ element, interface: ports.name(row) }))
    known.set(ports, tags)
    return tags
  }
  return ({ samples, interfaces }) => {
    if (interfaces === undefined) return samples
    const { after, ports, at, values, from } = interfaces
    const all = samples.slice(0, after)
    tagsOf(ports).forEach((tags, row) => {
      all.push(sampleOf('interface', tags, fieldsAt(values, from + row * interfaceFields.length), at))
    })
    for (let i = after; i < samples.length; i++) {
      const sample = samples[i]
      if (sample !== undefined) all.push(sample)
    }
    return all
  }
}

/** Almost all interfaces have every field, and then they are made at one stroke. */
function fieldsAt(values: Float64Array, from: number): Fields {
  let sum = 0
  for (let at = 0; at < interfaceFields.length; at++) sum += values[from + at] ?? Number.NaN
  if (!Number.isNaN(sum))
    return {
      in_bps: values[from] ?? 0,
      out_bps: values[from + 1] ?? 0,
      in_pps: values[from + 2] ?? 0,
      out_pps: values[from + 3] ?? 0,
      in_errors_per_s: values[from + 4] ?? 0,
      out_errors_per_s: values[from + 5] ?? 0,
      in_discards_per_s: values[from + 6] ?? 0,
      out_discards_per_s: values[from + 7] ?? 0,
      oper_up: values[from + 8] ?? 0,
      speed_bps: values[from + 9] ?? 0,
    }
  const fields: Fields = {}
  interfaceFields.forEach((field, at) => {
    const value = values[from + at] ?? Number.NaN
    if (!Number.isNaN(value)) fields[field] = value
  })
  return fields
}
