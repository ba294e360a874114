import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

const src = resolve(import.meta.dirname, '../../src')

/** Reading this table is reading the architecture: what each folder of src/ may import, besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  model: [],
  platform: ['model'],
  config: ['model', 'platform'],
  inventory: ['model', 'platform', 'config'],
  collect: ['model', 'platform'],
  sample: ['model'],
  store: ['model', 'platform'],
  detect: ['model'],
  correlate: ['model'],
  incident: ['model', 'platform'],
  report: ['model', 'platform'],
  notify: ['model', 'platform'],
  api: ['model', 'platform'],
  console: ['model', 'platform', 'api'],
  jobs: ['model', 'platform'],
  dashboards: ['model'],
  demo: ['model', 'platform', 'config', 'collect'],
}

/** What sits above the stages and ties them together. */
const top = new Set(['main.ts', 'app.ts', 'pipeline.ts', 'wiring', 'commands'])

/** Pure stages: data and `now` in, data out; so no Node modules and no packages either. */
const pure = new Set(['model', 'sample', 'detect', 'correlate'])

const importsOf = (file: string) =>
  [
    ...readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\s[^'"]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '')

const files = globSync('**/*.ts', { cwd: src }).map((file) => join(src, file))
const folderOf = (file: string) => relative(src, file).split(sep)[0] ?? ''

describe('architecture', () => {
  it('has a row in the table for every folder', () => {
    const folders = new Set(files.map(folderOf).filter((name) => !name.endsWith('.ts') && !top.has(name)))
    expect([...folders].sort()).toEqual(Object.keys(allowed).sort())
  })

  it('imports only what the table allows', () => {
    const violations = files.flatMap((file) => {
      const from = folderOf(file)
      if (top.has(from)) return []
      return importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => folderOf(resolve(dirname(file), name)))
        .filter((to) => to !== from && !allowed[from]?.includes(to))
        .map((to) => `${relative(src, file)} imports ${to}`)
    })
    expect(violations).toEqual([])
  })

  it('keeps the pure stages free of packages and of Node', () => {
    const violations = files
      .filter((file) => pure.has(folderOf(file)))
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => !name.startsWith('.'))
          .map((name) => `${relative(src, file)} imports ${name}`),
      )
    expect(violations).toEqual([])
  })

  it('reads the wall clock only in the platform', () => {
    const violations = files
      .filter((file) => !relative(src, file).startsWith(join('console', 'web')))
      .filter((file) => folderOf(file) !== 'platform')
      .filter((file) => /\bDate\.now\(\)|new Date\(\)/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(src, file))
    expect(violations).toEqual([])
  })
})

describe('file names', () => {
  it('are in kebab-case, and none is a grab-bag', () => {
    const grabBags = /^(utils?|helpers?|types|interfaces|lib|common|misc|index)\.ts$/
    const bad = files
      .map((file) => relative(src, file))
      .filter((file) => {
        const name = file.split(sep).at(-1) ?? ''
        return !/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(name) || grabBags.test(name)
      })
    expect(bad).toEqual([])
  })
})
