import { z } from 'zod'
import type { JsonSchema } from './json-schema.ts'
import type { Path } from './problem.ts'
import { configSchema } from './schema.ts'

let whole: JsonSchema | undefined

/** The keys that a mapping of the configuration may have, whichever of its forms it takes. For suggestions. */
export function knownKeysAt(path: Path): ReadonlySet<string> {
  // Made when it is first needed: most configurations have no key that is unknown.
  whole ??= z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema
  let here: readonly JsonSchema[] = [whole]
  for (const key of path) here = here.flatMap(forms).flatMap((schema) => inside(schema, key))
  return new Set(here.flatMap(forms).flatMap((schema) => Object.keys(schema.properties ?? {})))
}

const forms = (schema: JsonSchema): readonly JsonSchema[] => [
  schema,
  ...[...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap(forms),
]

function inside(schema: JsonSchema, key: string | number): readonly JsonSchema[] {
  if (typeof key === 'number') return schema.items === undefined ? [] : [schema.items]
  if (schema.properties && Object.hasOwn(schema.properties, key)) return [schema.properties[key] ?? {}]
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []
}
