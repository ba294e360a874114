import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import type { App } from '../app.ts'
import type { DemoNetwork, DemoOptions } from '../demo/start-demo.ts'
import { messageOf } from '../platform/errors.ts'
import type { RunDeps } from './run.ts'

export interface DemoDeps extends Pick<RunDeps, 'startApp' | 'terminal'> {
  readonly startDemoNetwork: (options: DemoOptions) => Promise<DemoNetwork>
  readonly clock: DemoOptions['clock']
  readonly log: DemoOptions['log']
}

// The port that the documentation names, and a few more for a machine where it is taken.
const ports = [8080, 8081, 8082, 8083, 8084]

/** Starts the demo network and a daemon that watches it, in `data/demo` under the current folder. */
export async function startDemo(deps: DemoDeps): Promise<App> {
  const { terminal, clock, log } = deps
  const directory = resolve('data/demo')
  const listen = `127.0.0.1:${await freePort(ports)}`
  const demo = await deps.startDemoNetwork({ clock, log, directory, listen })
  try {
    const app = await deps.startApp(demo.config)
    demo.startStory(app.url)
    terminal.out('This is the demo: a simulated network on this machine. Ctrl-C stops it.')
    terminal.out(`Mail to its customers is written to ${resolve(directory, 'mailbox')}`)
    return { url: app.url, close: async () => [...(await app.close()), ...(await closed(demo))] }
  } catch (error) {
    await demo.close()
    throw error
  }
}

const closed = (demo: DemoNetwork): Promise<readonly Error[]> =>
  demo.close().then(
    () => [],
    (error: unknown) => [new Error(`closing demo network: ${messageOf(error)}`, { cause: error })],
  )

/** The first that nobody listens on; 0, which means any, when all are taken. */
async function freePort(wanted: readonly number[]): Promise<number> {
  for (const port of wanted) {
    const server = createServer().listen(port, '127.0.0.1')
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (free) await new Promise((done) => server.close(done))
    if (free) return port
  }
  return 0
}
