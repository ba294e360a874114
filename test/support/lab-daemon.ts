import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { eventually } from './eventually.ts'
import type { Lab, LabNode } from './lab.ts'

const root = resolve(import.meta.dirname, '../..')

/** Asks over a Unix socket that stands for an address in a namespace. */
function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; text: string }> {
  return new Promise((answer, fail) => {
    const headers = { host: '127.0.0.1:8080', 'content-type': 'application/json' }
    const call = request({ socketPath, method, path, headers, timeout: 10_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => answer({ status: response.statusCode ?? 0, text }))
    })
    call.on('error', fail)
    call.on('timeout', () => call.destroy(new Error(`${method} ${path} took too long`)))
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

export interface LabDaemon {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object): Promise<T>
  /** InfluxQL, as text of the answer. */
  influx(query: string): Promise<string>
  /** The messages that customers got, oldest first. */
  mailbox(): readonly string[]
  readonly log: readonly string[]
  stop(): Promise<number | null>
  [Symbol.asyncDispose](): Promise<void>
}

/** A real InfluxDB and the daemon, both in a node of the laboratory. */
export async function startLabDaemon(
  lab: Lab,
  node: LabNode,
  config: (folder: string) => object,
): Promise<LabDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-daemon-'))
  const mailbox = join(folder, 'mailbox')
  mkdirSync(mailbox)
  writeFileSync(join(folder, 'faultline.yaml'), stringify(config(folder)))
  lab.spawn(node, 'influxd', ['run'], {
    PATH: process.env.PATH,
    INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:8086',
    INFLUXDB_BIND_ADDRESS: '127.0.0.1:8088',
    INFLUXDB_META_DIR: join(folder, 'meta'),
    INFLUXDB_DATA_DIR: join(folder, 'data'),
    INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
    INFLUXDB_REPORTING_DISABLED: 'true',
    INFLUXDB_HTTP_LOG_ENABLED: 'false',
  })
  const log: string[] = []
  const daemon = lab.spawn(node, process.execPath, [
    '--disable-warning=ExperimentalWarning',
    join(root, 'src', 'main.ts'),
    'run',
    '--config',
    join(folder, 'faultline.yaml'),
  ])
  for (const stream of [daemon.stdout, daemon.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => log.push(text))
  }
  const sockets = { api: join(folder, 'api.sock'), influx: join(folder, 'influx.sock') }
  for (const [path, port] of [
    [sockets.api, '8080'],
    [sockets.influx, '8086'],
  ] as const) {
    lab.spawn(node, process.execPath, [join(root, 'test/support/socket-forward.mjs'), path, port])
  }

  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const { status, text } = await ask(sockets.api, method, path, body)
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`)
    return JSON.parse(text)
  }
  const stop = async () => {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      const gone = once(daemon, 'exit')
      daemon.kill('SIGTERM')
      await gone
    }
    return daemon.exitCode
  }

  const started = eventually('the daemon to answer', () => call<object>('GET', '/healthz'), 30_000)
  const died = once(daemon, 'exit').then(() => {
    throw new Error(`the daemon ended:\n${log.join('')}`)
  })
  await Promise.race([started, died])
  died.catch(() => undefined) // it ends one day, and that is right

  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    influx: async (query) =>
      (await ask(sockets.influx, 'GET', `/query?db=faultline&q=${encodeURIComponent(query)}`)).text,
    mailbox: () =>
      readdirSync(mailbox)
        .sort()
        .map((file) => readFileSync(join(mailbox, file), 'utf8')),
    log,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
