import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
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
  const known = new Map<string, ConsoleAsset | undefined>()

  const read = (name: string): Buffer | undefined => {
    const vendor = vendored[name]
    if (vendor !== undefined) return readFileSync(vendor)
    const file = fromSource ? name.replace(/\.js$/, '.ts') : name
    if (file.endsWith('.ts') && !fromSource) return undefined
    try {
      const text = readFileSync(join(folder, file))
      return file.endsWith('.ts') ? Buffer.from(stripTypeScriptTypes(text.toString())) : text
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  return (name) => {
    if (!plainName.test(name)) return undefined
    if (!known.has(name) && known.size < 200) {
      const body = read(name)
      const type = types[name.slice(name.lastIndexOf('.') + 1)]
      known.set(
        name,
        body === undefined || type === undefined
          ? undefined
          : { type, body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` },
      )
    }
    return known.get(name)
  }
}
