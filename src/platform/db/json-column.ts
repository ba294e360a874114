import { FaultlineError } from '../errors.ts'

/**
 * Reads back a `*_json` column that we wrote ourselves: it must be JSON that has the keys named.
 * @throws FaultlineError STATE_UNAVAILABLE when the row is damaged.
 */
export function readJson<T extends object>(
  text: string,
  row: string,
  ...keys: readonly (keyof T & string)[]
): T {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && keys.every((key) => key in value)) return value as T
  } catch {
    // Falls through to the one answer for damaged rows.
  }
  throw new FaultlineError('STATE_UNAVAILABLE', `the row ${row} of the state store is damaged`, { row })
}

/** The values in portions, so that no statement has too many parameters and none blocks the loop for long. */
export function* portions<T>(values: readonly T[], size = 400): Generator<readonly T[]> {
  for (let i = 0; i < values.length; i += size) yield values.slice(i, i + size)
}
