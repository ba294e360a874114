import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Every YAML example of a guide: those between fences, and those that are indented after an empty line. */
function examplesOf(guide: string): readonly string[] {
  const text = read(guide)
  const fenced = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, inside = '']) => inside)
  const plain = text.replace(/^```.*?^```/gms, '')
  const indented = [...plain.matchAll(/(?<=\n\n)(?: {4}.*\n|\n(?= {4}))+/g)].map(([block]) =>
    block.replace(/^ {4}/gm, ''),
  )
  return [...fenced, ...indented.filter((block) => /^[a-z]\w*:/im.test(block))]
}

// The guide to rules has a test of its own.
const guides = ['README.md', 'CONTRIBUTING.md', ...globSync(['docs/*.md', 'config/**/*.md'], { cwd: root })]
  .filter((path) => path !== 'docs/rules.md')
  .sort()
const examples = guides.flatMap((guide) =>
  examplesOf(guide).map((text, index) => [`${guide} ${index + 1}`, text] as const),
)

/** Whose file it is an example of, by what only such a file has. */
function kindOf(text: string): 'policy' | 'profile' | 'prometheus' | 'configuration' {
  const keys = Object.keys(parse(text))
  if (keys.includes('pack')) return 'policy'
  if (keys.includes('reads')) return 'profile'
  return keys.includes('scrape_configs') ? 'prometheus' : 'configuration'
}

const element = { id: 'core1', address: '192.0.2.1' }

describe('the YAML examples of the documents', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-examples-'))
  beforeAll(() => {
    mkdirSync(join(folder, 'policies'))
    const pack = read('config/policies/operator-default.yaml').replace('id: operator-default', 'id: ours')
    writeFileSync(join(folder, 'policies/ours.yaml'), pack)
    cpSync(join(root, 'config/profiles/host-resources.yaml'), join(folder, 'profiles/mine.yaml'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('are found', () => {
    const kinds = examples.map(([, text]) => kindOf(text))
    expect(new Set(kinds)).toEqual(new Set(['policy', 'profile', 'prometheus', 'configuration']))
  })

  it.for(examples)('%s is taken by `faultline check`', async ([name, text]) => {
    const kind = kindOf(text)
    // Prometheus reads that one; here it need only be YAML that names an address of ours.
    if (kind === 'prometheus') return expect(text).toContain('127.0.0.1:8080')
    const own = join(folder, kind, `${name.replace(/\W/g, '-')}.yaml`)
    const settings =
      kind === 'policy'
        ? { policies: [own] }
        : kind === 'profile'
          ? { poll: { profiles: join(folder, kind) } }
          : parse(text)
    if (kind !== 'configuration') {
      mkdirSync(join(folder, kind), { recursive: true })
      writeFileSync(own, text)
    }
    const file = join(folder, 'faultline.yaml')
    writeFileSync(file, stringify({ elements: [element], ...settings }))
    const loaded = await loadConfig(file, {})
    expect(formatProblems(loaded.ok ? [] : loaded.problems)).toBe('')
  })
})
