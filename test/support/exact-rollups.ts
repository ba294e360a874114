import type { Sample } from '../../src/model/sample.ts'

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** The smallest value that at least that share of all does not exceed, found by trying each. */
const ranked = (values: readonly number[], share: number) =>
  Math.min(
    ...values.filter(
      (value) => values.filter((other) => other <= value).length >= share * values.length - 1e-9,
    ),
  )

const numbers = (samples: readonly Sample[], field: string) =>
  samples.flatMap(({ fields }) => (fields[field] === undefined ? [] : [Number(fields[field])]))

/** What a set of samples of one series must give for one span, worked out the long way. */
export function exactFigures(samples: readonly Sample[], field: string) {
  const values = numbers(samples, field)
  if (values.length === 0) return undefined
  return {
    count: values.length,
    mean: mean(values),
    p50: ranked(values, 0.5),
    p95: ranked(values, 0.95),
    max: Math.max(...values),
  }
}

/** Samples by the beginning of their span of that width. */
export const spansOf = (samples: readonly Sample[], width: number) =>
  Map.groupBy(samples, ({ at }) => Math.floor(at / width) * width)

/** Of several samples of the same series and time the fields of the later win, as in a store. */
export function merged(samples: readonly Sample[]): readonly Sample[] {
  const found = new Map<string, Sample>()
  for (const sample of samples) {
    const key = `${sample.measurement} ${JSON.stringify(sample.tags)} ${sample.at}`
    found.set(key, { ...sample, fields: { ...found.get(key)?.fields, ...sample.fields } })
  }
  return [...found.values()]
}
