import { createHash } from 'node:crypto'

/** `"version.content"`: the version is what If-Match compares, the content also changes with what is shown beside it. */
export function etagOf(text: string, version: number | ''): string {
  const content = createHash('sha256').update(text).digest('base64url').slice(0, 16)
  return version === '' ? `"${content}"` : `"${version}.${content}"`
}

/** Weak comparison, as RFC 9110 §13.1.2 has it for If-None-Match. */
export function matchesAny(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((one) => {
    const tag = one.trim().replace(/^W\//, '')
    return tag === '*' || tag === etag
  })
}
