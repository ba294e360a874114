import { type Measurement, measurements } from '../model/measurements.ts'

/** `thousandths`: a float that is kept to three decimals, since what it measures is no finer. */
export type FieldKind = 'integer' | 'float' | 'thousandths' | 'string'

/**
 * A packet in a thousand seconds, or a microsecond: below what counters polled every minute and clocks of ours can tell.
 * Such numbers are quick to print and small to keep.
 */
const unitsOfThousandths: ReadonlySet<string> = new Set(['1/s', 'packets/s', 'ms'])

/** The fields of a measurement and what they hold, in the order of the table. */
export function fieldsOf(measurement: Measurement): ReadonlyMap<string, FieldKind> {
  const fields: Readonly<
    Record<string, { readonly type: 'integer' | 'float' | 'string'; readonly unit: string }>
  > = measurements[measurement].fields
  return new Map(
    Object.entries(fields).map(([name, { type, unit }]) => [
      name,
      type === 'float' && unitsOfThousandths.has(unit) ? 'thousandths' : type,
    ]),
  )
}

export const measurementNames = Object.keys(measurements) as readonly Measurement[]

/** Those with one row a series and day, or less: there are many series and few rows. */
export const dailyMeasurements: ReadonlySet<Measurement> = new Set([
  'interface_peak_day',
  'icmp_peak_day',
  'service_peak',
])
