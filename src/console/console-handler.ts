import type { RequestHandler } from 'express'
import { createConsoleAssets } from './console-assets.ts'

/** Serves the console: `/` and `/assets/NAME`. Everything else is left to who comes next. */
export function createConsoleHandler(): RequestHandler {
  const assets = createConsoleAssets()
  return (request, response, next) => {
    const name = request.path === '/' ? 'index.html' : /^\/assets\/([^/]+)$/.exec(request.path)?.[1]
    const asset = name !== undefined && ['GET', 'HEAD'].includes(request.method) ? assets(name) : undefined
    if (asset === undefined) {
      next()
      return
    }
    // Asked for at each load and answered "not modified": a new version shows at once.
    response.set({ 'cache-control': 'no-cache', etag: asset.etag, 'content-type': asset.type })
    if (request.headers['if-none-match'] === asset.etag) response.status(304).end()
    else response.end(request.method === 'HEAD' ? undefined : asset.body)
  }
}
