import { measurements } from '../model/measurements.ts'
import { measurementOf, type ValueRule } from '../model/rule.ts'

/** One decimal; two digits of what is below 1. */
const rounded = (value: number): string =>
  String(Math.abs(value) >= 1 ? Math.round(value * 10) / 10 : Number(value.toPrecision(2)))

const rates = [
  [1e9, 'Gbit/s'],
  [1e6, 'Mbit/s'],
  [1e3, 'kbit/s'],
] as const

/** The unit of a rule's indicator, as the table of measurements names it; empty for one without. */
export function unitOf(rule: ValueRule): string {
  const { indicator } = rule
  if (typeof indicator === 'string') return 'ratio'
  const fields: Readonly<Record<string, { readonly unit: string }>> = measurements[measurementOf(rule)].fields
  return fields[indicator.field]?.unit ?? ''
}

/** A number with its unit, for people: `4 %`, `12.5 ms`, `1.2 Gbit/s`. */
export function valueText(value: number, unit: string): string {
  if (unit === 'ratio') return `${rounded(value * 100)} %`
  if (unit !== 'bit/s') return unit === '' ? rounded(value) : `${rounded(value)} ${unit}`
  const [size, name] = rates.find(([least]) => Math.abs(value) >= least) ?? [1, 'bit/s']
  return `${rounded(value / size)} ${name}`
}
