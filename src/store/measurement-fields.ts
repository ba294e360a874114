import { type Measurement, measurements } from '../model/measurements.ts'

export type FieldKind = 'integer' | 'float' | 'string'

/** The fields of a measurement and what they hold, in the order of the table. */
export function fieldsOf(measurement: Measurement): ReadonlyMap<string, FieldKind> {
  const fields: Readonly<Record<string, { readonly type: FieldKind }>> = measurements[measurement].fields
  return new Map(Object.entries(fields).map(([name, { type }]) => [name, type]))
}

/** By the name of the measurement; for text from outside there may be none. */
export const allFields = (): ReadonlyMap<string, ReadonlyMap<string, FieldKind>> =>
  new Map(measurementNames.map((name) => [name, fieldsOf(name)]))

const measurementNames = Object.keys(measurements) as Measurement[]
