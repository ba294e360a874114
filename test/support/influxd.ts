import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Influxd extends AsyncDisposable {
  readonly url: string
  /** Of the process that runs now; undefined after a stop. */
  pid(): number | undefined
  /** The same data and port again after a stop. */
  start(): Promise<void>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** A real influxd with a data folder and port of its own, ready for requests. `settings` are INFLUXDB_* variables. */
export async function startInfluxd(settings: Readonly<Record<string, string>> = {}): Promise<Influxd> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-influxd-'))
  const [http, rpc] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${http}`
  let child: ChildProcess | undefined

  const start = async () => {
    const started = spawn('influxd', ['run'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH,
        INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${http}`,
        INFLUXDB_BIND_ADDRESS: `127.0.0.1:${rpc}`,
        INFLUXDB_META_DIR: join(folder, 'meta'),
        INFLUXDB_DATA_DIR: join(folder, 'data'),
        INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
        INFLUXDB_MONITOR_STORE_ENABLED: 'false',
        INFLUXDB_REPORTING_DISABLED: 'true',
        ...settings,
      },
    })
    child = started
    let said = ''
    started.stderr?.on('data', (text) => {
      said = `${said}${text}`.slice(-2_000)
    })
    const failed = Promise.race([
      once(started, 'exit').then(([code]) => `influxd ended with ${code}: ${said}`),
      once(started, 'error').then(([error]) => `influxd is not installed: ${error.message}`),
    ])
    let problem: string | undefined
    void failed.then((text) => {
      problem = text
    })
    const deadline = Date.now() + 30_000
    while (!(await answers(`${url}/ping`))) {
      if (problem !== undefined) throw new Error(problem)
      if (Date.now() > deadline) throw new Error(`influxd did not answer in 30 s: ${said}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    running.kill(signal)
    await ended
  }

  await start()
  return {
    url,
    pid: () => child?.pid,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The reply to one InfluxQL statement, past our own store. */
export async function askInfluxd(url: string, database: string, statement: string): Promise<InfluxReply> {
  const query = new URLSearchParams({ db: database, epoch: 'ms', q: statement })
  const response = await fetch(`${url}/query`, { method: 'POST', body: query })
  const answer = (await response.json()) as { results?: Partial<InfluxReply>[]; error?: string }
  const [result] = answer.results ?? []
  const error = answer.error ?? result?.error
  return { series: result?.series ?? [], ...(error === undefined ? {} : { error }) }
}

export interface InfluxReply {
  readonly series: readonly {
    readonly name: string
    readonly tags?: Readonly<Record<string, string>>
    readonly columns: readonly string[]
    readonly values: readonly (readonly (string | number | null)[])[]
  }[]
  readonly error?: string
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ status }) => status === 204,
    () => false,
  )

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
