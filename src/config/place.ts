import type { LineCounter } from 'yaml'
import type { Path } from './problem.ts'

/** One YAML file that was read. */
export interface Source {
  readonly file: string
  readonly lines: LineCounter
}

/** Where a value stands in its file, and the places of what is inside it. */
export interface Place {
  readonly source: Source
  /** Of the value, in characters from the start of the file. */
  readonly offset: number
  /** Places of the keys of a mapping, for what is wrong with a key and not with its value. */
  readonly keys: Map<string, number>
  readonly children: Map<string | number, Place>
  /** The value came, in whole or in part, from the environment, so its type is text whatever it looks like. */
  readonly fromEnvironment: boolean
}

/** The place of a path, or of the nearest thing around it that exists. */
export function placeAt(root: Place, path: Path): Place {
  let place = root
  for (const key of path) {
    const child = place.children.get(key)
    if (!child) break
    place = child
  }
  return place
}

/** The place of a key itself. */
export function placeOfKey(root: Place, path: Path): Place {
  const around = placeAt(root, path.slice(0, -1))
  const offset = around.keys.get(String(path.at(-1)))
  return offset === undefined ? placeAt(root, path) : { ...around, offset }
}
