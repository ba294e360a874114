import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface DaemonOptions extends Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'> {
  /** Signals go to the program and all that it started, as Ctrl-C in a terminal does. */
  readonly group?: boolean
  /** Given up when there is no address by then, ms. */
  readonly limitMs?: number
}

export interface DaemonProcess extends AsyncDisposable {
  /** The printed address of the console. */
  readonly url: string
  readonly pid: number
  /** From the start of the process to the printed address, ms. */
  readonly startedInMs: number
  /** Everything that it has written so far. */
  output(): string
  get<T>(path: string): Promise<T>
  /** Answers of 400 and up are an error, as with `get`. */
  post<T>(path: string, body: object): Promise<{ readonly status: number; readonly body: T }>
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly ms: number }>
}

/** Starts Faultline as a program of its own and waits until it says where its console is. */
export async function startDaemonProcess(
  command: string,
  args: readonly string[],
  { group = false, limitMs = 30_000, ...options }: DaemonOptions = {},
): Promise<DaemonProcess> {
  const startedAt = performance.now()
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: group })
  let output = ''
  const address = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => {
        output += text
        const [, url] = /^Faultline(?: demo)?: (http\S+)$/m.exec(output) ?? []
        if (url !== undefined) resolve(url)
      })
    }
  })
  const gone = once(child, 'exit')
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  const send = (signal: NodeJS.Signals) => {
    if (isGone() || child.pid === undefined) return
    if (group) process.kill(-child.pid, signal)
    else child.kill(signal)
  }
  const end = async (signal: NodeJS.Signals) => {
    const from = performance.now()
    send(signal)
    if (!isGone()) await gone
    return { code: child.exitCode, ms: performance.now() - from }
  }
  const died = gone.then(([code, signal]) => {
    throw new Error(`the daemon ended with ${code ?? signal}:\n${output}`)
  })
  const url = await Promise.race([address, died, rejectedAfter(limitMs, () => output)]).catch(
    async (error: unknown) => {
      await end('SIGKILL')
      throw error
    },
  )
  died.catch(() => undefined) // it ends one day, and that is right

  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(new URL(path, url), { ...init, signal: AbortSignal.timeout(10_000) })
    const text = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
    return { status: response.status, body: JSON.parse(text) }
  }
  return {
    url,
    pid: child.pid ?? 0,
    startedInMs: performance.now() - startedAt,
    output: () => output,
    get: async (path) => (await ask(path)).body,
    post: (path, body) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    end,
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
    },
  }
}

const rejectedAfter = (ms: number, output: () => string) =>
  new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no address after ${ms} ms:\n${output()}`)), ms).unref()
  })
