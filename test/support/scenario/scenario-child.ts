import './stop-at-writes.ts'
import { join } from 'node:path'
import { type App, startApp } from '../../../src/app.ts'
import { ManualClock } from '../manual-clock.ts'
import { readScenario } from './parse-scenario.ts'
import { configOf } from './scenario-config.ts'
import { World } from './world.ts'
import { createWorldProbes } from './world-probes.ts'

/** What the parent says: start a daemon on a folder at a time, let so much time pass, or close it. */
export type ChildRequest =
  | { readonly kind: 'start'; readonly folder: string; readonly now: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'close' }

export type ChildReply =
  | { readonly kind: 'started'; readonly url: string }
  | { readonly kind: 'advanced' }
  | { readonly kind: 'closed'; readonly problems: readonly string[] }

/**
 * The daemon as a process of its own, in a world that a scenario describes, by a clock that its parent drives:
 * `node scenario-child.ts SCENARIO`. When it is killed the world goes on without it. One after another it can be several
 * daemons, each on a folder of its own: that saves starting a process for each.
 */
const [file = ''] = process.argv.slice(2)
const scenario = readScenario(file)
const events = scenario.happenings.flatMap((one) =>
  one.kind === 'world' ? [{ at: scenario.startAt + one.at, event: one.event }] : [],
)
let clock = new ManualClock(0)
let app: App | undefined

async function start(folder: string, now: number): Promise<ChildReply> {
  const config = await configOf(scenario, {
    'server.listen': '127.0.0.1:0',
    'state.path': join(folder, 'state.db'),
    samples: { kind: 'embedded', path: join(folder, 'samples') },
    'spool.path': join(folder, 'spool'),
    'notify.channels.post.path': join(folder, 'mailbox'),
  })
  clock = new ManualClock(now)
  const world = new World(scenario.network, events, scenario.startAt - scenario.warmUpMs)
  const probes = createWorldProbes(world, config.poll, clock)
  app = await startApp(config, { clock, polling: 'here', probes: async () => probes.scheduled() })
  return { kind: 'started', url: app.url }
}

/** Until all that was begun with files is done: that takes real time, which the manual clock knows nothing of. */
async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    await new Promise((resolve) => setImmediate(resolve))
    const busy = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))
    quiet = busy ? 0 : quiet + 1
  }
}

async function close(): Promise<ChildReply> {
  const closing = app?.close() ?? Promise.resolve([])
  const interval = setInterval(() => void clock.advance(100), 1)
  const problems = await closing
  clearInterval(interval)
  return { kind: 'closed', problems: problems.map(String) }
}

async function carryOut(request: ChildRequest): Promise<ChildReply> {
  if (request.kind === 'start') return start(request.folder, request.now)
  if (request.kind === 'close') return close()
  await clock.advance(request.ms)
  await settled()
  return { kind: 'advanced' }
}

process.on('message', async (request: ChildRequest) => {
  process.send?.(await carryOut(request))
})
