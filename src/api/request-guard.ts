import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { FaultlineError } from '../platform/errors.ts'

/** True for 127.0.0.0/8, ::1 and `localhost`. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '')
  if (isIP(bare) === 4) return bare.startsWith('127.')
  return bare === '::1' || bare.toLowerCase() === 'localhost'
}

const hostnameOf = (host: string): string | undefined => {
  const [, name] = /^(\[[0-9a-f:.]+\]|[^:/@\s]+)(?::\d{1,5})?$/i.exec(host) ?? []
  return name
}

/**
 * A web page may point its own name at 127.0.0.1 and so reach an API that trusts the machine (DNS rebinding): the Host
 * header tells which name was used, so it must be a loopback one, or that of our public address.
 * @throws FaultlineError FORBIDDEN.
 */
export function checkHost(request: IncomingMessage, publicUrl: string | undefined): void {
  const host = request.headers.host ?? ''
  const name = hostnameOf(host)
  if (name !== undefined && isLoopback(name)) return
  if (publicUrl !== undefined && host.toLowerCase() === new URL(publicUrl).host.toLowerCase()) return
  throw new FaultlineError(
    'FORBIDDEN',
    'While no API token is asked for, this API answers only under the name localhost, 127.0.0.1 or [::1].',
  )
}

/** Headers by which a proxy says for whom it asks, or that it is one. */
const proxyHeaders = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]

/** The request was made on this machine, and not by a proxy that passes on what comes from elsewhere. */
export const cameFromHere = (request: IncomingMessage): boolean =>
  isLoopback(request.socket.remoteAddress ?? '') &&
  !proxyHeaders.some((header) => request.headers[header] !== undefined)

/**
 * Refuses a change that another site's page makes in the name of whoever looks at it (CSRF). Browsers send Origin with
 * every such request; programs send none.
 * @throws FaultlineError FORBIDDEN.
 */
export function checkOrigin(request: IncomingMessage, publicUrl: string | undefined): void {
  const { origin, host = '' } = request.headers
  const site = request.headers['sec-fetch-site']
  const foreign =
    (origin !== undefined && !isOurs(origin, host, publicUrl)) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none')
  if (foreign) throw new FaultlineError('FORBIDDEN', 'Changes are not taken from the pages of another site.')
}

function isOurs(origin: string, host: string, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const asked = new URL(origin).host
  return asked === host.toLowerCase() || (publicUrl !== undefined && asked === new URL(publicUrl).host)
}
