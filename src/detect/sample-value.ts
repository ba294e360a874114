import type { ValueRule } from '../model/rule.ts'
import type { FieldValue, Sample } from '../model/sample.ts'

const numberOf = (value: FieldValue | undefined): number | undefined => {
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** The busier direction divided by the capacity; undefined where the capacity is not known. */
function utilisationOf({ fields }: Sample): number | undefined {
  const speed = numberOf(fields.speed_bps)
  if (speed === undefined || speed <= 0) return undefined
  const busier = Math.max(numberOf(fields.in_bps) ?? -1, numberOf(fields.out_bps) ?? -1)
  return busier < 0 ? undefined : busier / speed
}

/** What the rule's indicator reads in a sample of its measurement; undefined where it was not measured. */
export const sampleValue = ({ indicator }: ValueRule, sample: Sample): number | undefined =>
  indicator === 'utilisation' ? utilisationOf(sample) : numberOf(sample.fields[indicator.field])
