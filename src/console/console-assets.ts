import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the console as the browser gets it. */
export interface ConsoleAsset {
  readonly type: string
  readonly body: Buffer
  readonly etag: string
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  ts: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Flat names only: nothing that could leave the folder. */
const plainName = /^[a-z][a-z0-9-]*\.(html|css|js|ts|svg)$/

/**
 * The console's files by name. From source, TypeScript is stripped of its types as it is served; compiled, the files
 * are JavaScript already. Each file is read once.
 */
export function createConsoleAssets(): (name: string) => ConsoleAsset | undefined {
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'web')
  const fromSource = import.meta.url.endsWith('.ts')
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'))
  const vendored: Readonly<Record<string, string>> = {
    'uplot.js': join(uplot, 'dist', 'uPlot.iife.min.js'),
    'uplot.css': join(uplot, 'dist', 'uPlot.min.css'),
  }
  const files = new Set(readdirSync(folder))
  const known = new Map<string, ConsoleAsset>()

  const read = (name: string): Buffer | undefined => {
    const vendor = vendored[name]
    if (vendor !== undefined) return readFileSync(vendor)
    const file = fromSource ? name.replace(/\.js$/, '.ts') : name
    if (!files.has(file) || (file.endsWith('.ts') && !fromSource)) return undefined
    const text = readFileSync(join(folder, file))
    return file.endsWith('.ts') ? Buffer.from(stripTypeScriptTypes(text.toString())) : text
  }

  return (name) => {
    const kept = known.get(name)
    if (kept || !plainName.test(name)) return kept
    const body = read(name)
    const type = types[name.slice(name.lastIndexOf('.') + 1)]
    // Only what exists is kept: names that visitors make up must not fill the memory, nor push a real file out.
    if (body === undefined || type === undefined) return undefined
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    known.set(name, { type, body, etag })
    return known.get(name)
  }
}
