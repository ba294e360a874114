import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { configFiles } from '../../src/config/reference.ts'
import { secretKeys } from '../../src/config/secret-files.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Every setting in a schema, by its last name. */
const settingsIn = (schema: JsonSchema): readonly (readonly [name: string, schema: JsonSchema])[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    [name, inner] as const,
    ...settingsIn(inner),
  ]),
  ...[schema.items, schema.additionalProperties, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap(
    (inner) => (typeof inner === 'object' ? settingsIn(inner) : []),
  ),
]

describe('the configuration files in config/', () => {
  it.for(configFiles().map(({ path, content }) => [path, content] as const))(
    '%s is what the schema makes (npm run generate)',
    ([path, content]) => {
      expect(read(path)).toBe(content)
    },
  )

  it.for(['example.yaml', 'minimal.yaml'])(
    '%s loads, with an empty environment and without a warning',
    async (name) => {
      const loaded = await loadConfig(join(root, 'config', name), {})
      expect(formatProblems(loaded.ok ? loaded.warnings : loaded.problems)).toBe('')
      expect(read(`config/${name}`).split('\n')[0]).toBe('# yaml-language-server: $schema=./schema.json')
    },
  )

  it('show every setting in the example', () => {
    const example = read('config/example.yaml')
    const { detection, ...properties } = configJsonSchema().properties ?? {}
    const names = new Set(settingsIn({ properties }).map(([name]) => name))
    // Rules have a file of their own, which explains them.
    for (const name of Object.keys(detection?.properties ?? {})) names.add(name)
    for (const secret of secretKeys) names.delete(`${secret}_file`)
    const shown = (name: string) => new RegExp(`[\\s{#]${name}:`).test(example)
    expect([...names].filter((name) => !shown(name))).toEqual([])
  })

  it('show defaults in the example as they are', () => {
    const example = read('config/example.yaml')
    const { detection: _, ...properties } = configJsonSchema().properties ?? {}
    const wrong = settingsIn({ properties }).filter(([name, schema]) => {
      const plain = ['string', 'number', 'boolean'].includes(typeof schema.default)
      const commented = example.split('\n').filter((line) => new RegExp(`^ *# .*\\b${name}: `).test(line))
      return (
        plain &&
        commented.length > 0 &&
        !commented.some((line) => line.includes(`${name}: ${schema.default}`))
      )
    })
    expect(wrong.map(([name, schema]) => `${name}: ${schema.default}`)).toEqual([])
  })

  it('describe every setting', () => {
    expect(
      settingsIn(configJsonSchema())
        .filter(([, schema]) => !schema.description && !schema.properties)
        .map(([name]) => name),
    ).toEqual([])
  })

  it('mark as secret exactly what can be given by a file', () => {
    const names = settingsIn(configJsonSchema()).map(([name]) => name)
    const byFile = names.filter((name) => name.endsWith('_file')).map((name) => name.replace('_file', ''))
    expect([...new Set(byFile)].sort()).toEqual([...secretKeys].sort())
    expect(
      names.filter(
        (name) =>
          /password|secret|token$|community/.test(name.replace('_file', '')) &&
          !secretKeys.includes(name.replace('_file', '')),
      ),
    ).toEqual([])
  })
})
