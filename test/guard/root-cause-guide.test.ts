import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultImpactWeights } from '../../src/model/impact-weight.ts'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/root-cause.md'), 'utf8')

const rows = guide
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '))

/** The rows of the tables that end in the name of a test. */
const cases = rows.filter((cells) => cells.length === 3 && /^[a-z-]+: ./.test(cells[2] ?? ''))

describe('docs/root-cause.md', () => {
  it('names a test for every case', () => {
    const heads = rows.filter(([, , last]) => last === 'shown by').length
    const rules = rows.filter((cells) => cells.length === 3 && /^-+$/.test(cells[0] ?? '')).length
    const others = rows.filter((cells) => cells.length === 3 && cells[2] === 'customers hear of it').length
    const kinds = 5
    expect(cases.length).toBeGreaterThan(50)
    expect(rows.filter((cells) => cells.length === 3).length).toBe(
      cases.length + heads + rules + others + kinds,
    )
  })

  it.for(cases.map((cells) => [cells[0] ?? '', cells[2] ?? ''] as const))('%s', ([, shown]) => {
    const [file = '', ...words] = shown.split(': ')
    const path = join(root, 'test/unit/correlate', `${file}.test.ts`)
    expect(existsSync(path), path).toBe(true)
    expect(readFileSync(path, 'utf8')).toContain(words.join(': '))
  })

  it('has the weights that are used', () => {
    const { tiers, flags } = defaultImpactWeights
    for (const [name, weight] of Object.entries(tiers)) expect(guide).toContain(`| ${name} | ${weight} |`)
    for (const [name, weight] of Object.entries(flags)) expect(guide).toContain(`| ${name} | ${weight} |`)
  })
})
