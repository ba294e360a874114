/** Where InfluxDB 1.x is and how we log in. `token` is for servers that take `Authorization: Token`. */
export interface InfluxSettings {
  readonly url: string
  readonly database: string
  readonly username?: string
  readonly password?: string
  readonly token?: string
  /** Days that samples are kept; absent: the server's own default policy is left as it is. */
  readonly retentionDays?: number
  /** Whether a policy that differs is changed, and ours made the default one; else it is only told. Default yes. */
  readonly alterRetention?: boolean
  /** Certificates, PEM, of the authorities that may vouch for an https server, instead of the usual ones. */
  readonly ca?: string
  /** Compress what is written: a quarter of the bytes for twice the work; default no. */
  readonly gzip?: boolean
  /** Limit of each request, ms; default 10 s. */
  readonly timeoutMs?: number
}

export const requestTimeoutMs = (settings: InfluxSettings): number => settings.timeoutMs ?? 10_000

/** Value of the Authorization header; undefined without credentials. */
export function authorization({ username, password, token }: InfluxSettings): string | undefined {
  if (token !== undefined) return `Token ${token}`
  if (username === undefined) return undefined
  return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
}

/** The address of a path under the base URL, which may have a path of its own (a reverse proxy). */
export function influxUrl(settings: InfluxSettings, path: string): URL {
  const url = new URL(settings.url)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  url.username = ''
  url.password = ''
  return url
}
