import type { FieldOf, Measurement, TagOf } from './measurements.ts'

/** Strings only in fields declared as text; bigint only in integer fields, within signed 64 bits. */
export type FieldValue = number | bigint | string

/** A timed set of values of one series: what probes make, stores keep and detection reads. */
export interface Sample {
  readonly measurement: Measurement
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, FieldValue>>
  /** UTC epoch milliseconds of the poll. */
  readonly at: number
}

/** Makes a sample; a tag that is missing, or a field that the table of measurements lacks, does not compile. */
export function sampleOf<M extends Measurement>(
  measurement: M,
  tags: Readonly<Record<TagOf<M>, string>>,
  fields: Readonly<Partial<Record<FieldOf<M>, FieldValue>>>,
  at: number,
): Sample {
  return { measurement, tags, fields: fields as Sample['fields'], at }
}
