import { describe, expect, it } from 'vitest'
import { createConsoleAssets } from '../../../src/console/console-assets.ts'

describe('console assets', () => {
  const assets = createConsoleAssets()

  it('are served as JavaScript without types, from source', () => {
    const main = assets('main.js')
    expect(main?.type).toMatch(/^text\/javascript/)
    expect(main?.body.toString()).not.toMatch(/import type|: readonly/)
    expect(main?.body.toString()).toContain("from './dom.ts'")
    expect(assets('dom.ts')?.type).toMatch(/^text\/javascript/)
  })

  it('bring the chart library', () => {
    expect(assets('uplot.js')?.body.length).toBeGreaterThan(10_000)
    expect(assets('uplot.css')?.type).toMatch(/^text\/css/)
  })

  it.for([
    '../console-assets.ts',
    '..%2fmain.ts',
    '/etc/passwd',
    'main.ts.map',
    '.env',
    'nothing.js',
    'constructor',
  ])('do not include %s', (name) => {
    expect(assets(name)).toBeUndefined()
  })

  it('stay there whatever names visitors make up', () => {
    const fresh = createConsoleAssets()
    for (let i = 0; i < 500; i++) expect(fresh(`no-such-${i}.js`)).toBeUndefined()
    expect(fresh('main.js')).toBeDefined()
    expect(fresh('uplot.js')).toBeDefined()
  })
})
