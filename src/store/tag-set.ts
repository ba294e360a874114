import { measurements } from '../model/measurements.ts'
import type { Sample } from '../model/sample.ts'
import { measurementNames } from './measurement-fields.ts'
import type { RefusalReason } from './refusal.ts'
import { tagText } from './tag-text.ts'

/** The tags of a series, cleaned, in alphabetical order (the order in which InfluxDB is quickest). */
export type TagSet = readonly (readonly [name: string, value: string])[]

/** Why no store could take a series with such tags. */
export class RefusedTags {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason) {
    this.reason = reason
  }
}

/** A series key over 64 KB is refused by InfluxDB; nothing real comes near this. */
const mostTagLength = 4_096

const tagNames: ReadonlyMap<string, readonly string[]> = new Map(
  measurementNames.map((name) => [name, measurements[name].tags.toSorted()]),
)

/** In alphabetical order; undefined: there is no such measurement. */
export const tagNamesOf = (measurement: string): readonly string[] | undefined => tagNames.get(measurement)

/** Exactly the tags that its measurement has, each of them a text that is not empty when it was cleaned. */
export function tagSetOf({ measurement, tags }: Sample): TagSet | RefusedTags {
  const names = tagNamesOf(measurement)
  if (names === undefined) return new RefusedTags('unknown-measurement')
  for (const name of names) {
    const value: unknown = tags[name]
    if (typeof value !== 'string') return new RefusedTags('missing-tag')
    if (value.length > mostTagLength) return new RefusedTags('long-tag')
  }
  if (countOf(tags) !== names.length) return new RefusedTags('unknown-tag')
  const set = names.map((name) => [name, tagText(tags[name] ?? '')] as const)
  return set.some(([, value]) => value === '') ? new RefusedTags('empty-tag') : set
}

/** Without making a list of them: this is asked of every sample. */
export function countOf(tags: Sample['tags']): number {
  let count = 0
  for (const _ in tags) count++
  return count
}
