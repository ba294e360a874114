import { configJsonSchema, type JsonSchema, policyJsonSchema, profileJsonSchema } from './json-schema.ts'
import { unsupportedSettings } from './unsupported-settings.ts'

/** A file that is made from the schema; a guard test compares it with what is in the repository. */
export interface GeneratedFile {
  /** From the top of the repository. */
  readonly path: string
  readonly content: string
}

/** `config/schema.json` for editors, `config/REFERENCE.md` for people. */
export const configFiles = (): readonly GeneratedFile[] => [
  { path: 'config/schema.json', content: `${JSON.stringify(configJsonSchema(), null, 2)}\n` },
  { path: 'config/profiles/schema.json', content: `${JSON.stringify(profileJsonSchema(), null, 2)}\n` },
  { path: 'config/policies/schema.json', content: `${JSON.stringify(policyJsonSchema(), null, 2)}\n` },
  { path: 'config/REFERENCE.md', content: configReference(configJsonSchema()) },
]

const introduction = `# Configuration reference

<!-- Made by \`npm run generate\` from src/config/. Do not edit. -->

\`faultline check --config FILE\` lists every problem of a configuration with file, line and path.
\`example.yaml\` shows every setting in its place, \`minimal.yaml\` the least that is useful.

- Any text may hold \`\${NAME}\`: the value of that environment variable, put in after the YAML was read. \`$\${\` is a plain
  \`\${\`. A variable that is not set is a problem.
- Every secret (\`password\`, \`community\`, \`token\`, \`secret\`) can be given as \`<name>_file\`: the content of that file is
  used, less one line end.
- Relative paths begin at the folder of the file that names them. One file may have up to 4 MiB; a longer inventory is
  split with \`{ file: … }\`.
- Durations are written \`500ms\`, \`30s\`, \`5m\`, \`1h\`, \`7d\`; rates \`512kbps\`, \`2Mbps\`, \`10Gbps\` (powers of 1000),
  sizes \`512MiB\`, \`2GiB\` (powers of 1024).
- \`[]\` in a setting's name stands for each item of a list, \`<name>\` for a name that you choose.
`

function configReference(schema: JsonSchema): string {
  const sections = Object.entries(schema.properties ?? {}).map(([name, section]) => {
    const rows = rowsOf(name, section, schema.required?.includes(name) ?? false)
    return `## ${name}\n\n${section.description ?? ''}\n\n${table(['setting', 'type', 'default', 'meaning'], rows)}`
  })
  const refused = unsupportedSettings.map(({ at, values, instead }) => {
    const name = at.join('.').replaceAll('*', '<name>')
    return [code(values ? `${name}: ${values.join(' | ')}` : name), instead]
  })
  const notYet = `## Not supported by this version

These settings have their names already and are refused, so that nobody believes they work.

${table(['setting', 'what to do'], refused)}`
  return [introduction, ...sections, policyPacks(), notYet].join('\n')
}

function policyPacks(): string {
  const { properties = {}, required = [] } = policyJsonSchema()
  const rows = Object.entries(properties).flatMap(([name, part]) =>
    rowsOf(name, part, required.includes(name)),
  )
  return `## Policy packs

The files that \`policies\` names. [policies/README.md](policies/README.md) explains them, and which rule holds where
several are for a service.

${table(['key', 'type', 'default', 'meaning'], rows)}`
}

type Row = readonly string[]

const table = (heads: Row, rows: readonly Row[]): string =>
  [heads, heads.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('')

/** A row for a setting that holds a value, or rows for the settings in it. */
function rowsOf(path: string, schema: JsonSchema, needed: boolean): readonly Row[] {
  const variants = schema.oneOf ?? schema.anyOf ?? []
  const list = variants.find((variant) => variant.items)
  if (list && variants.some(isNamedFile))
    return [
      rowFor(path, schema, needed),
      ...rowsOf(path, list, false).filter(([name]) => name !== code(path)),
    ]
  if (variants.length > 0) {
    const holdsValue = variants.some((variant) => !variant.properties)
    const nested = variants.flatMap((variant) => rowsIn(path + variantName(schema, variant), variant))
    return holdsValue ? [rowFor(path, schema, needed), ...nested] : nested
  }
  if (schema.items && isNested(schema.items)) return rowsOf(`${path}[]`, schema.items, false)
  if (schema.properties) return rowsIn(path, schema)
  if (typeof schema.additionalProperties === 'object')
    return rowsOf(`${path}.<name>`, schema.additionalProperties, false)
  return [rowFor(path, schema, needed)]
}

const rowsIn = (path: string, schema: JsonSchema): readonly Row[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    rowsOf(`${path}.${name}`, property, isNeeded(schema, name)),
  )

/** ` (kind: smtp)`, where a setting inside decides which others there are. */
function variantName(schema: JsonSchema, variant: JsonSchema): string {
  const [name, property] = Object.entries(variant.properties ?? {})[0] ?? []
  return schema.oneOf && property ? ` (${name}: ${choicesOf(property).join(', ')})` : ''
}

const isNeeded = (schema: JsonSchema, name: string): boolean =>
  (schema.required?.includes(name) ?? false) ||
  (schema.allOf ?? []).some((either) => either.oneOf?.some((one) => one.required?.includes(name)))

const isNamedFile = ({ title, properties }: JsonSchema): boolean =>
  title === 'path' || (properties?.file?.title === 'path' && Object.keys(properties).length === 1)

const isNested = (schema: JsonSchema): boolean =>
  schema.properties !== undefined || schema.oneOf !== undefined || schema.anyOf !== undefined

const choicesOf = (schema: JsonSchema): readonly string[] => [
  ...new Set((schema.enum ?? [schema.const]).map(String)),
]

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  object: 'mapping',
}

function typeOf(schema: JsonSchema): string {
  const variants = schema.anyOf ?? schema.oneOf
  if (schema.title !== undefined) return schema.title
  if (schema.const !== undefined || schema.enum) return choicesOf(schema).map(code).join(' ')
  if (variants) {
    const names = variants.map((variant) => (isNamedFile(variant) ? 'file' : typeOf(variant)))
    return [...new Set(names)].join(' or ')
  }
  if (schema.type === 'array')
    return schema.items && !isNested(schema.items) ? `list of ${typeOf(schema.items)}` : 'list'
  return typeNames[schema.type ?? ''] ?? schema.type ?? 'any'
}

function rowFor(path: string, schema: JsonSchema, needed: boolean): Row {
  const usual = schema.default === undefined ? '' : code(schema.default)
  const either = path.endsWith('_file') ? 'or the secret itself' : 'required'
  const examples = schema.examples?.map(code).join(', ')
  const meaning = examples === undefined ? [] : [`Example: ${examples}.`]
  return [
    code(path),
    typeOf(schema),
    needed ? either : usual,
    [schema.description ?? '', ...meaning].join(' '),
  ]
}
