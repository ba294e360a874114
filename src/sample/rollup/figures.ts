/** What an hour, or any set of values, is told by. */
export interface Figures {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

export const maxOf = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)

/** Of values in rising order: the smallest that at least that share of all does not exceed (nearest rank). */
export const rankOf = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share - 1e-9) - 1)] ?? Number.NaN

/** Undefined when there are no values. */
export function figuresOf(values: readonly number[]): Figures | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  return {
    count: values.length,
    mean: meanOf(values),
    p50: rankOf(sorted, 0.5),
    p95: rankOf(sorted, 0.95),
    max: sorted.at(-1) ?? Number.NaN,
  }
}
