/**
 * What a 400 (in InfluxDB 2.x also 422) to a write of `lines` lines means. After `partial write` the good points are stored, and the bad ones must
 * not come again; the server's own count is 0 when a line could not be parsed or fell out of retention, so the reasons
 * are counted too. `unknown` is any other 400: which line it is about must be found by halving.
 */
export type BadRequest =
  | { readonly kind: 'partial'; readonly dropped: number; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }

export function readBadRequest(body: string, lines: number): BadRequest {
  const full = fullText(body)
  const reason = shortened(full)
  if (!/^(failure writing points to database: )?partial write\b/.test(full))
    return { kind: 'unknown', reason }
  const told = Number(/\bdropped=(\d{1,9})\s*$/.exec(full)?.[1] ?? 0)
  const unparsed = full.split("unable to parse '").length - 1
  return { kind: 'partial', dropped: Math.min(lines, Math.max(1, told + unparsed)), reason }
}

/** Why the server refused, in its own words: one line, at most 300 characters, safe to log. */
export const errorText = (body: string): string => shortened(fullText(body))

/** The `error` of the JSON body, or its `message` (InfluxDB 2.x), else the body as it is. */
function fullText(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null) return body
    if ('error' in parsed) return String(parsed.error)
    if ('message' in parsed) return String(parsed.message)
  } catch {
    // A proxy's page, or JSON that we cut because it was long: the text itself is the best reason there is.
  }
  return body.replace(/^\s*\{"error":"/, '')
}

function shortened(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
  // The end holds the count of dropped points.
  return line.length <= 300 ? line : `${line.slice(0, 200)} … ${line.slice(-97)}`
}
