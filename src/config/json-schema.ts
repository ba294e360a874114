import { z } from 'zod'
import { defaultPolicies } from './policies-list.ts'
import { writtenPack } from './policy-settings.ts'
import { profileSettings } from './profiles.ts'
import { configSchema } from './schema.ts'

/** As much of JSON Schema as ours uses. */
export interface JsonSchema {
  $schema?: string
  $id?: string
  title?: string
  description?: string
  type?: string
  default?: unknown
  examples?: unknown[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  oneOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  allOf?: JsonSchema[]
  /** Marks a secret, which can be given by `<name>_file` as well. */
  secret?: boolean
  /** Marks what can stand in a file of its own: named by a mapping `{ file: … }`, or by its plain name; or in a folder; or each item. */
  inFile?: 'mapping' | 'name' | 'folder' | 'packs'
}

/**
 * JSON Schema of the configuration as people write it: with `<name>_file` beside each secret, and `{ file: … }` in
 * place of each list that may stand in a file of its own.
 */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // Examples are left out of settings that are converted, though they are in the form that people write.
      const examples = z.globalRegistry.get(zodSchema)?.examples
      if (Array.isArray(examples)) jsonSchema.examples = examples
    },
  }) as JsonSchema
  const written = asWritten(schema)
  // Those of the program hold where none are named.
  written.required = (written.required ?? []).filter((name) => name !== 'policies')
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Faultline configuration',
    ...written,
  }
}

/** JSON Schema of a profile file (`config/profiles/*.yaml`), for editors. */
export const profileJsonSchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Faultline profile',
  ...(z.toJSONSchema(profileSettings, { io: 'input' }) as JsonSchema),
})

/** JSON Schema of a policy pack (`config/policies/*.yaml`), for editors. */
export const policyJsonSchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Faultline policy pack',
  ...(z.toJSONSchema(writtenPack, { io: 'input' }) as JsonSchema),
})

function asWritten(schema: JsonSchema): JsonSchema {
  const { secret: _, inFile, ...rest } = schema
  if (inFile === 'folder') return inFolder(rest)
  if (inFile === 'packs') return asNames(rest)
  const result: JsonSchema = { ...rest }
  if (result.items) result.items = asWritten(result.items)
  if (result.oneOf) result.oneOf = result.oneOf.map(asWritten)
  if (result.anyOf) result.anyOf = result.anyOf.map(asWritten)
  if (typeof result.additionalProperties === 'object')
    result.additionalProperties = asWritten(result.additionalProperties)
  if (result.properties) Object.assign(result, withSecretFiles(result.properties, result.required ?? []))
  return inFile ? orInFile(result, inFile) : result
}

/** Adds `<name>_file`; of the two, one is needed where the secret is. */
function withSecretFiles(properties: Record<string, JsonSchema>, required: readonly string[]): JsonSchema {
  const all: Record<string, JsonSchema> = {}
  const eitherOr: JsonSchema[] = []
  for (const [name, property] of Object.entries(properties)) {
    all[name] = asWritten(property)
    if (!property.secret) continue
    const file = `${name}_file`
    all[file] = { type: 'string', title: 'path', description: `File that holds the ${name}.` }
    if (required.includes(name)) eitherOr.push({ oneOf: [{ required: [name] }, { required: [file] }] })
  }
  const rest = required.filter((name) => !properties[name]?.secret)
  return {
    properties: all,
    ...(rest.length > 0 || required.length > 0 ? { required: rest } : {}),
    ...(eitherOr.length > 0 ? { allOf: eitherOr } : {}),
  }
}

/** What can stand in files of a folder only: people write the name of that folder. */
const inFolder = ({ description, examples }: JsonSchema): JsonSchema => ({
  type: 'string',
  title: 'folder',
  ...(description === undefined ? {} : { description }),
  ...(examples === undefined ? {} : { examples }),
})

/** What can stand in files only, one for each item: people write names. */
const asNames = ({ description, examples }: JsonSchema): JsonSchema => ({
  type: 'array',
  title: 'list of packs',
  items: { type: 'string' },
  default: defaultPolicies,
  ...(description === undefined ? {} : { description }),
  ...(examples === undefined ? {} : { examples }),
})

function orInFile(schema: JsonSchema, by: 'mapping' | 'name'): JsonSchema {
  const { description, default: usual, examples, ...list } = schema
  const file: JsonSchema = { type: 'string', title: 'path', description: 'File that holds the list.' }
  const named: JsonSchema =
    by === 'name'
      ? file
      : { type: 'object', properties: { file }, required: ['file'], additionalProperties: false }
  return {
    ...(description === undefined ? {} : { description }),
    ...(usual === undefined || by === 'name' ? {} : { default: usual }),
    ...(examples === undefined ? {} : { examples }),
    anyOf: [list, named],
  }
}
