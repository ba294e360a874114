import type { Path } from './problem.ts'

/** A value of the configuration before it was validated, and its path: for checks that must not trust its shape. */
export interface Spot {
  readonly value: unknown
  readonly path: Path
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is under a key; a spot without value when there is no such thing. */
export const at = (spot: Spot, key: string): Spot => ({
  value: isMapping(spot.value) && Object.hasOwn(spot.value, key) ? spot.value[key] : undefined,
  path: [...spot.path, key],
})

/** The items of a list; none when it is not a list. */
export const itemsOf = ({ value, path }: Spot): readonly Spot[] =>
  Array.isArray(value) ? value.map((item: unknown, index) => ({ value: item, path: [...path, index] })) : []

/** The entries of a mapping; none when it is not a mapping. */
export const entriesOf = ({ value, path }: Spot): readonly (readonly [key: string, spot: Spot])[] =>
  isMapping(value)
    ? Object.entries(value).map(([key, inside]) => [key, { value: inside, path: [...path, key] }] as const)
    : []

export const textOf = ({ value }: Spot): string | undefined => (typeof value === 'string' ? value : undefined)
